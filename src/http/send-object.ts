import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import type { Kind, Objects } from '../watching/kinds.ts'
import type { WaitOptions } from '../watching/watching.ts'
import { CallerLeft } from './client-signal.ts'
import { matchesTag, weakTag } from './etag.ts'
import { callerOf, credentialLeftMs } from './plugins/auth.ts'
import { keepAnswer } from './plugins/idempotency.ts'
import { workOf } from './plugins/work.ts'
import { waitSeconds } from './prefer.ts'
import { varyBy } from './vary.ts'

export interface ObjectRead<K extends Kind> {
  readonly kind: K
  readonly id: string
  readonly read: () => Promise<Objects[K]>
  readonly show: (object: Objects[K]) => object
  /** Adds the parts that the caller asks for. Gets a promise, so that parts and object can be read at the same time. */
  readonly join?: (object: Promise<Objects[K]>) => Promise<object>
}

/**
 * Answers a read of one object, with its ETag; 304 when the caller has that state. With `Prefer: wait` the answer comes
 * when the object is at rest or, for a request with `If-None-Match`, when the ETag differs. When the wait ends before
 * that, the answer shows the object as it is at the end, or is 304.
 */
export async function sendObject<K extends Kind> (
  request: FastifyRequest, reply: FastifyReply, object: ObjectRead<K>
): Promise<FastifyReply> {
  const { kind, id, read, show } = object
  const join = object.join ?? (async one => show(await one))
  varyBy(reply, 'Prefer')
  const wait = beginWait(request, reply)
  if (wait === null) return await sendTagged(request, reply, JSON.stringify(await join(read())))
  const { watching } = request.server
  const known = request.headers['if-none-match']
  let found = known === undefined ? (await watching.untilAtRest(kind, id, wait)).object : await read()
  let text = JSON.stringify(await join(Promise.resolve(found)))
  let isOver = known === undefined
  while (!isOver && matchesTag(known, weakTag(text))) {
    const seen = JSON.stringify(show(found))
    const isChanged = (now: Objects[K]): boolean => JSON.stringify(show(now)) !== seen
    const waited = await watching.untilChanged(kind, id, found, { ...wait, isChanged })
    found = waited.object
    text = JSON.stringify(await join(Promise.resolve(found)))
    isOver = !waited.isDone
  }
  return await sendTagged(request, reply.header('preference-applied', `wait=${wait.seconds}`), text)
}

export interface WrittenObject<K extends Kind, Shown> {
  readonly kind: K
  /** The object as the caller sees it right after the write. */
  readonly shown: Shown & { readonly id: string }
  readonly show: (object: Objects[K]) => Shown
}

/**
 * Answers a write that makes Connect work on an object. With `Prefer: wait`, `shown` is first kept for the
 * Idempotency-Key. Then the caller gets the object at rest, or as it is at the end of the wait. When the wait fails,
 * the caller gets `shown`, because the write has succeeded.
 */
export async function sendWritten<K extends Kind, Shown> (
  request: FastifyRequest, reply: FastifyReply, { kind, shown, show }: WrittenObject<K, Shown>
): Promise<FastifyReply> {
  const wait = beginWait(request, reply)
  if (wait === null) return await reply.send(shown)
  reply.header('content-type', 'application/json; charset=utf-8')
  await keepAnswer(request, reply, JSON.stringify(shown))
  try {
    const { object } = await request.server.watching.untilAtRest(kind, shown.id, wait)
    return await reply.header('preference-applied', `wait=${wait.seconds}`).send(show(object))
  } catch (error) {
    if (!(error instanceof AppError)) request.log.info({ err: error }, 'the wait for the object failed')
    return await reply.send(shown)
  }
}

/**
 * Null without a valid `Prefer: wait`. Else releases the slots of the request, because while it waits it needs none.
 */
function beginWait (request: FastifyRequest, reply: FastifyReply): WaitOptions & { seconds: number } | null {
  const seconds = waitSeconds(request.headers['prefer'])
  if (seconds === null) return null
  workOf(request).releaseSlots()
  const deadline = performance.now() + Math.min(seconds * 1000, credentialLeftMs(request))
  return { seconds, caller: callerOf(request), deadline, signal: new CallerLeft(reply) }
}

async function sendTagged (request: FastifyRequest, reply: FastifyReply, text: string): Promise<FastifyReply> {
  const tag = weakTag(text)
  reply.header('etag', tag)
  if (matchesTag(request.headers['if-none-match'], tag)) return await reply.code(304).send(undefined)
  // For a text without a Content-Type, Fastify would set text/plain.
  return await reply.header('content-type', 'application/json; charset=utf-8').send(text)
}
