import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

/** `npm run build:test`: compiles the tests and what they test into `build/`, and groups them for `test/run.js`. */

const SOURCES = ['routes', 'schemas', 'src', 'test', 'sandbox/src', 'sandbox/test', 'clients/typescript/src']
/**
 * Packages that have some hundred files together, bundled into a few that all compiled files share: so a process loads
 * the service in half the time.
 */
const BUNDLED = /^(?:@fastify\/(?!swagger-ui)[\w-]+|fastify|fastify-plugin|hucre|prom-client|typebox|undici)(?:\/|$)/
/** Packages in CommonJS load modules of Node.js with it. */
const REQUIRE =
  "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url)"
/** Tests start these as processes or worker threads. Bundled as they ship, they start in a third of the time. */
const PROGRAMS = [
  'sandbox/src/main.ts',
  'src/check-config.ts',
  'src/demo.ts',
  'src/health-check.ts',
  'src/keys.ts',
  'src/server.ts',
  'src/table-worker.ts',
  'test/crash-server.ts',
  'test/store/contender.ts',
  'test/table-worker.ts'
]
/**
 * Tests that run in one process, by the beginning of their path: to start a process and to load the service costs more
 * than most of them do. The first group that fits a test has it. The rest of a folder of SHARED is a group of its own,
 * and so is each of its folders. Every other test has a process for itself, above all those that look at their process
 * or end it. No group may take longer than a fifth of `npm test`.
 */
const GROUPS = [
  ['canaries-of-faults', 'contract/canaries-of-faults.'],
  ['client-watching', 'client/', 'watching/'],
  ['closing', 'closing/', 'limits/', 'streaming/'],
  ['crash-random', 'crash/publishing.', 'crash/random-kills.'],
  ['faults-writes', 'faults/writes-'],
  ['http-answers', 'http/list-', 'http/send-', 'http/answer-', 'http/errors.', 'http/raw-'],
  ['idempotency', 'idempotency/', 'observability/', 'publishing/', 'routes/idempotency/'],
  ['routes', 'routes/catalogue/', 'routes/products/', 'routes/reconciliations/', 'routes/usage-aggregates/',
    'routes/usage-chunks/', 'routes/usage-records/'],
  ['sandbox', 'sandbox/'],
  ['settings', 'callers-file.', 'check-config.', 'config', 'console/', 'credentials/', 'keys', 'schemas/', 'secrets.',
    'usage/'],
  ['smoke', 'smoke/connect-document.', 'smoke/demo.', 'smoke/server'],
  ['store', 'store/'],
  ['tables', 'tables/agreement.', 'tables/artefacts.', 'tables/check.', 'tables/csv.', 'tables/digest.',
    'tables/fill-billing.', 'tables/json.', 'tables/limits.', 'tables/plain-cell.', 'tables/read-', 'tables/write',
    'tables/xml-scanner.']
]
const SHARED = ['connect', 'contract', 'faults', 'fuzz', 'http', 'routes', 'uploads']
/** These measure their process, or load OpenTelemetry into it. */
const ALONE = ['faults/slope.test.ts', 'observability/tracing.test.ts', 'limits/garbage.test.ts']
/** Each with the name that its groups begin with. */
const TESTS = [{ folder: 'test', prefix: '' }, { folder: 'sandbox/test', prefix: 'sandbox/' }]

// Compiled from a file that is gone since, a test would still run.
rmSync('build', { recursive: true, force: true })
await compile(SOURCES.flatMap(folder => filesIn(folder, '.ts')).filter(isModule))
execFileSync('npm', ['run', '-s', 'bundle', '--', ...PROGRAMS, '--outdir=build'], { stdio: 'inherit' })
execFileSync('npm', ['run', '-s', 'bundle:console', '--', '--outdir=build/console'], { stdio: 'inherit' })
writeGroups()

/** The console's code runs in a browser alone: no test imports it, and the coverage of the tests leaves it out. */
function isModule (file) {
  return !PROGRAMS.includes(file) && !file.startsWith('src/console/browser/')
}

/** Removes the types, file by file. `npm run typecheck` checks them. */
async function compile (files) {
  await build({
    entryPoints: files,
    outdir: 'build',
    outbase: '.',
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    chunkNames: 'packages/[hash]',
    banner: { js: REQUIRE },
    treeShaking: false,
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    plugins: [{ name: 'one file for one file', setup: leaveImports }]
  })
}

/** Every import stays an import, of the compiled file where it names a file of ours, but for packages of BUNDLED. */
function leaveImports ({ onResolve }) {
  onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
    const isBundled = BUNDLED.test(path) || importer.includes('/node_modules/')
    if (kind === 'entry-point' || isBundled) return undefined
    return { path: path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path, external: true }
  })
}

/** Writes what `test/run.js` runs: a file for each process, which imports the tests of its group. */
function writeGroups () {
  const imports = new Map()
  for (const { folder, prefix } of TESTS) {
    for (const file of filesIn(folder, '.test.ts')) {
      const group = groupOf(prefix + relative(folder, file))
      imports.set(group, `${imports.get(group) ?? ''}import '../${file.replace(/ts$/, 'js')}'\n`)
    }
  }
  mkdirSync('build/groups')
  for (const [group, text] of imports) writeFileSync(join('build/groups', `${group}.test.js`), text)
}

function filesIn (folder, ending) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => join(folder, name))
}

/** Of `routes/usage-files/x.test.ts` it is `routes-usage-files`; of one with a process of its own, its whole name. */
function groupOf (file) {
  const isAlone = ALONE.includes(file)
  const [group] = GROUPS.find(([, ...beginnings]) => beginnings.some(text => file.startsWith(text))) ?? []
  if (group !== undefined && !isAlone) return group
  const isShared = SHARED.includes(file.split('/', 1)[0]) && !isAlone
  return (isShared ? dirname(file) : file.replace(/\.test\.ts$/, '')).replaceAll('/', '-')
}
