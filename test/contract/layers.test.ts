import { readFileSync } from 'node:fs'
import t from 'tap'
import { importsOf, sourceFiles, type Import } from './sources.ts'
import { MAY_IMPORT } from './may-import.ts'

/** The processes: nothing else may know the environment, exit, or listen to signals. */
const PROCESSES = [
  'src/server.ts',
  'src/demo.ts',
  'src/check-config.ts',
  'src/health-check.ts',
  'src/keys.ts',
  'src/openapi.ts',
  'sandbox/src/main.ts',
  'sandbox/src/samples/fill-billing.ts'
]

const files = sourceFiles('src', 'routes', 'schemas', 'sandbox/src', 'clients/typescript/src')
const imports = files.flatMap(importsOf)

function layerOf (path: string): string {
  if (isBrowser(path)) return 'src/console/browser'
  return path.split('/').slice(0, path.startsWith('src/') ? 2 : 1).join('/')
}

function isBrowser (path: string): boolean {
  return path.startsWith('src/console/browser/')
}

function isAllowed ({ from, to, kind, isTypeOnly }: Import): boolean {
  const [importer, imported] = [layerOf(from), kind === 'file' ? layerOf(to) : to]
  if (kind === 'node' || importer === imported) return true
  const rule = MAY_IMPORT[importer]
  return (
    rule !== undefined &&
    (rule.values.includes(imported) ||
      rule.values.includes(to) ||
      (isTypeOnly && rule.types?.includes(imported) === true))
  )
}

t.test('every file imports only what its layer may import', async (t) => {
  t.ok(imports.length > 200, 'the imports were found')
  t.same(imports.filter(one => !isAllowed(one)).map(({ from, to }) => `${from} imports ${to}`), [])
})

t.test('no layer may import what it does not', async (t) => {
  for (const [layer, { values, types = [] }] of Object.entries(MAY_IMPORT)) {
    const own = imports.filter(({ from }) => layerOf(from) === layer)
    const isUsed = (name: string): boolean =>
      own.some(({ to, kind }) => to === name || (kind === 'file' && layerOf(to) === name))
    t.same([...values, ...types].filter(name => !isUsed(name)), [], layer)
  }
})

t.test('docs/architecture.md says what each folder may import', async (t) => {
  const rows = readFileSync('docs/architecture.md', 'utf8')
    .split('\n| --- | --- | --- |\n')[1]!.split('\n\n')[0]!.split('\n')
  let compared = 0
  for (const row of rows) {
    const [folders = '', , mayImport = ''] = row.split('|').slice(1, -1).map(cell => cell.trim())
    for (const [, layer = ''] of folders.matchAll(/\]\(\.\.\/([^)]+)\)/g)) {
      if (MAY_IMPORT[layer] === undefined || layer === 'src/app.ts') continue
      compared += 1
      t.same(mayImport.split(', ').filter(name => name !== '').sort(), shownImports(layer).sort(), layer)
    }
  }
  t.ok(compared > 15, 'the rows were found')
})

/** What the page shows of the rule for a layer: no packages, and not the files that all folders may import. */
function shownImports (layer: string): string[] {
  const common = ['src/media-types.ts', 'src/secrets.ts', 'src/version.ts']
  return MAY_IMPORT[layer]!.values
    .filter(name => /^(?:src|routes|schemas)/.test(name) && !common.includes(name))
    .map(name => name.replace(/^src\//, '').replace(/^.*\.ts$/, '`$&`'))
}

t.test('the pure layers do no I/O', async (t) => {
  const pure = ['src/usage/', 'src/errors/', 'schemas/']
  const isBad = ({ from, to, kind, isTypeOnly }: Import): boolean =>
    kind === 'node' &&
    !isTypeOnly &&
    pure.some(layer => from.startsWith(layer)) &&
    !['node:crypto', 'node:stream'].includes(to)
  t.same(imports.filter(isBad).map(({ from, to }) => `${from} imports ${to}`), [])
})

t.test('no folder depends on itself by way of others', async (t) => {
  const needs = new Map<string, Set<string>>()
  for (const { from, to, kind } of imports) {
    if (kind !== 'file' || layerOf(from) === layerOf(to)) continue
    needs.set(layerOf(from), (needs.get(layerOf(from)) ?? new Set()).add(layerOf(to)))
  }
  const cycles: string[] = []
  const walk = (layer: string, path: readonly string[]): void => {
    if (path.includes(layer)) cycles.push([...path.slice(path.indexOf(layer)), layer].join(' > '))
    else for (const next of needs.get(layer) ?? []) walk(next, [...path, layer])
  }
  for (const layer of needs.keys()) walk(layer, [])
  t.same(cycles, [])
})

t.test('only the processes use `process`', async (t) => {
  const bad = files.filter(
    path => !PROCESSES.includes(path) && /\bprocess\.(?!hrtime|memoryUsage)\w+/.test(withoutComments(path))
  )
  t.same(bad, [])
})

t.test('undici, jose, prom-client, the stores and the workbook library are each imported by one folder', async (t) => {
  const homes: Readonly<Record<string, string>> = {
    undici: 'src/connect/',
    jose: 'src/credentials/',
    hucre: 'sandbox/src/',
    ioredis: 'src/store/',
    lmdb: 'src/store/',
    'prom-client': 'src/observability/'
  }
  for (const [name, home] of Object.entries(homes)) {
    t.same(imports.filter(({ from, to }) => to === name && !from.startsWith(home)).map(({ from }) => from), [], name)
  }
})

t.test('every imported package is declared, and every declared package is imported', async (t) => {
  const { dependencies, devDependencies, optionalDependencies } = packageOf('package.json')
  const sandbox = packageOf('sandbox/package.json').dependencies
  const client = packageOf('clients/typescript/package.json').dependencies
  const used = (isHere: (path: string) => boolean): string[] =>
    [...new Set(imports.filter(({ kind, from }) => kind === 'package' && isHere(from)).map(({ to }) => to))].sort()
  const isSandbox = (path: string): boolean => path.startsWith('sandbox/')
  const isClient = (path: string): boolean => path.startsWith('clients/')
  t.same(
    used(path => !isSandbox(path) && !isClient(path) && !isBrowser(path)),
    Object.keys({ ...dependencies, ...optionalDependencies }).sort(),
    'dependencies of the service'
  )
  t.same(used(isSandbox), Object.keys(sandbox).sort(), 'dependencies of the sandbox')
  t.same(used(isClient), Object.keys(client).sort(), 'dependencies of the client')
  t.same(
    used(isBrowser).filter(name => devDependencies[name] === undefined), ['@connect-usage-bff/client'],
    'what the console bundles is there for the build alone'
  )
  const declared = { ...dependencies, ...devDependencies, ...sandbox }
  const forTests = sourceFiles('test', 'sandbox/test')
    .flatMap(importsOf)
    .filter(({ kind }) => kind === 'package')
    .map(({ to }) => to)
  t.same([...new Set(forTests)].filter(name => declared[name] === undefined), [], 'the tests\' own')
  t.same(
    Object.keys(sandbox).filter(name => dependencies[name] !== undefined && dependencies[name] !== sandbox[name]),
    [],
    'one version of each'
  )
})

t.test('nothing is exported by default', async (t) => {
  t.same(files.filter(path => /^export default\b/m.test(withoutComments(path))), [])
})

type Packages = Readonly<Record<string, string>>

function packageOf (path: string): Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Packages> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies',
    Packages
  >
}

function withoutComments (path: string): string {
  return readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}
