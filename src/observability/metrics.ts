import prometheus from 'prom-client'
import { ERROR_CODES } from '../errors/codes.ts'
import type { IdempotencyResult } from '../idempotency/keyed-attempt.ts'
import { addBuildInfo, addPoolGauge, type ReadPools } from './gauges.ts'

const IDEMPOTENCY_RESULTS: Readonly<Record<IdempotencyResult, true>> = {
  new: true, replay: true, conflict: true, mismatch: true, unknown: true, reconciled: true, unavailable: true
}

const UPLOAD_OUTCOMES = [
  'done', 'caller_left', 'caller_silent', 'too_large', 'refused', 'connect_refused', 'connect_failed', 'unknown',
  'failed'
] as const
export type UploadOutcome = typeof UPLOAD_OUTCOMES[number]

/** `requests` of a caller in a minute, wrong `credentials` from an address, requests of a caller `at_once`. */
const LIMITS = ['requests', 'credentials', 'at_once'] as const

const RECORD_OUTCOMES = ['closed', 'refused', 'unknown'] as const

/** `status` is null when no answer came, and `failure` is null for a success. */
export interface ObservedCall {
  operation: string
  attempt: number
  status: number | null
  failure: string | null
  durationMs: number
}

/** Every label has a fixed set of values, such as route patterns or codes. No label is an id, a caller or a path. */
export interface Metrics {
  requestBegan: () => void
  /** `route` is null when no route matched. `status` is 499 when the caller left before the answer began. */
  requestEnded: (request: {
    method: string
    route: string | null
    status: number
    problemCode: string | null
    seconds: number
  }) => void
  /** Counts an answer to bytes that Node could not read as a request. */
  unreadable: (status: number, problemCode: string) => void
  called: (call: ObservedCall) => void
  uploadBegan: () => void
  /** Counts an upload that is over. `bytes` is the number of bytes that were received from the caller for it. */
  uploadEnded: (outcome: UploadOutcome, bytes: number) => void
  bulkCloseBegan: () => void
  bulkCloseEnded: (records: Readonly<Record<(typeof RECORD_OUTCOMES)[number], number>>) => void
  idempotency: (result: IdempotencyResult) => void
  rateLimited: (limit: (typeof LIMITS)[number]) => void
  /** Counts a request or wrong credential that only this instance counted, because the store does not answer. */
  rateLimitFellBack: () => void
  callersReloaded: (isAccepted: boolean) => void
  spansExported: (isAccepted: boolean) => void
  readPoolsFrom: (read: ReadPools) => void
  /** Adds the metrics `process_…` and `nodejs_…`. It may be called only once in a process. */
  watchProcess: () => void
  /** All metrics in the text format of Prometheus. */
  text: () => Promise<string>
  contentType: string
}

const REQUEST_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])
const UNMATCHED = 'unmatched'

export function createMetrics (version: string): Metrics {
  const registry = new prometheus.Registry()
  addBuildInfo(registry, version)
  const make = makersIn(registry)
  return {
    ...requestMetrics(make),
    ...callMetrics(make),
    ...workMetrics(make),
    ...serviceMetrics(make),
    readPoolsFrom: (read) => { addPoolGauge(registry, read) },
    watchProcess: () => { prometheus.collectDefaultMetrics({ register: registry }) },
    text: async () => await registry.metrics(),
    contentType: registry.contentType
  }
}

interface Makers {
  counter: <L extends string = never>(name: string, help: string, labelNames?: readonly L[]) => prometheus.Counter<L>
  gauge: (name: string, help: string) => prometheus.Gauge
  histogram: <L extends string>(name: string, help: string, labelNames: readonly L[]) => prometheus.Histogram<L>
}

function makersIn (registry: prometheus.Registry): Makers {
  const registers = [registry]
  return {
    counter: (name, help, labelNames = []) =>
      new prometheus.Counter({ name: `usage_bff_${name}`, help, labelNames: [...labelNames], registers }),
    gauge: (name, help) => new prometheus.Gauge({ name: `usage_bff_${name}`, help, registers }),
    histogram: (name, help, labelNames) =>
      new prometheus.Histogram({
        name: `usage_bff_${name}`,
        help,
        labelNames: [...labelNames],
        buckets: REQUEST_SECONDS,
        registers
      })
  }
}

function requestMetrics (
  { counter, gauge, histogram }: Makers
): Pick<Metrics, 'requestBegan' | 'requestEnded' | 'unreadable'> {
  const requests = counter(
    'http_requests_total',
    'Requests by route pattern, method and status; 499: the caller left',
    ['route', 'method', 'status']
  )
  const durations = histogram(
    'http_request_duration_seconds', 'From the head of a request to the end of its answer', ['route', 'method']
  )
  const inFlight = gauge('http_requests_in_flight', 'Requests being answered')
  const problems = counter('problems_total', 'Problems answered, by code', ['code'])
  startAtZero(problems, 'code', Object.keys(ERROR_CODES))
  return {
    requestBegan: () => { inFlight.inc() },
    requestEnded: ({ method, route, status, problemCode, seconds }) => {
      const labels = { route: route ?? UNMATCHED, method: METHODS.has(method) ? method : 'other' }
      inFlight.dec()
      requests.inc({ ...labels, status })
      durations.observe(labels, seconds)
      if (problemCode !== null) problems.inc({ code: problemCode })
    },
    unreadable: (status, problemCode) => {
      requests.inc({ route: UNMATCHED, method: 'other', status })
      problems.inc({ code: problemCode })
    }
  }
}

