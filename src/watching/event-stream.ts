import { Readable } from 'node:stream'
import type { Kind } from './kinds.ts'
import type { Change, Listener } from './watched.ts'

/**
 * The most bytes of a stream that may wait for a slow caller, beside those in the buffers of its socket. With more, the
 * stream is destroyed.
 */
const MAX_WAITING_BYTES = 64 * 1024
/**
 * When its stream is over, a client is to connect again after this many milliseconds: `min` to `min + spread`. The
 * stream tells the client the time, which is random so that not all clients come at once.
 */
const RETRY_MS = { min: 1_000, spread: 4_000 }

/**
 * One stream of server-sent events for one caller. `knowledge.ts` decides which events the stream gets. @fastify/sse is
 * not used: its version 0.6 has a timer for each stream, goes on writing comment lines to a caller that does not read,
 * and does not run the hooks that add our headers.
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

  /** Ends the stream after all that was written so far. A second call does nothing. */
  end (): void {
    if (this.#isOver) return
    this.#isOver = true
    this.push(null)
  }

  #write (text: string): void {
    if (this.#isOver || this.destroyed) return
    if (this.readableLength + text.length > MAX_WAITING_BYTES) this.destroy(new SlowReaderError())
    else this.push(text)
  }
}

class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError'

  constructor () {
    super('the caller reads the events too slowly')
  }
}
