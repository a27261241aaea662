/**
 * `npm run check:clients`: follows docs/clients.md. Installs the generators in a temporary folder, runs the commands of
 * the page, compiles its programs under `strict`, and runs them against `npm run sandbox`. Needs the npm registry.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePorts, start } from './processes.ts'

const page = readFileSync('docs/clients.md', 'utf8')
const versions = [...page.matchAll(/((?:@[\w-]+\/)?(?:openapi-[\w-]+|orval|swagger-typescript-api)) (\d+\.\d+\.\d+)/g)]
  .map(([, name, version]) => `${name}@${version}`)
const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-clients-'))
const [port, sandboxPort] = await freePorts(2) as [number, number]
const here = (text: string): string => text.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)

/**
 * The files that are generated from the document. The type `any` in them would mean that the document leaves something
 * open.
 */
const GENERATED = ['usage-types.ts', 'hey-api/types.gen.ts', 'hey-api/sdk.gen.ts', 'orval.ts']

/**
 * The most milliseconds for the install of the generators. The first one on a slow line takes more than five minutes.
 */
const INSTALL_MS = 900_000

function run (file: string, args: readonly string[], { cwd = folder, timeout = 180_000 } = {}): void {
  console.log(`$ ${file} ${args.join(' ')}`)
  execFileSync(file, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], timeout })
}

const sandbox = start('npm', ['run', 'sandbox'], { env: { PORT: String(port), SANDBOX_PORT: String(sandboxPort) } })
try {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...versions], { timeout: INSTALL_MS })
  await sandbox.prints(/Stop with Ctrl-C/, 300_000)
  const programs: string[] = []
  for (const [, language, code = ''] of page.matchAll(/```(sh|ts|js)\n([\s\S]*?)```/g)) {
    if (language === 'sh') run('sh', ['-ec', here(code)])
    else {
      const name = /^\/\/ (\S+)/.exec(code)?.[1] ?? ''
      writeFileSync(join(folder, name), here(code))
      if (name.startsWith('with-')) programs.push(name)
    }
  }
  run(resolve('node_modules/.bin/tsc'), [
    '--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--target', 'es2022',
    '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable', '--types', 'node',
    '--typeRoots', resolve('node_modules/@types'), ...programs
  ])
  for (const name of GENERATED) {
    const code = readFileSync(join(folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'|"[^"\n]*"/gm, '')
    if (/\bany\b/.test(code)) throw new Error(`${name} has the type any`)
  }
  for (const program of programs) {
    const output = join(folder, `${program}.mjs`)
    run(resolve('node_modules/.bin/esbuild'), [program, '--bundle', '--platform=node', '--format=esm',
      '--log-level=warning', `--outfile=${output}`])
    run(process.execPath, [output], { cwd: process.cwd() })
  }
  console.log(`The ${programs.length} programs of docs/clients.md work.`)
} finally {
  sandbox.kill()
  rmSync(folder, { recursive: true, force: true })
}
