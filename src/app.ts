import type { Server } from 'node:http'
import {
  fastify, LogController, type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance,
  type FastifyServerOptions
} from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Config } from './config.ts'
import { serveConsole } from './console/serve-console.ts'
import type { ConnectClient } from './connect/api.ts'
import { StartError } from './errors/start-error.ts'
import { createConnectClient } from './connect/client.ts'
import { createFallbackCounter, createLocalCounter, type HitCounter } from './limits/hit-counter.ts'
import { loggerOptions } from './observability/logger.ts'
import { createMetrics, type Metrics } from './observability/metrics.ts'
import { answerHeaders, createAnswerHeaders, type AnswerHeaders } from './http/plugins/answer-headers.ts'
import { bodies } from './http/plugins/bodies.ts'
import { connect } from './http/plugins/connect.ts'
import { cors, corsHeadersOf } from './http/plugins/cors.ts'
import { drain } from './http/plugins/drain.ts'
import { createFrameworkErrors, errorAnswers, errors } from './http/plugins/errors.ts'
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
import { tables } from './http/plugins/tables.ts'
import { watching } from './http/plugins/watching.ts'
import { validatorCompiler } from './http/validation.ts'
import { openStore } from './store/open-store.ts'
import type { StateStore } from './store/store.ts'
import { exporting } from './observability/tracing/exporting.ts'
import { tracingWithoutCollector } from './observability/tracing/without-collector.ts'
import { VERSION } from './version.ts'
import { routes } from '../routes/index.ts'
import { resources } from '../schemas/index.ts'
import { PATH_EXAMPLES } from '../schemas/path-examples.ts'

/** Parts and times of the app that tests replace. For an absent one the app uses its own. */
export interface Overrides {
  connect?: ConnectClient
  store?: StateStore
  /** Counts for the rate limits instead of the store. */
  counter?: HitCounter
  /** Milliseconds between two measurements of the load of the process. */
  loadSampleMs?: number
  /** The shortest time, in ms, between the beginnings of two rounds of one poller of watched objects. */
  watchGapMs?: number
  /** Milliseconds between two comments of an event stream. */
  eventBeatMs?: number
  /** Where log lines go; standard output when absent. */
  logStream?: { write: (line: string) => void }
}

/**
 * Our validator, and JSON.stringify for all answers: a compiled serializer takes longer on lists. Fastify then does not
 * load its own two compilers, which saves a tenth of the start. The cast is needed because Fastify's types know only
 * the compilers of its own packages.
 */
const COMPILERS = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => () => JSON.stringify }
} as unknown as NonNullable<FastifyServerOptions['schemaController']>
const JSON_BODY_BYTES = 1024 * 1024
/** The most callers, and the most addresses, that this instance counts alone while the store does not answer. */
const MAX_COUNTED = 10_000

/** Throws StartError when the store cannot be opened, or when the packages for traces are not installed. */
export async function buildApp (config: Config, overrides: Overrides = {}): Promise<FastifyInstance> {
  const headersOf = createAnswerHeaders(config.publicUrl)
  const app = fastify(serverOptions(config, overrides, headersOf)).withTypeProvider<TypeBoxTypeProvider>()
  // Fastify accepts plain text as a body by default. No operation of this service does.
  app.removeContentTypeParser('text/plain')

  const client = overrides.connect ?? createConnectClient({
    baseUrl: config.connectBaseUrl,
    timeoutMs: config.connectTimeoutMs,
    storageHosts: config.storageHosts,
    userAgent: `connect-usage-bff/${VERSION}`
  })
  const store = overrides.store ?? await openStore(config.storeUrl, app.log)
  const metrics = createMetrics(VERSION)
  metrics.readPoolsFrom(() => client.stats())
  const tracing =
    config.otlpEndpoint === null
      ? tracingWithoutCollector
      : await exporting({ endpoint: config.otlpEndpoint, version: VERSION, metrics, log: app.log }).catch(whyNoTracing)
  await app.register(errorAnswers)
  await app.register(answerHeaders, { headersOf })
  await app.register(requestLog, { metrics, tracing })
  await app.register(cors, { origins: config.corsOrigins })
  await app.register(httpRules, { headersOf })
  await app.register(drain)
  await app.register(errors)
  await app.register(bodies)
  await app.register(slowReaders, { maxMs: 2 * config.uploadIdleTimeoutMs })
  await app.register(jsonBodies)
  await app.register(connect, { client })
  await app.register(state, { store })
  await app.register(watching, { gapMs: overrides.watchGapMs })
  await app.register(tables, {
    limits: {
      workbook: { maxBytes: config.uploadMaxBytes, idleMs: config.uploadIdleTimeoutMs },
      rows: { maxBytes: config.rowsMaxBytes, idleMs: config.uploadIdleTimeoutMs }
    },
    program: new URL('table-worker.js', import.meta.url)
  })
  await app.register(openapi, { publicUrl: config.publicUrl, version: VERSION, resources, pathExamples: PATH_EXAMPLES })
  await app.register(rateLimit, {
    perMinute: config.rateLimitPerMinute,
    counter: overrides.counter ?? sharedCounter(store, metrics, app.log)
  })
  await app.register(metricsPage, { token: config.metricsToken })
  if (config.hasConsole) await app.register(serveConsole, { folder: new URL('../console/', import.meta.url) })
  await app.register(routes, { config, ...overrides })
  return app
}

function serverOptions (config: Config, overrides: Overrides, headersOf: AnswerHeaders): FastifyHttpOptions<Server> {
  return {
    logger: {
      ...loggerOptions(config.logLevel),
      ...(overrides.logStream !== undefined && { stream: overrides.logStream })
    },
    // The request log writes one line for each request. Fastify's own two lines cost as much as mapping the answer.
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
    // The most milliseconds until a request has arrived whole. An upload also has a limit for silence
    // (UPLOAD_IDLE_TIMEOUT_MS).
    requestTimeout: 15 * 60_000,
    keepAliveTimeout: 72_000,
    schemaController: COMPILERS,
    // Node.js does not check Host here: the plugin `httpRules` refuses a request without Host, with a problem.
    http: {
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false
    }
  }
}

function whyNoTracing (error: unknown): never {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new StartError(
    'OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages of OpenTelemetry are not installed. Build the image with ' +
    '--build-arg KEEP=traces, or install the optional packages.',
    { cause: error }
  )
}

function sharedCounter (store: StateStore, metrics: Metrics, log: FastifyBaseLogger): HitCounter {
  const local = createLocalCounter(MAX_COUNTED)
  return createFallbackCounter({
    shared: store,
    local: {
      hit: (key, windowMs, cost) => {
        metrics.rateLimitFellBack()
        return local.hit(key, windowMs, cost)
      }
    },
    warn: (error) => { log.warn({ err: error }, 'rate limits count by instance: the store does not answer') }
  })
}
