/** What the operations are written in: from typed arguments to one request, and from its answer to a typed value. */
import {
  bad, contentLengthOf, readBody, requireFile, requireNamed, requireObject, requireObjects, requireWritten, totalOf
} from './http/responses.ts'
import type { JsonReader } from './http/responses.ts'
import type { CallContext, Download, UploadBody } from './api.ts'
import { createAttempts } from './http/attempts.ts'
import type { Attempt } from './http/attempts.ts'
import { ConnectTimeoutError, NOTHING_SENT, StorageRefusedError } from './errors.ts'
import type { CallTarget } from './errors.ts'
import type { Answer } from './http/exchange.ts'
import { areAsAsked } from './filter-guard.ts'
import type { Page } from './filters.ts'
import type { Limits } from './limits.ts'
import type { Bulkheads } from './http/pools.ts'
import { resolveRoute } from './http/route.ts'
import type { Method, Route } from './http/route.ts'
import { buildQuery } from './rql.ts'
import type { RqlQuery } from './rql.ts'
import type { Scope, Scopes } from './http/deadline.ts'
import type { LinkVerdict } from './http/url-allowlist.ts'
import { measureBody } from './upload-body.ts'

export interface CallerOptions {
  /** Of the base URL: empty, or with a leading and without a trailing slash. */
  readonly prefix: string
  readonly userAgent: string
  readonly timeoutMs: number
  readonly limits: Limits
  readonly bulkheads: Bulkheads
  readonly scopes: Scopes
  readonly judgeLink: (link: string) => LinkVerdict
}

/**
 * What the operations are written in. Types are promised, not checked, beyond object and list: see types.ts. An object
 * is the one that the route names, and a list holds nothing that its filter excludes: else it is a bad payload.
 */
export interface Caller {
  list<T> (name: string, at: Route, query: RqlQuery, ctx: CallContext, read?: JsonReader): Promise<Page<T>>
  count (name: string, at: Route, query: RqlQuery, ctx: CallContext): Promise<number>
  get<T> (name: string, at: Route, ctx: CallContext, read?: JsonReader): Promise<T>
  write<T> (
    name: string, method: Method, at: Route, body: unknown, ctx: CallContext, read?: JsonReader
  ): Promise<T | null>
  writeList<T> (name: string, at: Route, body: unknown, ctx: CallContext): Promise<readonly T[]>
  upload<T> (name: string, at: Route, body: UploadBody, ctx: CallContext): Promise<T | null>
  download (name: string, at: Route, ctx: CallContext): Promise<Download>
  follow (name: string, link: string, ctx: CallContext): Promise<Download>
}

const isFile = (status: number): boolean => status === 200
const parse: JsonReader = (text) => JSON.parse(text)

