import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { LeaveSignal } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import { ConnectError } from '../connect/errors.ts'

/**
 * Gives a signal that aborts when the caller leaves after this call and before the answer is complete. Fastify's own
 * `request.signal` also aborts when the body of a request has been read (fastify/fastify#6725).
 */
export function clientSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

/**
 * A signal that aborts when the caller leaves before the answer is complete. An AbortController would take 5 % of the
 * CPU time of a small read.
 */
export class CallerLeft implements LeaveSignal {
  readonly #listeners = new Set<() => void>()
  readonly #raw: ServerResponse
  // Stored, because `writableFinished` can become true after the caller has left.
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

export class LeftBeforeBeginError extends AppError {
  constructor () {
    super('OVERLOADED', 'The caller left before the request began. Nothing was done.')
  }
}

/** The codes of errors of streams and sockets whose other side has closed the connection. */
const CLOSED: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Whether an error only says that the caller has left, and so is not reported. Other errors are reported also when the
 * caller has left, for example a write of unknown outcome.
 */
export function isCausedByLeaving (error: unknown, { raw }: FastifyReply): boolean {
  if (!raw.destroyed || raw.writableFinished) return false
  if (error instanceof LeftBeforeBeginError) return true
  // An AbortError comes from work that was ended because the caller left, for example in a worker thread.
  if (error instanceof DOMException && error.name === 'AbortError') return true
  if (error instanceof ConnectError) return error.kind === 'aborted' || error.kind === 'body'
  return CLOSED.has((error as { code?: unknown } | null | undefined)?.code)
}
