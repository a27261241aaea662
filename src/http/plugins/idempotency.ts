import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { inFlight, KeyedAttempt, mismatch, type IdempotencyResult } from '../../idempotency/attempt.ts'
import { fingerprintOf } from '../../idempotency/fingerprint.ts'
import { readKey } from '../../idempotency/key.ts'
import { keep, readKept } from '../../idempotency/kept-answer.ts'
import { ONLY_ATTEMPT, type Attempt } from '../../usage/writes/attempt.ts'
import { callerOf } from './auth.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * For bodies that the operation itself reads. `file`: it says what the body was when it has been read. `rerun`: so
     * it does, and its answer is not kept, because it may run again.
     */
    idempotency?: 'file' | 'rerun'
  }
  interface FastifyRequest {
    /** What a request with an Idempotency-Key came to; null without one. */
    idempotency: IdempotencyResult | null
    /** The claim of the key while the request is at work. */
    attempt: KeyedAttempt | null
    /** The answer there is already, of a request whose body must still be compared. */
    kept: { fingerprint: string, answer: string } | null
    idempotencyKey: string | null
  }
}

const WRITES = ['POST', 'PATCH', 'DELETE']

interface Answer { description: string, headers?: object }

export interface IdempotencyOptions {
  /** Where Connect is: what a key did at one Connect says nothing about another. */
  connectBaseUrl: string
  /**
   * What the document says of it at every write: the header, and answers by status, added to those of the operation.
   */
  document: { header: object, rerunHeader: object, replayed: object, problems: Readonly<Record<number, Answer>> }
}

/**
 * Every write under this scope takes an Idempotency-Key: the state machine is in src/idempotency/attempt.ts. While the
 * store does not answer writes are refused, with a key or without one: that is one rule to know, and none in which a
 * request that wanted to be remembered is not.
 */
export const idempotency = fp(async (app, { connectBaseUrl, document }: IdempotencyOptions) => {
  const connect = withoutSlash(connectBaseUrl)
  app.decorateRequest('idempotency', null)
  app.decorateRequest('attempt', null)
  app.decorateRequest('kept', null)
  app.decorateRequest('idempotencyKey', null)
  app.addHook('onRoute', (route) => {
    if ([route.method].flat().some(method => WRITES.includes(method))) describe(route, document)
  })
  // Before the body: a bad key costs nothing.
  app.addHook('onRequest', (request, _reply, done) => {
    const header = request.headers['idempotency-key']
    if (header !== undefined && isWrite(request)) request.idempotencyKey = readKey(header)
    done()
  })
  // After validation: what is not valid is told every time.
  app.addHook('preHandler', async (request, reply) => {
    if (!isWrite(request)) return
    const { idempotencyKey: key, routeOptions: { config, url } } = request
    if (key === null) return await app.store.health()
    const { id, account } = callerOf(request)
    const head = [account.role, account.accountId, request.query]
    const begun = await app.store.begin(
      JSON.stringify([connect, id, request.method, url, request.params, key]),
      config.idempotency === undefined ? fingerprintOf(...head, request.body) : null
    ).catch((error: unknown) => {
      request.idempotency = 'unavailable'
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
        request.kept = begun
        return
      case 'claimed': {
        const warn = (error: unknown, message: string): void => {
          request.log.warn({ err: error ?? undefined }, message)
        }
        request.idempotency = 'new'
        request.attempt = new KeyedAttempt({
          store: app.store,
          claim: begun,
          head,
          as: config.idempotency === 'rerun' ? 'ran' : 'sent',
          warn
        })
        if (config.idempotency === undefined) request.attempt.identify(request.body)
      }
    }
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const { attempt } = request
    // A stream goes on after this; whoever sends one ends the attempt with it.
    if (attempt === null || payload instanceof Readable) return payload
    request.attempt = null
    const body = typeof payload === 'string' ? payload : ''
    noteResult(request, await attempt.finish({
      status: reply.statusCode,
      code: request.problemCode,
      answer: keep(reply.statusCode, request.problemCode, name => reply.getHeader(name), body)
    }))
    return payload
  })
}, { name: 'idempotency', dependencies: ['auth', 'state'] })

/** The same Connect, however its address is written. */
function withoutSlash (baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl)
  return origin + pathname.replace(/\/+$/, '')
}

/** The attempt at a write that a request is: one of its own without a key. */
export function attemptOf (request: FastifyRequest): Attempt {
  return request.attempt ?? ONLY_ATTEMPT
}

/** Compares the body of a request whose answer is there already, and gives it. Throws IDEMPOTENCY_MISMATCH. */
export async function replayFor (
  request: FastifyRequest,
  reply: FastifyReply,
  kept: { fingerprint: string; answer: string },
  content: readonly unknown[]
): Promise<FastifyReply> {
  const { role, accountId } = callerOf(request).account
  if (fingerprintOf(role, accountId, request.query, ...content) === kept.fingerprint) {
    return await replay(request, reply, kept.answer)
  }
  noteResult(request, 'mismatch')
  throw mismatch()
}

/** What the request came to in the end, for its lines and the counters. */
export function noteResult (request: FastifyRequest, result: IdempotencyResult): void {
  request.idempotency = result
  request.server.metrics.idempotency(result)
}

async function replay (request: FastifyRequest, reply: FastifyReply, answer: string): Promise<FastifyReply> {
  const { status, code, headers, body } = readKept(answer)
  noteResult(request, 'replay')
  request.problemCode = code
  return await reply
    .code(status)
    .headers(headers)
    .header('idempotency-replayed', 'true')
    .send(body === '' ? undefined : body)
}

function isWrite (request: FastifyRequest): boolean {
  return request.routeOptions.config.scope !== undefined && WRITES.includes(request.method)
}

/** The header as a parameter, and what may be answered because of it. */
function describe (
  route: RouteOptions,
  { header, rerunHeader, replayed, problems }: IdempotencyOptions['document']
): void {
  const response = { ...(route.schema?.response as Record<string, Answer> | undefined) }
  for (const [status, ours] of Object.entries(problems)) {
    const theirs = response[status]
    response[status] =
      theirs === undefined
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
