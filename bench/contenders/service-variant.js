/**
 * The service with something taken out, to see what it costs. A copy of what was compiled, with a few words replaced;
 * throws when the words are no longer there, so that a variant cannot become the service itself unnoticed.
 */
import { cpSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { home } from '../lib/process.js'
import { root, startService } from './service.js'

/**
 * @param {string} upstream
 * @param {{ name: string, edits?: [string, string | RegExp, string][], flags?: string[], env?: Record<string, string> }} variant
 *   edits: file below dist/, what is replaced, by what
 */
export async function startVariant (upstream, { name, edits = [], flags, env = {} }) {
  const cwd = join(home, `variant-${name.replace(/\W+/g, '-')}`)
  mkdirSync(cwd)
  cpSync(join(root, 'dist'), join(cwd, 'dist'), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(cwd, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  for (const [file, from, to] of edits) {
    const path = join(cwd, 'dist', file)
    const text = readFileSync(path, 'utf8')
    const edited = text.replace(from, to)
    if (edited === text) throw new Error(`the variant ${name}: ${file} has no ${from}`)
    writeFileSync(path, edited)
  }
  return await startService(upstream, { name, cwd, ...(flags !== undefined && { flags }), env })
}

/** The serialisers that Fastify compiles from the response schemas, and no flags of V8: what the list target compares with. */
export const WITH_SERIALISER = {
  name: 'service with Fastify\'s serialiser, no V8 flags',
  edits: [['src/app.js', /, buildSerializer: .*JSON\.stringify/, '']],
  flags: ['--enable-source-maps']
}
