/** What is told of a request when it is over. Allow-listed: this is all that can leave in a trace. */
export interface RequestFacts {
  /** 499 for a caller that left. */
  status: number
  problemCode: string | null
}

/** One request's part in a trace. */
export interface RequestTrace {
  /** 32 hex digits. */
  readonly traceId: string
  /** A call to Connect or its storage begins; gives the traceparent of this very attempt. */
  beginCall: (operation: string, attempt: number) => string
  /** The call that was given this traceparent is over: its status, or why none arrived. */
  endCall: (traceparent: string, status: number | null, failure: string | null) => void
  /** The request is over. What is told later is dropped. */
  end: (facts: RequestFacts) => void
}

export interface RequestStart {
  method: string
  /** The pattern, never the path. */
  route: string
  operation: string | null
  requestId: string
  /** As the caller sent it, if at all. */
  traceparent: unknown
}

export interface Tracing {
  begin: (start: RequestStart) => RequestTrace
  /** Sends what is left, within a bounded time; never rejects. */
  close: () => Promise<void>
}

export interface TraceParent { traceId: string, spanId: string, isSampled: boolean }

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** Version 00 of https://www.w3.org/TR/trace-context/; null for anything else, which is then as good as absent. */
export function parseTraceparent (given: unknown): TraceParent | null {
  const [, traceId, spanId, flags] = (typeof given === 'string' ? TRACEPARENT.exec(given) : null) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent ({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}
