import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { Semaphore } from '../../limits/semaphore.ts'
import { EventStream } from '../../watching/event-stream.ts'
import type { Kind } from '../../watching/kinds.ts'
import { callerOf, credentialLeftMs } from './auth.ts'
import { workOf } from './work.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Opens an event stream of the objects with these ids; without any id, of every usage file of the account that
     * Connect works on or that is `pending`. The stream ends when the credential of the request is no longer valid,
     * which is checked every BEAT_MS, and when the service stops. Throws OVERLOADED when too many streams are open.
     */
    openEvents: (reply: FastifyReply, ids: Readonly<Record<Kind, readonly string[]>>) => EventStream
  }
}

const MAX_STREAMS = 12_000
const MAX_STREAMS_EACH = 10_000
/** The time between two comments on one event stream. The comments keep its connection open. */
const BEAT_MS = 15_000
/**
 * The streams are divided into so many parts. Each tick writes to one part, some 80 streams when MAX_STREAMS are open,
 * because the writes of one tick delay other requests.
 */
const TICKS = 150

interface Open { stream: EventStream, request: FastifyRequest, reply: FastifyReply }

export const eventStreams = fp(async (app, { beatMs = BEAT_MS }: { beatMs?: number | undefined }) => {
  const slots = new Semaphore({ slots: MAX_STREAMS, slotsPerKey: MAX_STREAMS_EACH })
  const parts = Array.from({ length: TICKS }, () => new Set<Open>())
  let tick = 0
  /** Each new stream goes to the next part, so that streams which open at the same time go to different parts. */
  let opened = 0
  let isEnding = false
  const beat = (one: Open): void => {
    const { stream, request, reply } = one
    const leftMs = credentialLeftMs(request)
    if (!app.isStillAllowed(request)) return stream.end()
    if (leftMs <= beatMs) setTimeout(() => { stream.end() }, leftMs).unref()
    stream.beat()
    joinHead(reply)
  }
  const timer = setInterval(() => {
    tick = (tick + 1) % TICKS
    for (const one of parts[tick] ?? []) beat(one)
  }, beatMs / TICKS).unref()

  app.decorate('openEvents', (reply, ids) => {
    const { request } = reply
    const { id, account } = callerOf(request)
    const slot = slots.tryAcquire(id)
    if ('refused' in slot) {
      throw new AppError('OVERLOADED', 'Too many event streams are open.', { retryAfterSeconds: 5 })
    }
    // An open stream only waits, so it must not take the slots of requests that work.
    workOf(request).releaseSlots()
    const stream = new EventStream()
    const one = { stream, request, reply }
    const part = parts[opened++ % TICKS]
    part?.add(one)
    const leaves: (() => void)[] = []
    stream.once('close', () => {
      part?.delete(one)
      for (const leave of leaves) leave()
      slot.release()
    })
    if (credentialLeftMs(request) <= beatMs) beat(one)
    if (isEnding) stream.end()
    leaves.push(...app.watching.listen(account, ids, stream))
    return stream
  })
  app.addHook('preClose', async () => {
    isEnding = true
    for (const part of parts) for (const { stream } of part) stream.end()
  })
  app.addHook('onClose', async () => { clearInterval(timer) })
}, { name: 'event-streams', dependencies: ['auth', 'watching', 'work'] })

/**
 * Saves 2 KiB of memory for each stream (npm run bench -- watching). Node keeps the head of the answer as a tree of 130
 * texts while the answer lasts. A search with a regular expression makes V8 join them. It is called in each beat: on a
 * text that is joined it costs next to nothing, and no stream needs a flag.
 */
function joinHead ({ raw }: FastifyReply): void {
  /$/.test((raw as { _header?: string })._header ?? '')
}
