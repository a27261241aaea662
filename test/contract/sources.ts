import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface Import {
  /** The importing file, from the repository's root: `src/app.ts`. */
  from: string
  /** A file from the root, a package's name, or `node:…`. */
  to: string
  kind: 'file' | 'package' | 'node'
  /** Gone after compilation. */
  isTypeOnly: boolean
}

/** The TypeScript files under the folders, from the repository's root, where tests run. */
export function sourceFiles (...folders: readonly string[]): string[] {
  return folders.flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => posix.join(folder, name))).sort()
}

const STATEMENT = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm

export function importsOf (path: string): Import[] {
  return [...readFileSync(path, 'utf8').matchAll(STATEMENT)].map(([, type, from, bare, dynamic]) =>
    resolve(path, from ?? bare ?? dynamic ?? '', type !== undefined))
}

function resolve (from: string, specifier: string, isTypeOnly: boolean): Import {
  if (specifier.startsWith('.')) {
    return { from, to: posix.join(posix.dirname(from), specifier), kind: 'file', isTypeOnly }
  }
  if (specifier.startsWith('node:')) return { from, to: specifier, kind: 'node', isTypeOnly }
  const parts = specifier.split('/')
  return { from, to: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/'), kind: 'package', isTypeOnly }
}
