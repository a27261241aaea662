import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyRequest { work: Work | null }
}

/**
 * What a request still keeps busy: its answer, its handler, what goes on after both. It is over when none of them is
 * left.
 */
export class Work {
  readonly #running: Set<Work>
  readonly #ends: (() => void)[] = []
  #holds = 0

  constructor (running: Set<Work>) {
    this.#running = running
  }

  get isOver (): boolean { return this.#holds === 0 }

  /** Keeps the work from being over until the function it gives is called. */
  hold (): () => void {
    if (this.#holds === 0) this.#running.add(this)
    this.#holds += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holds -= 1
      if (this.#holds > 0) return
      this.#running.delete(this)
      for (const end of this.#ends.splice(0)) end()
    }
  }

  /** Calls `end` when the work is over. */
  whenOver (end: () => void): void {
    this.#ends.push(end)
  }
}

/**
 * Knows the work of every request of its scope, whether or not the caller is still there: Connect acts on what it was
 * sent, and the limits count that, too. What the app closes after its connections (Connect's client, the store) is
 * needed by work whose callers have left, so it is closed when no work is left. Register it after those plugins: hooks
 * for `onClose` run from the last to the first.
 */
export const work = fp(async (app) => {
  const running = new Set<Work>()
  app.decorateRequest('work', null)
  app.addHook('onRequest', (request, reply, done) => {
    request.work = new Work(running)
    reply.raw.once('close', request.work.hold())
    done()
  })
  app.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = async function (request, reply) {
      // Its place may have gone to another request already.
      if (reply.raw.destroyed) {
        throw new AppError('OVERLOADED', 'The caller left before its turn came. Nothing was done.')
      }
      const release = workOf(request).hold()
      try {
        return await handler.call(this, request, reply)
      } finally {
        release()
      }
    }
  })
  app.addHook('onClose', async () => {
    await Promise.all(
      [...running].map(async one => {
        await new Promise<void>(resolve => {
          one.whenOver(resolve)
        })
      })
    )
  })
}, { name: 'work', dependencies: ['connect', 'state'] })

/** The work of a request of the API. */
export function workOf (request: FastifyRequest): Work {
  if (request.work === null) throw new Error(`${request.routeOptions.url ?? 'route'} is outside the scope of work`)
  return request.work
}
