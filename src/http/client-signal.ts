import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { LeaveSignal } from '../connect/api.ts'
import { ConnectError } from '../connect/errors.ts'

/**
 * Aborts when the caller leaves before its answer is complete. Fastify's own `request.signal` fires as soon as a
 * request body has been read (fastify/fastify#6725), so it cannot be used for anything that has one.
 */
export function clientSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

/** The same for the calls of a read, without the AbortController: that is a twentieth of what a small read costs. */
export class CallerLeft implements LeaveSignal {
  readonly #listeners = new Set<() => void>()
  readonly #raw: ServerResponse
  // Kept: an answer that is written to nobody counts as finished afterwards.
  #hasLeft = false

  constructor ({ raw }: FastifyReply) {
    this.#raw = raw
    raw.once('close', () => {
      this.#hasLeft = !raw.writableFinished
      if (this.#hasLeft) for (const listener of this.#listeners) listener()
    })
  }

  get aborted (): boolean { return this.#hasLeft || (this.#raw.destroyed && !this.#raw.writableFinished) }
  addEventListener (_type: 'abort', listener: () => void): void { this.#listeners.add(listener) }
  removeEventListener (_type: 'abort', listener: () => void): void { this.#listeners.delete(listener) }
}

/** The codes of errors that streams and sockets give when the other side has closed the connection. */
const CLOSED: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Whether an error only says that the caller has left: its body or its answer was cut, or a call to Connect was ended
 * for that reason. Such an error is no fault; the line of the request says 499, or that the answer is not complete.
 * Every other error is a fault, also when the caller has left: above all a write of unknown outcome.
 */
export function isCausedByLeaving (error: unknown, { raw }: FastifyReply): boolean {
  if (!raw.destroyed || raw.writableFinished) return false
  if (error instanceof ConnectError) return error.kind === 'aborted' || error.kind === 'body'
  return CLOSED.has((error as { code?: unknown } | null | undefined)?.code)
}
