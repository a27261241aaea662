/**
 * `npm run check:client`: packs the client, installs the package in an empty folder without a registry, compiles the
 * examples of its README there under `strict`, for Node.js and for browsers, and runs them against the service with its
 * sandbox Connect. Needs `npm run -s build`, the bundle of src/demo.ts, and the build of the sandbox.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePorts, start } from './processes.ts'

const IS_PACKED = /^(?:dist\/.+\.(?:js|d\.ts)|LICENSE|README\.md|package\.json)$/
const MUST_BE_PACKED = ['dist/browser.js', 'dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md', 'package.json']
/** What the last line that an example prints must match, for each example that is run. */
const LAST_LINES: Readonly<Record<string, RegExp>> = { 'journey.ts': /^The file is closed\.$/, 'failures.ts': /^2 / }

const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-client-'))
const [port, sandboxPort] = await freePorts(2) as [number, number]
const service = start(process.execPath, ['dist/src/demo.js'], {
  env: { PORT: String(port), SANDBOX_PORT: String(sandboxPort), SANDBOX_PROCESSING_MS: '100' }
})
try {
  install()
  const examples = writeExamples()
  compile(examples.filter(name => !name.startsWith('in-a-browser')), { lib: ['es2023'], types: ['node'] })
  compile(examples.filter(name => name.startsWith('in-a-browser')), { lib: ['es2023', 'dom'], types: [] })
  await service.prints(/Stop with Ctrl-C/)
  for (const [name, lastLine] of Object.entries(LAST_LINES)) {
    const output = run(process.execPath, [name.replace(/ts$/, 'js')])
    process.stdout.write(output)
    if (!lastLine.test(output.trimEnd().split('\n').at(-1) ?? '')) throw new Error(`${name} did not end as it should`)
  }
  console.log(`${process.version}: the package of the client works, and so do the examples of its README.`)
} finally {
  service.kill()
  rmSync(folder, { recursive: true, force: true })
}

function run (command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 })
}

/**
 * Packs and installs the client. The packages that it needs are packed, too, so that no registry is asked. Throws when
 * the package has a wrong file or lacks one.
 */
function install (): void {
  run('npm', ['run', '-s', 'build', '-w', 'clients/typescript'], '.')
  const packages = ['clients/typescript', 'node_modules/openapi-fetch', 'node_modules/openapi-typescript-helpers']
    .map(path => JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder, `./${path}`], '.')) as Packed[])
    .map(([packed]) => packed!)
  const files = packages[0]!.files.map(({ path }) => path)
  const faults = [
    ...files.filter(path => !IS_PACKED.test(path)).map(path => `${path} is in the package`),
    ...MUST_BE_PACKED.filter(path => !files.includes(path)).map(path => `${path} is not in the package`)
  ]
  if (faults.length > 0) throw new Error(faults.join('; '))
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...packages.map(({ filename }) => `./${filename}`)])
}

interface Packed { filename: string, files: ReadonlyArray<{ path: string }> }

/**
 * Writes the examples of the README into the folder, and gives the names of their files. The first line of each example
 * is a comment with its name.
 */
function writeExamples (): string[] {
  const page = readFileSync('clients/typescript/README.md', 'utf8').replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
  return [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => {
    writeFileSync(join(folder, name), code)
    return name
  })
}

function compile (
  examples: readonly string[], { lib, types }: { lib: readonly string[], types: readonly string[] }
): void {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      // Faults in the types of Node.js do not count.
      skipLibCheck: types.length > 0,
      target: 'es2022',
      module: 'nodenext',
      lib,
      types,
      typeRoots: [resolve('node_modules/@types')]
    },
    files: examples
  }))
  run(resolve('node_modules/.bin/tsc'), ['-p', '.'])
}
