import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LeftBeforeBeginError } from '../client-signal.ts'

const WORK = Symbol('work')

declare module 'fastify' {
  interface FastifyRequest { [WORK]: Work | null }
}

/** Counts the parts of one request that still run, such as its answer, its handler, and a bulk close after both. */
export class Work {
  readonly #running: Set<Work>
  readonly #ends: (() => void)[] = []
  readonly #slots: (() => void)[] = []
  #holds = 0

  constructor (running: Set<Work>) {
    this.#running = running
  }

  get isOver (): boolean { return this.#holds === 0 }

  /**
   * Notes that one more part of the work runs. Gives the function to call when that part has ended. After the last
   * part, the slots are released and the functions of `whenOver` are called.
   */
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
      this.releaseSlots()
      for (const end of this.#ends.splice(0)) end()
    }
  }

  /** Takes the function that releases a slot. Not for work that is over already: nothing would release the slot. */
  holdSlot (release: () => void): void {
    this.#slots.push(release)
  }

  /** Called when the work is over, and earlier by a request that only waits from then on. */
  releaseSlots (): void {
    for (const release of this.#slots.splice(0)) release()
  }

  /** Calls `end` when the work is over. Not for work that is over already: `end` would not be called. */
  whenOver (end: () => void): void {
    this.#ends.push(end)
  }
}

/**
 * Keeps track of every request until its work is over, also after its caller has left: a call to Connect may still run,
 * and the request may still hold slots. When the app closes, this plugin waits for all work. Register it after the
 * client of Connect and the store: `onClose` hooks run from the last to the first, so these two close after the wait.
 */
export const work = fp(async (app) => {
  const running = new Set<Work>()
  app.decorateRequest(WORK, null)
  app.addHook('onRequest', (request, reply, done) => {
    const one = new Work(running)
    request[WORK] = one
    reply.raw.once('close', one.hold())
    done()
  })
  app.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = async function (request, reply) {
      // When the caller left, the slots of this request were released. Other requests may have these slots now.
      if (reply.raw.destroyed) {
        throw new LeftBeforeBeginError()
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

/** Throws Error for a route that is not behind the work plugin. */
export function workOf (request: FastifyRequest): Work {
  const one = request[WORK]
  if (one === null) throw new Error(`${request.routeOptions.url ?? 'route'} is not behind the work plugin`)
  return one
}
