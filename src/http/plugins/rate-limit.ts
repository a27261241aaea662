import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { clientOf } from '../../limits/client-address.ts'
import type { HitCounter } from '../../limits/hit-counter.ts'

declare module 'fastify' {
  interface FastifyInstance { rateLimit: RateLimit }
}

export interface RateLimit {
  /**
   * A minute begins with the first wrong credential of an address. After the last one that is allowed, the address is
   * blocked until this minute ends: a further wrong one is not counted and gets RATE_LIMITED.
   */
  countWrongCredential: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  /** Adds the RateLimit headers to the answer. Throws RATE_LIMITED above `perMinute`. */
  countRequest: (reply: FastifyReply, callerId: string) => Promise<void>
}

export interface RateLimitOptions {
  perMinute: number
  counter: HitCounter
}

const WINDOW_MS = 60_000
/** A client may send `perMinute / WRONG_SHARE` wrong credentials in a minute, but at least MIN_WRONG. */
const WRONG_SHARE = 20
const MIN_WRONG = 10
const MAX_BLOCKED = 10_000

/**
 * The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Every credential is checked before the limit is,
 * because a valid credential must work even when wrong ones come from the same address. A check is cheap: a hash for a
 * key, a signature verification for a token of at most 8 KiB.
 */
export const rateLimit = fp(async (app, { perMinute, counter }: RateLimitOptions) => {
  const maxWrong = Math.max(MIN_WRONG, Math.ceil(perMinute / WRONG_SHARE))
  const policy = `"default";q=${perMinute};w=${WINDOW_MS / 1000}`
  const wrongPolicy = `"credentials";q=${maxWrong};w=${WINDOW_MS / 1000}`
  // When the block of each address ends. While a block lasts, wrong credentials cost no call of the counter.
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

/** Rounded up and at least 1, so that the window has ended when the caller comes back. */
function secondsOf (ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
