import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { ConnectError } from '../../connect/errors.ts'
import { AppError } from '../../errors/app-error.ts'
import { inFlight, KeyedAttempt, mismatch, type IdempotencyResult } from '../../idempotency/keyed-attempt.ts'
import { fingerprintOf, withoutSlash } from '../../idempotency/fingerprint.ts'
import { readKey } from '../../idempotency/key.ts'
import { keep, readKept } from '../../idempotency/kept-answer.ts'
import { isCausedByLeaving } from '../client-signal.ts'
import { toAppError } from '../to-app-error.ts'
import { callerOf } from './auth.ts'

const ATTEMPT = Symbol('attempt')
const KEPT = Symbol('kept')

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Default: the plugin calls `identify` with the body, and sends a kept answer again. With `file` and `report` the
     * operation reads the body and does both itself. `report`: only a 200 is kept. `rerun`: the operation reads the
     * body and calls `identify`, and no answer is kept. `none`: the operation takes no key.
     */
    idempotency?: 'file' | 'report' | 'rerun' | 'none'
  }
  interface FastifyRequest {
    /** The attempt that this plugin has to finish; null without one, such as after `takeAttempt`. */
    [ATTEMPT]: KeyedAttempt | null
    /** The kept answer to an earlier request, for an operation that reads the body itself; else null. */
    [KEPT]: { fingerprint: string, answer: string } | null
  }
}

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE']

interface Answer { description: string, headers?: object }

export interface IdempotencyOptions {
  /** A part of each key: a key that was used with one Connect is new for another. */
  connectBaseUrl: string
  document: { header: object, rerunHeader: object, replayed: object, problems: Readonly<Record<number, Answer>> }
}

/**
 * Claims the Idempotency-Key of a write, and keeps the answer or sends a kept one again. While the state store does not
 * answer, every operation that takes a key is refused, also a request without a key: one rule for all.
 */
export const idempotency = fp(async (app, { connectBaseUrl, document }: IdempotencyOptions) => {
  const connect = withoutSlash(connectBaseUrl)
  app.decorateRequest(ATTEMPT, null)
  app.decorateRequest(KEPT, null)
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some(method => WRITES.includes(method)) || route.config?.idempotency === 'none') return
    documentKey(route, document)
    // For a report the caller gets the error of the failed read: it may send the report any number of times.
    if (route.config?.idempotency !== 'report') withUnknownKept(route)
  })
  // A key that is not valid is refused before the body is read.
  app.addHook('onRequest', (request, _reply, done) => {
    keyOf(request)
    done()
  })
  // The key is claimed after validation: a request that is not valid claims no key, so its answer is not kept.
  app.addHook('preHandler', async (request, reply) => {
    return isWrite(request) ? await claimKey(request, reply, connect) : undefined
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // Without an attempt, as for a read, the answer is not delayed: for a delayed one Fastify adds listeners. A stream
    // goes on after this hook: the operation that sends the stream finishes the attempt.
    if (request[ATTEMPT] === null || payload instanceof Readable) return done(null, payload)
    keepAnswer(request, reply, typeof payload === 'string' ? payload : '').then(() => { done(null, payload) }, done)
  })
}, { name: 'idempotency', dependencies: ['auth', 'state'] })

/**
 * Claims the key of a request, or sends the answer that is kept for the key. Without a key only checks that the store
 * answers. Throws IDEMPOTENCY_IN_FLIGHT, IDEMPOTENCY_MISMATCH and StoreUnavailableError.
 */
async function claimKey (request: FastifyRequest, reply: FastifyReply, connect: string): Promise<unknown> {
  const { journal, routeOptions: { config, url }, server: { store } } = request
  const key = keyOf(request)
  if (key === null) {
    await store.health()
    return undefined
  }
  const { id, account } = callerOf(request)
  const head = [account.role, account.accountId, request.query]
  const begun = await store.begin(
    JSON.stringify([connect, id, request.method, url, request.params, key]),
    config.idempotency === undefined ? fingerprintOf(...head, request.body) : null
  ).catch((error: unknown) => {
    journal.add({ kind: 'key-result', result: 'unavailable' })
    throw error
  })
  switch (begun.kind) {
    case 'in-flight':
      noteResult(request, 'conflict')
      throw inFlight()
    case 'mismatch':
      noteResult(request, 'mismatch')
      throw mismatch()
    case 'done':
      if (config.idempotency === undefined) return await replay(request, reply, begun.answer)
      request[KEPT] = begun
      return undefined
    case 'claimed': {
      const warn = (error: unknown, message: string): void => {
        request.log.warn({ err: error ?? undefined }, message)
      }
      journal.add({ kind: 'key-claimed', isAfterUnknown: begun.earlier !== null })
      const as = config.idempotency === 'rerun' ? 'ran' : 'sent'
      const attempt = new KeyedAttempt({ store, claim: begun, head, as, warn })
      request[ATTEMPT] = attempt
      if (config.idempotency === undefined) attempt.identify(request.body)
    }
  }
  return undefined
}

