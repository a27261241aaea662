import { randomBytes } from 'node:crypto'
import { formatTraceparent, parseTraceparent, type RequestTrace, type Tracing } from './trace.ts'

/**
 * Tracing without a collector: nothing is recorded. The caller's traceparent goes to Connect as it came; where there
 * is none a new one ties the calls of a request together, marked as not sampled because nobody keeps it.
 */
export const passingOn: Tracing = {
  begin: ({ traceparent }): RequestTrace => {
    const given = parseTraceparent(traceparent)
    const parent = given ?? { traceId: hex(16), spanId: hex(8), isSampled: false }
    const text = given === null ? formatTraceparent(parent) : traceparent as string
    return { traceId: parent.traceId, beginCall: () => text, endCall: () => {}, end: () => {} }
  },
  close: async () => {}
}

/** Never all zeros in this universe's lifetime. */
function hex (bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
