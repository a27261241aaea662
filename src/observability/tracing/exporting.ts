import type { Span, Tracer } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { BaseLogger } from 'pino'
import type { Metrics } from '../metrics.ts'
import { formatTraceparent, parseTraceparent, type RequestStart, type RequestTrace, type Tracing } from './trace.ts'

export interface ExportOptions {
  /** The collector's base URL (`OTEL_EXPORTER_OTLP_ENDPOINT`); spans go to `/v1/traces` below it. */
  endpoint: string
  version: string
  metrics: Pick<Metrics, 'spansExported'>
  log: Pick<BaseLogger, 'info' | 'warn'>
}

/** The most milliseconds that the sending of one batch of spans may take. */
const EXPORT_MS = 5_000
/** The most milliseconds that the sending of all remaining spans may take when the service stops. */
const CLOSE_MS = 2_000

/**
 * Gives tracing that sends spans (the timed parts of a trace) to a collector, by OTLP over HTTP in JSON. Spans hold
 * only the attributes that this file sets. Up to 2,048 spans wait to be sent; further ones are dropped. Rejects when
 * the packages of OpenTelemetry are not installed.
 */
export async function exporting ({ endpoint, version, metrics, log }: ExportOptions): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources')
  ])
  const otlp = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS })
  const exporter = withReports(otlp, metrics, log)
  const provider = new sdk.TracerProvider({
    // The attributes of the service. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may replace and add some. The host
    // and the command line are not sent.
    resource: resources.resourceFromAttributes({ 'service.name': 'connect-usage-bff', 'service.version': version })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS })]
  })
  const tracer = provider.getTracer('connect-usage-bff', version)

  return {
    begin: start => beginTrace(api, tracer, start),
    close: async () => {
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise<void>((resolve) => { timer = setTimeout(resolve, CLOSE_MS) })
      await Promise.race([provider.shutdown().catch(() => {}), limit])
      clearTimeout(timer)
    }
  }
}

/** Counts every batch, and logs when the collector begins to fail or works again: OpenTelemetry reports neither. */
function withReports (
  exporter: SpanExporter, metrics: ExportOptions['metrics'], log: ExportOptions['log']
): SpanExporter {
  let wasAccepted = true
  const report = (isAccepted: boolean): void => {
    metrics.spansExported(isAccepted)
    if (wasAccepted && !isAccepted) log.warn('the collector takes no traces')
    if (!wasAccepted && isAccepted) log.info('the collector takes traces again')
    wasAccepted = isAccepted
  }
  return {
    export: (spans: ReadableSpan[], done) => {
      exporter.export(spans, (result) => {
        report(result.code === 0)
        done(result)
      })
    },
    shutdown: async () => { await exporter.shutdown() },
    ...(exporter.forceFlush !== undefined && { forceFlush: async () => { await exporter.forceFlush?.() } })
  }
}

type Api = typeof import('@opentelemetry/api')

function startSpan (
  { ROOT_CONTEXT, SpanKind, trace }: Api,
  tracer: Tracer,
  { method, route, operation, requestId, traceparent }: RequestStart
): Span {
  const given = parseTraceparent(traceparent)
  const parent =
    given === null
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
        traceId: given.traceId,
        spanId: given.spanId,
        traceFlags: given.isSampled ? 1 : 0,
        isRemote: true
      })
  return tracer.startSpan(
    `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'request.id': requestId,
        ...(operation !== null && { 'operation.id': operation })
      }
    },
    parent
  )
}

function beginTrace (api: Api, tracer: Tracer, start: RequestStart): RequestTrace {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api
  const span = startSpan(api, tracer, start)
  const calls = new Map<string, Span>()
  return {
    traceId: span.spanContext().traceId,
    beginCall: (name, attempt) => {
      const call = tracer.startSpan(
        name,
        { kind: SpanKind.CLIENT, attributes: { 'connect.operation': name, 'connect.attempt': attempt } },
        trace.setSpan(ROOT_CONTEXT, span)
      )
      const { traceId, spanId, traceFlags } = call.spanContext()
      const traceparent = formatTraceparent({ traceId, spanId, isSampled: (traceFlags & 1) === 1 })
      calls.set(traceparent, call)
      return traceparent
    },
    endCall: (traceparent, status, failure) => {
      const call = calls.get(traceparent)
      calls.delete(traceparent)
      if (status !== null) call?.setAttribute('http.response.status_code', status)
      if (failure !== null) call?.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR })
      call?.end()
    },
    end: ({ status, problemCode }) => {
      span.setAttribute('http.response.status_code', status)
      if (problemCode !== null) span.setAttribute('problem.code', problemCode)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  }
}