/** Keeps the answer or releases the key. `body` is the text of the answer, `reply` has its status and headers. */
export async function keepAnswer (request: FastifyRequest, reply: FastifyReply, body: string): Promise<void> {
  const attempt = takeAttempt(request)
  if (attempt === null) return
  const { statusCode: status } = reply
  const code = status < 400 ? null : problemIn(body).code ?? null
  const answer = keep({ status, code, body, mayHaveActed: attempt.mayHaveActed }, name => reply.getHeader(name))
  const isInterim = status !== 200 && request.routeOptions.config.idempotency === 'report'
  noteResult(request, await attempt.finish({ status, code, answer, isInterim }))
}

/** Gives the attempt of a request, which the plugin finishes. Null without one, such as after `takeAttempt`. */
export function attemptOf (request: FastifyRequest): KeyedAttempt | null {
  return request[ATTEMPT]
}

/** Removes the attempt from the request: the calling function has to finish it. Null without an attempt. */
export function takeAttempt (request: FastifyRequest): KeyedAttempt | null {
  const attempt = request[ATTEMPT]
  request[ATTEMPT] = null
  return attempt
}

/**
 * For an operation that reads the body itself. Sends the kept answer to an earlier request with the key, or gives
 * undefined when none is kept. Throws IDEMPOTENCY_MISMATCH if the body differs.
 */
export async function replayKept (
  request: FastifyRequest, reply: FastifyReply, readContent: () => Promise<readonly unknown[]>
): Promise<FastifyReply | undefined> {
  const kept = request[KEPT]
  if (kept === null) return undefined
  const { role, accountId } = callerOf(request).account
  if (fingerprintOf(role, accountId, request.query, ...await readContent()) === kept.fingerprint) {
    return await replay(request, reply, kept.answer)
  }
  noteResult(request, 'mismatch')
  throw mismatch()
}

export function noteResult ({ journal, server }: FastifyRequest, result: IdempotencyResult): void {
  journal.add({ kind: 'key-result', result })
  server.metrics.idempotency(result)
}

function problemIn (body: string): { code?: string, currentStatus?: unknown } {
  return body === '' ? {} : JSON.parse(body) as { code?: string, currentStatus?: unknown }
}

/** While an earlier request with the key has an unknown outcome, a 5xx or a failed read becomes OUTCOME_UNKNOWN. */
function withUnknownKept (route: RouteOptions): void {
  const { handler } = route
  route.handler = async function (request, reply) {
    try {
      return await handler.call(this, request, reply)
    } catch (error) {
      const earlier = attemptOf(request)?.earlier ?? null
      throw earlier !== null && !isCausedByLeaving(error, reply) ? stillUnknown(error) : error
    }
  }
}

function stillUnknown (error: unknown): unknown {
  const problem = toAppError(error)
  const { statusCode, code, options: { cause, retryAfterSeconds } } = problem
  // A failed read says nothing about the write, whatever Connect answered.
  const isReadFailed = statusCode >= 500 || (cause instanceof ConnectError && cause.method === 'GET')
  if (!isReadFailed || code === 'OUTCOME_UNKNOWN') return error
  return new AppError(
    'OUTCOME_UNKNOWN',
    'An earlier request with this Idempotency-Key was sent to Connect, and its outcome cannot be read now. Send the ' +
    'same request again.',
    { retryAfterSeconds: retryAfterSeconds ?? 1, cause: problem }
  )
}

async function replay (request: FastifyRequest, reply: FastifyReply, answer: string): Promise<FastifyReply> {
  const { status, code, headers, body, mayHaveActed } = readKept(answer)
  noteResult(request, 'replay')
  request.journal.add({ kind: 'replayed', mayHaveActed })
  if (code !== null) request.journal.add({ kind: 'problem', code, currentStatus: problemIn(body).currentStatus })
  return await reply
    .code(status)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .send(body === '' ? undefined : body)
}

/** Null without a key, and for an operation that takes none. Throws VALIDATION_FAILED for a key that is not valid. */
function keyOf (request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key']
  return header !== undefined && isWrite(request) ? readKey(header) : null
}

function isWrite ({ method, routeOptions: { config: { scope, idempotency: kind } } }: FastifyRequest): boolean {
  return scope !== undefined && kind !== 'none' && WRITES.includes(method)
}

function documentKey (
  route: RouteOptions,
  { header, rerunHeader, replayed, problems }: IdempotencyOptions['document']
): void {
  const response = { ...(route.schema?.response as Record<string, Answer> | undefined) }
  for (const [status, ours] of Object.entries(problems)) {
    const theirs = response[status]
    response[status] = theirs === undefined
      ? { ...ours, description: ours.description.replace(/^Or (.)/, (_, first: string) => first.toUpperCase()) }
      : {
          ...theirs,
          description: `${theirs.description} ${ours.description}`,
          headers: { ...theirs.headers, ...ours.headers }
        }
  }
  for (const [status, success] of Object.entries(response)) {
    if (status.startsWith('2') && route.config?.idempotency !== 'rerun') {
      response[status] = { ...success, headers: { ...success.headers, ...replayed } }
    }
  }
  route.schema = { ...route.schema, response }
  route.config = { ...route.config, documentedHeaders: route.config?.idempotency === 'rerun' ? rerunHeader : header }
}
