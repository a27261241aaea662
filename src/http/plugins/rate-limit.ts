import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { clientOf } from '../../limits/client-address.ts'
import type { HitCounter } from '../../limits/hit-counter.ts'

declare module 'fastify' {
  interface FastifyInstance { rateLimit: RateLimit }
}

export interface RateLimit {
  /** Counts a wrong credential of this request's client; throws RATE_LIMITED when it has shown too many before. */
  countWrongCredential: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Counts a request of this caller and says so in its answer; throws RATE_LIMITED past the limit. */
  countRequest: (reply: FastifyReply, callerId: string) => Promise<void>
}

export interface RateLimitOptions {
  /** Of a caller. */
  perMinute: number
  counter: HitCounter
}

const WINDOW_MS = 60_000
/** Wrong credentials of a client a minute: a twentieth of what a caller may ask, and enough for a mistake. */
const WRONG_SHARE = 20
const MIN_WRONG = 10
const MAX_BLOCKED = 10_000

/**
 * Requests a caller may make, and wrong credentials a client may show, before either has to wait. Headers as in
 * draft-ietf-httpapi-ratelimit-headers-10.
 *
 * A valid credential is never refused for those that others show from its address, so each one is checked first. A
 * check costs the hash of a key, or for a token of at most 8 KiB one verification with a key of the issuer (a made-up
 * key id has none). `overload` bounds what a flood of them costs: it turns requests away before they are checked.
 */
export const rateLimit = fp(async (app, { perMinute, counter }: RateLimitOptions) => {
  const maxWrong = Math.max(MIN_WRONG, Math.ceil(perMinute / WRONG_SHARE))
  const policy = `"default";q=${perMinute};w=${WINDOW_MS / 1000}`
  const wrongPolicy = `"credentials";q=${maxWrong};w=${WINDOW_MS / 1000}`
  // Known here, so that further wrong ones cost no call of the counter; each instance learns of a block by one of them.
  const blocked = new Map<string, number>()

  const limited = (limit: 'credentials' | 'requests', detail: string, waitMs: number): AppError => {
    app.metrics.rateLimited(limit)
    return new AppError('RATE_LIMITED', detail, { retryAfterSeconds: secondsOf(waitMs) })
  }

  app.decorate('rateLimit', {
    countWrongCredential: async (request, reply) => {
      const client = clientOf(request.ip)
      const leftMs = (blocked.get(client) ?? 0) - performance.now()
      if (leftMs > 0) {
        reply.headers({ 'ratelimit-policy': wrongPolicy, ratelimit: `"credentials";r=0;t=${secondsOf(leftMs)}` })
        throw limited('credentials', 'Too many wrong credentials came from this address.', leftMs)
      }
      const { count, resetMs } = await counter.hit(`wrong:${client}`, WINDOW_MS)
      if (count < maxWrong) return
      blocked.delete(client)
      blocked.set(client, performance.now() + resetMs)
      const [oldest] = blocked.keys()
      if (blocked.size > MAX_BLOCKED && oldest !== undefined) blocked.delete(oldest)
      if (count === maxWrong) request.log.warn({ client }, 'too many wrong credentials')
    },
    countRequest: async (reply, callerId) => {
      const { count, resetMs } = await counter.hit(`calls:${callerId}`, WINDOW_MS)
      reply.headers({
        'ratelimit-policy': policy,
        ratelimit: `"default";r=${Math.max(0, perMinute - count)};t=${secondsOf(resetMs)}`
      })
      if (count > perMinute) throw limited('requests', `This caller may make ${perMinute} requests a minute.`, resetMs)
    }
  })
}, { name: 'rate-limit', dependencies: ['request-log'] })

/** Whole seconds, after which the window has surely ended. */
function secondsOf (ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
