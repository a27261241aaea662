import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { LeaveSignal } from '../connect/api.ts'

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