export function createCaller (options: CallerOptions): Caller {
  const { prefix, limits, bulkheads, scopes, timeoutMs } = options
  const attempts = createAttempts(limits)

  const headersFor = (ctx: CallContext, accept: string): string[] => {
    return [
      'authorization', authorization(ctx.credential), 'accept', accept, 'accept-encoding', 'identity',
      'user-agent', options.userAgent, 'x-request-id', ctx.requestId
    ]
  }

  const withScope = async <T>(totalMs: number, ctx: CallContext, work: (scope: Scope) => Promise<T>): Promise<T> => {
    const scope = scopes.open(totalMs, ctx.signal)
    try {
      return await work(scope)
    } finally {
      scope.release()
    }
  }

  const readJsonAnswer = async <T>(
    target: CallTarget, query: string, ctx: CallContext, readJson: JsonReader,
    take: (value: unknown, answer: Answer) => T
  ): Promise<T> => withScope(timeoutMs, ctx, async (scope) => {
    const path = `${prefix}${target.path}${query === '' ? '' : `?${query}`}`
    const request = { method: 'GET' as const, path, headers: headersFor(ctx, 'application/json') }
    const what = { target, via: bulkheads.jsonRead, request, readJson }
    return await attempts.read(what, (answer) => take(readBody(answer, target, readJson), answer), scope, ctx)
  })

  const timeLeftFor = (target: CallTarget, { firstSentAt }: CallContext): number => {
    const spentMs = firstSentAt === undefined ? 0 : performance.now() - firstSentAt
    if (spentMs > timeoutMs / 2) throw new ConnectTimeoutError(target, NOTHING_SENT, 'total')
    return timeoutMs - spentMs
  }

  const sendJson = async (
    target: CallTarget, method: Method, body: unknown, ctx: CallContext, readJson: JsonReader
  ): Promise<{ answer: Answer, value: unknown }> => withScope(timeLeftFor(target, ctx), ctx, async (scope) => {
    const headers = headersFor(ctx, 'application/json')
    // No body at all where there is nothing to say: a literal `null` makes Connect's submit fail with 500.
    if (body !== undefined) headers.push('content-type', 'application/json')
    const request = {
      method, path: prefix + target.path, headers, body: body === undefined ? null : JSON.stringify(body)
    }
    const answer = await attempts.once(
      { target, via: bulkheads.jsonWrite, request, readJson, beforeSend: ctx.beforeSend },
      scope,
      ctx,
      ctx.firstSentAt === undefined ? 1 : 2
    )
    return { answer, value: readBody(answer, target, readJson) }
  })

  const openFile = async (what: Attempt, ctx: CallContext): Promise<Download> => {
    const scope = scopes.open(limits.downloadTotalMs, ctx.signal)
    try {
      const download = await attempts.read(what, (answer) => ({
        stream: requireFile(answer, what.target),
        contentType: answer.headers['content-type'] ?? null,
        contentLength: contentLengthOf(answer.headers)
      }), scope, ctx)
      download.stream.once('close', () => scope.release())
      return download
    } catch (error) {
      scope.release()
      throw error
    }
  }

  return {
    async list<T> (name: string, at: Route, query: RqlQuery, ctx: CallContext, read: JsonReader = parse) {
      const target = resolveRoute(name, 'GET', at)
      return await readJsonAnswer(target, buildQuery(query, target), ctx, read, (value, answer) => {
        const items = requireObjects(value, answer, target)
        if (!areAsAsked(items, query.filter)) throw bad(answer, target, 'other-object')
        return pageOf(items as readonly T[], query, answer, target)
      })
    },
    async count (name, at, query, ctx) {
      const target = resolveRoute(name, 'GET', at)
      return await readJsonAnswer(target, buildQuery({ ...query, limit: 0 }, target), ctx, parse, (value, answer) => {
        requireObjects(value, answer, target)
        const total = totalOf(answer, target)
        if (total === null) throw bad(answer, target, 'shape')
        return total
      })
    },
    async get<T> (name: string, at: Route, ctx: CallContext, read: JsonReader = parse) {
      const target = resolveRoute(name, 'GET', at)
      return await readJsonAnswer(target, '', ctx, read, (value, answer) =>
        requireNamed(requireObject(value, answer, target), at.objectId, answer, target) as T)
    },
    async write<T> (
      name: string, method: Method, at: Route, body: unknown, ctx: CallContext, read: JsonReader = parse
    ) {
      const target = resolveRoute(name, method, at)
      const { answer, value } = await sendJson(target, method, body, ctx, read)
      return requireWritten(value, at.objectId, answer, target) as T | null
    },
    async writeList<T> (name: string, at: Route, body: unknown, ctx: CallContext) {
      const target = resolveRoute(name, 'POST', at)
      const { answer, value } = await sendJson(target, 'POST', body, ctx, parse)
      return requireObjects(value, answer, target) as readonly T[]
    },
    async upload<T> (name: string, at: Route, upload: UploadBody, ctx: CallContext) {
      const body = measureBody(upload, limits.uploadSilenceMs, ctx.beforeSend)
      try {
        const target = resolveRoute(name, 'POST', at)
        if (!Number.isSafeInteger(upload.length) || upload.length <= 0) throw new TypeError('not a length')
        const headers = headersFor(ctx, 'application/json')
        headers.push('content-type', upload.contentType, 'content-length', String(upload.length))
        const request = { method: 'POST' as const, path: prefix + target.path, headers, body: body.stream }
        return await withScope(limits.uploadTotalMs, ctx, async (scope) => {
          const via = bulkheads.upload
          const answer = await attempts.once({ target, via, request, body, readJson: parse }, scope, ctx)
          return requireWritten(readBody(answer, target, parse), at.objectId, answer, target) as T | null
        })
      } finally {
        body.dispose()
      }
    },
    async download (name, at, ctx) {
      const target = resolveRoute(name, 'GET', at)
      // Any type: a narrower Accept may be answered with 406 by a server that negotiates among its renderers.
      const request = { method: 'GET' as const, path: prefix + target.path, headers: headersFor(ctx, '*/*') }
      return openFile({ target, via: bulkheads.download, request, streams: isFile, readJson: parse }, ctx)
    },
    async follow (name, link, ctx) {
      const verdict = options.judgeLink(link)
      if ('refusal' in verdict) {
        throw new StorageRefusedError({ operation: name, method: 'GET', path: verdict.origin }, verdict.refusal)
      }
      const { url, isTrusted } = verdict
      // Nothing of the context travels: the link is signed, and whoever serves it is not Connect.
      const headers = ['accept', '*/*', 'accept-encoding', 'identity', 'user-agent', options.userAgent]
      const request = { method: 'GET' as const, origin: url.origin, path: url.pathname + url.search, headers }
      const target = { operation: name, method: 'GET', path: url.origin }
      const { gate, trusted, guarded } = bulkheads.storage
      const via = { gate, dispatcher: isTrusted ? trusted : guarded }
      return openFile({ target, via, request, isForeign: true, streams: isFile, readJson: parse }, ctx)
    }
  }
}

/** Throws for a full page that does not tell how many there are: it hides whether there are more. */
function pageOf<T> (items: readonly T[], query: RqlQuery, answer: Answer, target: CallTarget): Page<T> {
  // More rows than were asked for are of another question, and of any number.
  if (items.length > (query.limit ?? Infinity)) throw bad(answer, target, 'shape')
  // `items 0-0/…` may mean one row or none, so the list itself tells how many came.
  const seen = (query.offset ?? 0) + items.length
  const told = totalOf(answer, target)
  if (told === null && items.length > 0 && items.length >= (query.limit ?? Infinity)) throw bad(answer, target, 'shape')
  const total = Math.max(told ?? seen, items.length > 0 ? seen : 0)
  const bytes = Buffer.isBuffer(answer.body) ? answer.body.byteLength : 0
  return { items, total, bytes, ...(told === null && { isTotalGuessed: true }) }
}

/** Connectors hand the token over with or without its scheme. */
function authorization (credential: string): string {
  const text = credential.trim()
  // undici would say which header is bad, and this one must not be talked about.
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)?$/.test(text)) throw new TypeError('the credential is not a header value')
  return /^ApiKey /i.test(text) ? text : `ApiKey ${text}`
}
