import { fastify, LogController, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Config } from './config.ts'
import type { ConnectClient } from './connect/api.ts'
import { createConnectClient } from './connect/client.ts'
import { createFallbackCounter, createLocalCounter, type HitCounter } from './limits/hit-counter.ts'
import { loggerOptions } from './observability/logger.ts'
import { createMetrics } from './observability/metrics.ts'
import { answerHeaders, createAnswerHeaders } from './http/plugins/answer-headers.ts'
import { bodies } from './http/plugins/bodies.ts'
import { connect } from './http/plugins/connect.ts'
import { cors, corsHeadersOf } from './http/plugins/cors.ts'
import { drain } from './http/plugins/drain.ts'
import { encodedOnce } from './http/plugins/encoded-once.ts'
import { createFrameworkErrors, errors } from './http/plugins/errors.ts'
import { httpRules } from './http/plugins/http-rules.ts'
import { jsonBodies } from './http/plugins/json-bodies.ts'
import { metricsPage } from './http/plugins/metrics-page.ts'
import { openapi } from './http/plugins/openapi.ts'
import { rateLimit } from './http/plugins/rate-limit.ts'
import { requestIdOf } from './http/request-id.ts'
import { requestLog } from './observability/request-log.ts'
import { slowReaders } from './http/plugins/slow-readers.ts'
import { createClientErrorHandler } from './http/socket-errors.ts'
import { state } from './http/plugins/state.ts'
import { validatorCompiler } from './http/validation.ts'
import { openStore } from './store/open-store.ts'
import type { StateStore } from './store/store.ts'
import { exporting } from './observability/tracing/exporting.ts'
import { passingOn } from './observability/tracing/passing-on.ts'
import { VERSION } from './version.ts'
import { routes } from '../routes/index.ts'
import { resources } from '../schemas/index.ts'

export interface Overrides {
  connect?: ConnectClient
  store?: StateStore
  /** Counts requests for the limits; the store's when absent. */
  counter?: HitCounter
  /** How often the process looks at its own load. */
  loadSampleMs?: number
  /** Where log lines go; standard output when absent. */
  logStream?: { write: (line: string) => void }
}

/**
 * Answers are built by mappers whose types are the schemas; the tests check them. On lists a compiled serializer is
 * dearer. Fastify's own two are not even loaded, which is a tenth of the start; its types know validators of its own
 * packages alone.
 */
const COMPILERS = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => () => JSON.stringify }
} as unknown as NonNullable<FastifyServerOptions['schemaController']>
const JSON_BODY_BYTES = 1024 * 1024
const MAX_COUNTED = 10_000

/**
 * Wires the whole service and returns it, not yet listening. The only place where parts meet. Throws StoreStartError.
 */
export async function buildApp (config: Config, overrides: Overrides = {}): Promise<FastifyInstance> {
  const headersOf = createAnswerHeaders(config.publicUrl)
  const app = fastify({
    logger: {
      ...loggerOptions(config.logLevel),
      ...(overrides.logStream !== undefined && { stream: overrides.logStream })
    },
    // The request log writes one line a request; Fastify's two would cost as much as the whole mapping.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: JSON_BODY_BYTES,
    exposeHeadRoutes: true,
    return503OnClosing: false,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    allowErrorHandlerOverride: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: createFrameworkErrors(request => ({
      ...headersOf(request),
      ...corsHeadersOf(config.corsOrigins, request)
    })),
    clientErrorHandler: createClientErrorHandler(headersOf),
    // A body may take as long as an upload does, because uploads have their own idle limit; headers may not.
    requestTimeout: 15 * 60_000,
    keepAliveTimeout: 72_000,
    schemaController: COMPILERS,
    // A missing Host is refused by our own rule, as a problem.
    http: {
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false
    }
  }).withTypeProvider<TypeBoxTypeProvider>()
  // Fastify would take text for a body by default.
  app.removeContentTypeParser('text/plain')

  const client = overrides.connect ?? createConnectClient({
    baseUrl: config.connectBaseUrl,
    timeoutMs: config.connectTimeoutMs,
    storageHosts: config.storageHosts,
    userAgent: `connect-usage-bff/${VERSION}`
  })
  const store = overrides.store ?? await openStore(config.storeUrl, app.log)
  const metrics = createMetrics()
  metrics.readPoolsFrom(() => client.stats())
  const tracing =
    config.otlpEndpoint === null
      ? passingOn
      : await exporting({ endpoint: config.otlpEndpoint, version: VERSION, metrics, log: app.log })
  await app.register(answerHeaders, { headersOf })
  await app.register(requestLog, { metrics, tracing })
  await app.register(cors, { origins: config.corsOrigins })
  await app.register(httpRules, { headersOf })
  await app.register(drain)
  await app.register(errors)
  await app.register(bodies)
  await app.register(encodedOnce)
  await app.register(slowReaders, { maxMs: 2 * config.uploadIdleTimeoutMs })
  await app.register(jsonBodies)
  await app.register(connect, { client })
  await app.register(state, { store })
  await app.register(openapi, { publicUrl: config.publicUrl, version: VERSION, resources })
  const local = createLocalCounter(MAX_COUNTED)
  const counter = overrides.counter ?? createFallbackCounter({
    shared: store,
    local: {
      hit: (key, windowMs, cost) => {
        metrics.rateLimitFellBack()
        return local.hit(key, windowMs, cost)
      }
    },
    warn: (error) => { app.log.warn({ err: error }, 'rate limits count by instance: the store does not answer') }
  })
  await app.register(rateLimit, { perMinute: config.rateLimitPerMinute, counter })
  await app.register(metricsPage, { token: config.metricsToken })
  await app.register(routes, { config, loadSampleMs: overrides.loadSampleMs })
  return app
}
