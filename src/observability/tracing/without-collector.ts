import { randomUUID } from 'node:crypto'
import { formatTraceparent, parseTraceparent, type RequestTrace, type Tracing } from './trace.ts'

/**
 * Tracing without a collector: records nothing. A valid traceparent of the caller goes to Connect unchanged. Without
 * one, all calls of a request get the same new traceparent, which is marked as not sampled.
 */
export const tracingWithoutCollector: Tracing = {
  begin: ({ traceparent }) => {
    const given = parseTraceparent(traceparent)
    if (given !== null) return new ForwardedTrace(given.traceId, traceparent as string)
    const traceId = random(32)
    return new ForwardedTrace(traceId, formatTraceparent({ traceId, spanId: random(16), isSampled: false }))
  },
  close: async () => {}
}

class ForwardedTrace implements RequestTrace {
  readonly traceId: string
  readonly #traceparent: string

  constructor (traceId: string, traceparent: string) {
    this.traceId = traceId
    this.#traceparent = traceparent
  }

  beginCall (): string { return this.#traceparent }
  endCall (): void {}
  end (): void {}
}

/** Random hex digits, never all zeros. `randomUUID` is fast: Node.js makes random bytes for many UUIDs in advance. */
function random (digits: number): string {
  return randomUUID().replaceAll('-', '').slice(-digits)
}
