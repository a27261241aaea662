/**
 * The service with something taken out, to see what it costs. A copy of the sources, with a few words replaced,
 * bundled; throws when the words are no longer there, so that a variant cannot become the service itself unnoticed.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { home } from '../lib/process.js'
import { root, startService } from './service.js'

/**
 * @param {string} upstream
 * @param {{ name: string, edits?: [string, string | RegExp, string][], env?: Record<string, string> }} variant   edits:
 * source file, what is replaced, by what
 */
export async function startVariant (upstream, { name, edits = [], env = {} }) {
  const cwd = join(home, `variant-${name.replace(/\W+/g, '-')}`)
  mkdirSync(cwd)
  for (const name of ['src', 'routes', 'schemas', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(cwd, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  for (const [file, from, to] of edits) {
    const path = join(cwd, file)
    const text = readFileSync(path, 'utf8')
    const edited = text.replace(from, to)
    if (edited === text) throw new Error(`the variant ${name}: ${file} has no ${from}`)
    writeFileSync(path, edited)
  }
  execFileSync('npm', ['run', '-s', 'bundle', '--', 'src/server.ts', 'src/table-worker.ts'], { cwd })
  return await startService(upstream, { name, cwd, env })
}
