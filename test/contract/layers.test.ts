import { readFileSync } from 'node:fs'
import t from 'tap'
import { importsOf, sourceFiles, type Import } from './sources.ts'

/**
 * What each layer may import: layers, single files, packages; `types` is gone after compilation. Files directly in
 * `src` are layers of their own.
 */
const MAY_IMPORT: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
  routes: {
    values: [
      'schemas',
      'src/usage',
      'src/closing',
      'src/errors',
      'src/http',
      'src/limits',
      'src/media-types.ts',
      'src/observability',
      'src/tables',
      'src/version.ts',
      '@fastify/type-provider-typebox',
      'typebox'
    ],
    types: ['src/connect', 'src/streaming', 'src/config.ts', 'src/type-provider.ts', 'fastify']
  },
  schemas: { values: ['src/errors', 'src/media-types.ts', 'typebox'] },
  'src/http': {
    values: [
      'schemas',
      'src/closing',
      'src/connect',
      'src/credentials',
      'src/errors',
      'src/idempotency',
      'src/limits',
      'src/media-types.ts',
      'src/observability',
      'src/secrets.ts',
      'src/store',
      'src/streaming',
      'src/tables',
      'src/uploads',
      'src/usage/paging.ts',
      'src/usage/writes/attempt.ts',
      '@fastify/cors',
      '@fastify/multipart',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      '@fastify/under-pressure',
      'fastify-plugin',
      'helmet',
      'typebox',
      'yaml'
    ],
    types: ['src/usage', 'fastify']
  },
  'src/observability': {
    values: [
      'src/errors',
      'src/secrets.ts',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
      'fastify-plugin',
      'prom-client'
    ],
    types: ['src/closing', 'src/connect', 'src/credentials', 'src/idempotency', 'fastify', 'pino']
  },
  'src/connect': { values: ['undici', 'src/limits', 'src/media-types.ts', 'src/secrets.ts'] },
  'src/streaming': { values: ['src/errors', 'src/limits'] },
  'src/uploads': {
    values: ['src/errors', 'src/limits', 'src/media-types.ts', 'src/streaming', '@fastify/busboy'],
    types: ['fastify']
  },
  'src/usage': {
    values: ['schemas', 'src/errors', 'src/media-types.ts', 'src/connect/errors.ts', 'src/connect/redact.ts'],
    types: ['src/connect', 'src/credentials']
  },
  'src/closing': {
    values: [
      'schemas',
      'src/usage',
      'src/errors',
      'src/limits',
      'src/media-types.ts',
      'src/connect/errors.ts',
      'src/connect/redact.ts',
      'src/streaming'
    ],
    types: ['src/connect']
  },
  'src/tables': {
    values: [
      'schemas',
      'src/errors', 'src/limits', 'src/streaming', 'csv-parse', 'csv-stringify', 'piscina', 'saxes', 'yauzl'
    ]
  },
  'src/credentials': { values: ['src/limits', 'src/secrets.ts', 'jose'] },
  'src/errors': { values: ['src/secrets.ts'] },
  'src/limits': { values: ['ipaddr.js'] },
  'src/idempotency': { values: ['src/errors', 'src/store'], types: ['src/connect', 'src/usage'] },
  'src/store': { values: ['src/errors', 'src/limits', 'lmdb', 'ioredis'] },
  sandbox: { values: ['fastify', '@fastify/multipart', 'hucre'] },
  'src/config.ts': { values: ['src/credentials', 'src/errors', 'src/settings.ts'] },
  'src/settings.ts': { values: ['src/connect/http/url-allowlist.ts'] },
  'src/version.ts': { values: [] },
  'src/media-types.ts': { values: [] },
  'src/secrets.ts': { values: [] },
  'src/type-provider.ts': { values: [], types: ['@fastify/type-provider-typebox'] },
  'src/app.ts': {
    values: [
      'routes',
      'schemas',
      'src/connect',
      'src/errors',
      'src/limits',
      'src/http',
      'src/observability',
      'src/store',
      'src/version.ts',
      'fastify'
    ],
    types: ['src/config.ts', '@fastify/type-provider-typebox']
  },
  'src/serve.ts': {
    values: ['src/app.ts', 'src/credentials', 'src/errors', 'src/streaming', 'src/version.ts'],
    types: ['src/config.ts', 'fastify']
  },
  'src/server.ts': { values: ['src/config.ts', 'src/credentials', 'src/errors', 'src/serve.ts'] },
  'src/demo.ts': { values: ['src/config.ts', 'src/credentials', 'src/errors', 'src/serve.ts'] },
  'src/keys.ts': { values: ['src/credentials'] },
  'src/check-config.ts': {
    values: ['src/config.ts', 'src/connect', 'src/credentials', 'src/errors', 'src/version.ts']
  },
  'src/openapi.ts': { values: ['src/app.ts', 'src/config.ts', 'src/credentials'] },
  'src/table-worker.ts': { values: ['src/tables'] },
  'src/health-check.ts': { values: [] }
}

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

const files = sourceFiles('src', 'routes', 'schemas', 'sandbox/src')
const imports = files.flatMap(importsOf)

function layerOf (path: string): string {
  return path.split('/').slice(0, path.startsWith('src/') ? 2 : 1).join('/')
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
  const used = (isSandbox: boolean): string[] =>
    [
      ...new Set(
        imports
          .filter(({ kind, from }) => kind === 'package' && from.startsWith('sandbox/') === isSandbox)
          .map(({ to }) => to)
      )
    ].sort()
  t.same(used(false), Object.keys({ ...dependencies, ...optionalDependencies }).sort(), 'dependencies of the service')
  t.same(used(true), Object.keys(sandbox).sort(), 'dependencies of the sandbox')
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
