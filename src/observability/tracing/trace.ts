export interface RequestFacts {
  /** The status of the answer; 499 when the caller left before there was one. */
  status: number
  problemCode: string | null
}

/** The part of a trace that one request to this service makes: the request itself and its calls to Connect. */
export interface RequestTrace {
  /** The id of the trace: 32 hex digits. */
  readonly traceId: string
  /** Begins an attempt at a call to Connect or to its storage. Gives the header `traceparent` for this attempt. */
  beginCall: (operation: string, attempt: number) => string
  /** `status` is null when no answer arrived, and `failure` is null for a success. */
  endCall: (traceparent: string, status: number | null, failure: string | null) => void
  end: (facts: RequestFacts) => void
}

export interface RequestStart {
  method: string
  /** The pattern of the route, never the path; `unmatched` when no route matched. */
  route: string
  operation: string | null
  requestId: string
  /** The header `traceparent` of the caller, not checked; undefined without one. */
  traceparent: unknown
}

export interface Tracing {
  begin: (start: RequestStart) => RequestTrace
  /** Sends the remaining spans, within a time limit. Never rejects. */
  close: () => Promise<void>
}

export interface TraceParent { traceId: string, spanId: string, isSampled: boolean }

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Reads a traceparent of version 00 (https://www.w3.org/TR/trace-context/); null for any other value. */
export function parseTraceparent (given: unknown): TraceParent | null {
  const [, traceId, spanId, flags] = (typeof given === 'string' ? TRACEPARENT.exec(given) : null) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent ({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}
