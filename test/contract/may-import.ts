/**
 * What each layer may import: layers, single files, packages; `types` is gone after compilation. Files directly in
 * `src` are layers of their own.
 */
export const MAY_IMPORT: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
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
      'src/version.ts'
    ],
    types: [
      'src/connect',
      'src/streaming',
      'src/config.ts',
      'src/type-provider.ts',
      '@fastify/type-provider-typebox',
      'fastify'
    ]
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
      'src/publishing',
      'src/secrets.ts',
      'src/store',
      'src/streaming',
      'src/tables',
      'src/uploads',
      'src/usage/paging.ts',
      'src/usage/writes/attempt.ts',
      'src/version.ts',
      'src/watching',
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
    types: ['src/type-provider.ts', 'src/usage', 'fastify']
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
    values: [
      'schemas', 'src/errors', 'src/limits', 'src/connect/errors.ts', 'src/connect/redact.ts'
    ],
    types: ['src/connect', 'src/credentials', 'src/tables']
  },
  'src/watching': {
    values: ['src/connect/errors.ts', 'src/errors', 'src/limits', 'src/usage'],
    types: ['src/connect', 'src/credentials']
  },
  'src/closing': {
    values: [
      'schemas',
      'src/usage',
      'src/errors',
      'src/limits',
      'src/connect/errors.ts',
      'src/connect/redact.ts',
      'src/streaming'
    ],
    types: ['src/connect']
  },
  'src/publishing': {
    values: [
      'schemas',
      'src/usage',
      'src/errors',
      'src/connect/errors.ts',
      'src/store/keep-renewed.ts',
      'src/store/store.ts',
      'src/watching/kinds.ts'
    ],
    types: ['src/connect', 'src/store', 'src/watching']
  },
  'src/tables': {
    values: [
      'schemas',
      'src/errors', 'src/limits', 'src/streaming', 'csv-parse', 'csv-stringify', 'piscina', 'yauzl'
    ]
  },
  'src/credentials': { values: ['src/limits', 'src/secrets.ts', 'jose'] },
  'src/errors': { values: ['src/secrets.ts'] },
  'src/limits': { values: ['ipaddr.js'] },
  'src/idempotency': {
    values: ['src/errors', 'src/store', 'src/usage/writes/attempt.ts'], types: ['src/connect', 'src/usage']
  },
  'src/store': { values: ['src/errors', 'src/limits', 'lmdb', 'ioredis'] },
  // The client knows the service by its document alone.
  clients: { values: ['openapi-fetch'] },
  'src/console': { values: ['src/http/etag.ts', 'fastify-plugin'], types: ['fastify'] },
  // Runs in browsers. It knows the service through the client alone.
  'src/console/browser': { values: ['@connect-usage-bff/client', 'preact'] },
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
      'src/console',
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
