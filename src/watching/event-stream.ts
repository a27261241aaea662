import { Readable } from 'node:stream'
import type { Kind } from './kinds.ts'
import type { Change, Listener } from './watched.ts'

/** The most bytes that wait for a slow caller, beside its socket's buffers. With more, the stream is destroyed. */
const MAX_WAITING_BYTES = 64 * 1024
/** How long a client waits before it connects again: `min` to `min + spread`, so that not all clients come at once. */
const RETRY_MS = { min: 1_000, spread: 4_000 }

/**
 * A stream of server-sent events. @fastify/sse 0.6 is not used: it has a timer for each stream, goes on writing comment
 * lines to a caller that does not read, and does not run the hooks that add our headers.
 */
export class EventStream extends Readable implements Listener {
  #isStale = false
  #isOver = false

  constructor () {
    super({ highWaterMark: 1, read: () => {} })
    this.#write(`retry: ${RETRY_MS.min + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`)
  }

  tell (kind: Kind, { id, status, previousStatus, at }: Change): void {
    this.#isStale = false
    this.#write(`event: ${kind}\ndata: ${JSON.stringify({ id, status, previousStatus, at })}\n\n`)
  }

  lose (): void {
    if (this.#isStale) return
    this.#isStale = true
    this.#write(`event: stale\ndata: ${JSON.stringify({ at: new Date().toISOString() })}\n\n`)
  }

  /** Writes an empty comment, which shows clients and proxies that the connection is in use. */
  beat (): void {
    this.#write(':\n\n')
  }

  end (): void {
    if (this.#isOver) return
    this.#isOver = true
    this.push(null)
  }

  #write (text: string): void {
    if (this.#isOver || this.destroyed) return
    if (this.readableLength + Buffer.byteLength(text) > MAX_WAITING_BYTES) this.destroy(new SlowReaderError())
    else this.push(text)
  }
}

class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError'

  constructor () {
    super('the caller reads the events too slowly')
  }
}
