import { randomUUID } from 'node:crypto'
import { formatTraceparent, parseTraceparent, type RequestTrace, type Tracing } from './trace.ts'

/**
 * Tracing without a collector: nothing is recorded. The caller's traceparent goes to Connect as it came; where there
 * is none a new one ties the calls of a request together, marked as not sampled because nobody keeps it.
 */
export const passingOn: Tracing = {
  begin: ({ traceparent }) => {
    const given = parseTraceparent(traceparent)
    if (given !== null) return new PassedOn(given.traceId, traceparent as string)
    const traceId = random(32)
    return new PassedOn(traceId, formatTraceparent({ traceId, spanId: random(16), isSampled: false }))
  },
  close: async () => {}
}

class PassedOn implements RequestTrace {
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

/**
 * So many hex digits, the last of a UUID: its random bytes come from a store that Node fills ahead, and it is never all
 * zeros.
 */
function random (digits: number): string {
  return randomUUID().replaceAll('-', '').slice(-digits)
}