function callMetrics ({ counter, histogram }: Makers): Pick<Metrics, 'called'> {
  const calls = counter(
    'connect_attempts_total',
    'Attempts at calls to Connect and its storage, by operation and outcome',
    ['operation', 'outcome']
  )
  const retries = counter(
    'connect_retries_total',
    'Attempts after the first: of a read, or a second send of a write that certainly did nothing',
    ['operation']
  )
  const durations = histogram(
    'connect_attempt_duration_seconds',
    'Attempts at calls to Connect, to the end of the answer or, of a file, to its head',
    ['operation']
  )
  return {
    called: ({ operation, attempt, status, failure, durationMs }) => {
      calls.inc({ operation, outcome: callOutcome(status, failure) })
      if (attempt > 1) retries.inc({ operation })
      durations.observe({ operation }, durationMs / 1000)
    }
  }
}

function workMetrics (
  { counter, gauge }: Makers
): Pick<Metrics, 'uploadBegan' | 'uploadEnded' | 'bulkCloseBegan' | 'bulkCloseEnded'> {
  const uploads = counter('uploads_total', 'Uploads by what became of them and by whose doing', ['outcome'])
  const uploadBytes = counter('upload_received_bytes_total', 'Bytes of uploads received from callers')
  const uploadsInFlight = gauge('uploads_in_flight', 'Uploads being received or forwarded')
  const bulkCloses = gauge('bulk_closes_in_flight', 'Bulk closes running')
  const records = counter('bulk_close_records_total', 'Records of bulk closes by outcome', ['outcome'])
  startAtZero(uploads, 'outcome', UPLOAD_OUTCOMES)
  startAtZero(records, 'outcome', RECORD_OUTCOMES)
  return {
    uploadBegan: () => { uploadsInFlight.inc() },
    uploadEnded: (outcome, bytes) => {
      uploadsInFlight.dec()
      uploads.inc({ outcome })
      uploadBytes.inc(bytes)
    },
    bulkCloseBegan: () => { bulkCloses.inc() },
    bulkCloseEnded: (ended) => {
      bulkCloses.dec()
      for (const outcome of RECORD_OUTCOMES) records.inc({ outcome }, ended[outcome])
    }
  }
}

function serviceMetrics (
  { counter }: Makers
): Pick<Metrics, 'idempotency' | 'rateLimited' | 'rateLimitFellBack' | 'callersReloaded' | 'spansExported'> {
  const idempotency = counter('idempotency_total', 'Requests with an Idempotency-Key by result', ['result'])
  const limited = counter('rate_limited_total', 'Requests refused by a limit of their caller or address', ['limit'])
  const fallbacks = counter(
    'rate_limit_fallbacks_total',
    'Requests and wrong credentials counted by this instance alone, because the store does not answer'
  )
  const reloads = counter(
    'callers_reloads_total',
    'Reloads of the callers file; a refused one leaves the callers as they were',
    ['result']
  )
  const exports = counter('trace_exports_total', 'Batches of spans by whether the collector took them', ['result'])
  startAtZero(idempotency, 'result', Object.keys(IDEMPOTENCY_RESULTS))
  startAtZero(limited, 'limit', LIMITS)
  startAtZero(reloads, 'result', ['taken', 'refused'])
  startAtZero(exports, 'result', ['taken', 'failed'])
  return {
    idempotency: (result) => { idempotency.inc({ result }) },
    rateLimited: (limit) => { limited.inc({ limit }) },
    rateLimitFellBack: () => { fallbacks.inc() },
    callersReloaded: (isAccepted) => { reloads.inc({ result: isAccepted ? 'taken' : 'refused' }) },
    spansExported: (isAccepted) => { exports.inc({ result: isAccepted ? 'taken' : 'failed' }) }
  }
}

/** Without a first value of 0, Prometheus would not see the first event as an increase. */
function startAtZero<L extends string> (counter: prometheus.Counter<L>, label: L, values: readonly string[]): void {
  for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0)
}

function callOutcome (status: number | null, failure: string | null): string {
  if (failure === null) return 'ok'
  if (failure !== 'response' || status === null) return failure.replaceAll('-', '_')
  const known: Readonly<Record<number, string>> =
    { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 429: 'throttled' }
  return known[status] ?? (status >= 500 ? 'server_error' : 'rejected')
}
