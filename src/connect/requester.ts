import { createHash } from 'node:crypto'
import type { CallContext, Download, UploadBody } from './api.ts'
import { ConnectTimeoutError, NOTHING_SENT, StorageRefusedError, type CallTarget } from './errors.ts'
import { areAsAsked } from './filter-guard.ts'
import type { Page } from './filters.ts'
import { CallSender, type Call } from './http/call-sender.ts'
import type { Deadline, Deadlines } from './http/deadline.ts'
import type { ConnectResponse } from './http/exchange.ts'
import type { Pools } from './http/pools.ts'
import type { JsonReader } from './http/read-json.ts'
import {
  contentLengthOf, invalidResponse, parseBody, requireId, requireObject, requireObjects, requireWorkbook,
  requireWritten, totalOf
} from './http/responses.ts'
import { resolveRoute, type Method, type Route } from './http/route.ts'
import type { UrlDecision } from './http/url-allowlist.ts'
import type { Limits } from './limits.ts'
import { createLosslessReader } from './lossless-json.ts'
import { buildQuery, type RqlQuery } from './rql.ts'
import { MeasuredBody } from './upload-body.ts'

export interface RequesterOptions {
  /** The path of the base URL: empty, or with a slash at its beginning and no slash at its end. */
  readonly prefix: string
  readonly userAgent: string
  readonly timeoutMs: number
  readonly limits: Limits
  readonly pools: Pools
  readonly deadlines: Deadlines
  readonly decideUrl: (link: string) => UrlDecision
}

const isFile = (status: number): boolean => status === 200
const parse: JsonReader = createLosslessReader([])

/**
 * Sends calls to Connect and its storage, and gives the responses as typed values. The types of members are not
 * checked, except the form of `id`. Throws ConnectBadPayloadError for an object with another id than `objectId` of the
 * route, and in `list` and `count` for a row that breaks the filter.
 */
export class ConnectRequester {
  readonly #options: RequesterOptions
  readonly #sender: CallSender

  constructor (options: RequesterOptions) {
    this.#options = options
    this.#sender = new CallSender(options.limits)
  }

  async list<T> (
    operation: string, at: Route, query: RqlQuery, ctx: CallContext, readJson: JsonReader = parse
  ): Promise<Page<T>> {
    return await this.#readPage(operation, at, query, ctx, readJson, () => true)
  }

  /** Asks for one row, to notice when Connect ignores the filter. Throws ConnectBadPayloadError without a total. */
  async count (operation: string, at: Route, query: RqlQuery, ctx: CallContext): Promise<number> {
    const isCount = ({ items, total, isTotalGuessed }: Page<object>): boolean =>
      isTotalGuessed !== true && (total === 0 || items.length > 0)
    return (await this.#readPage(operation, at, { ...query, limit: 1 }, ctx, parse, isCount)).total
  }

  async get<T> (operation: string, at: Route, ctx: CallContext, readJson: JsonReader = parse): Promise<T> {
    const target = resolveRoute(operation, 'GET', at)
    return await this.#read(target, '', ctx, readJson, (response) => {
      const value = parseBody(response, target, readJson)
      return requireId(requireObject(value, response, target), at.objectId, response, target) as T
    })
  }

  /** Gives null when the answer has no body or the body `null`. */
  async write<T> (
    operation: string, method: Method, at: Route, body: unknown, ctx: CallContext, readJson: JsonReader = parse
  ): Promise<T | null> {
    const target = resolveRoute(operation, method, at)
    const { response, value } = await this.#sendJson(target, method, body, ctx, readJson)
    return requireWritten(value, at.objectId, response, target) as T | null
  }

  /** Throws ConnectBadPayloadError for a success without a list. */
  async writeList<T> (operation: string, at: Route, body: unknown, ctx: CallContext): Promise<readonly T[]> {
    const target = resolveRoute(operation, 'POST', at)
    const { response, value } = await this.#sendJson(target, 'POST', body, ctx, parse)
    return requireObjects(value, response, target) as readonly T[]
  }

  async upload<T> (operation: string, at: Route, upload: UploadBody, ctx: CallContext): Promise<T | null> {
    const { limits, pools } = this.#options
    const body = new MeasuredBody(upload, limits.uploadSilenceMs)
    try {
      const target = resolveRoute(operation, 'POST', at)
      if (!Number.isSafeInteger(upload.length) || upload.length <= 0) throw new TypeError('not a length')
      const headers = this.#headers(ctx, 'application/json')
      headers.push('content-type', upload.contentType, 'content-length', String(upload.length))
      const request = { method: 'POST' as const, path: this.#options.prefix + target.path, headers, body: body.stream }
      const call = { target, pool: pools.upload, request, body, readJson: parse }
      return await this.#withDeadline(limits.uploadTotalMs, ctx, async (deadline) => {
        const response = await this.#sender.write(call, deadline, ctx)
        return requireWritten(parseBody(response, target, parse), at.objectId, response, target) as T | null
      })
    } finally {
      body.dispose()
    }
  }

  async download (operation: string, at: Route, ctx: CallContext): Promise<Download> {
    const target = resolveRoute(operation, 'GET', at)
    // `*/*` accepts any type. To a header Accept without the type of the file a server may answer 406.
    const { prefix, pools } = this.#options
    const request = { method: 'GET' as const, path: prefix + target.path, headers: this.#headers(ctx, '*/*') }
    const call = { target, pool: pools.download, request, isStreamed: isFile, readJson: parse }
    return await this.#openFile(call, ctx)
  }

  /** Throws StorageRefusedError for a link that may not be followed. */
  async follow (operation: string, link: string, ctx: CallContext): Promise<Download> {
    const { decideUrl, userAgent, pools: { storage } } = this.#options
    const decision = decideUrl(link)
    if ('refusal' in decision) {
      throw new StorageRefusedError({ operation, method: 'GET', path: decision.origin }, decision.refusal)
    }
    const { url, isTrusted } = decision
    // A storage host gets no credential and no request id: the link is signed, and the host is not Connect.
    const headers = ['accept', '*/*', 'accept-encoding', 'identity', 'user-agent', userAgent]
    const request = { method: 'GET' as const, origin: url.origin, path: url.pathname + url.search, headers }
    const target = { operation, method: 'GET', path: url.origin }
    const pool = { semaphore: storage.semaphore, dispatcher: isTrusted ? storage.trusted : storage.guarded }
    return await this.#openFile({ target, pool, request, isForeign: true, isStreamed: isFile, readJson: parse }, ctx)
  }

  #headers (ctx: CallContext, accept: string): string[] {
    return [
      'authorization', authorization(ctx.credential), 'accept', accept, 'accept-encoding', 'identity',
      'user-agent', this.#options.userAgent, 'x-request-id', ctx.requestId
    ]
  }

  async #withDeadline<T> (totalMs: number, ctx: CallContext, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = this.#options.deadlines.open(totalMs, ctx.signal)
    try {
      return await work(deadline)
    } finally {
      deadline.release()
    }
  }

  async #readPage<T> (
    operation: string, at: Route, query: RqlQuery, ctx: CallContext, readJson: JsonReader,
    isComplete: (page: Page<T>) => boolean
  ): Promise<Page<T>> {
    const target = resolveRoute(operation, 'GET', at)
    return await this.#read(target, buildQuery(query, target), ctx, readJson, (response) => {
      const digest = query.isKnown === undefined ? null : digestOf(response)
      if (digest !== null && query.isKnown?.(digest) === true) return { items: [], total: 0, digest, isKnown: true }
      const items = requireObjects(parseBody(response, target, readJson), response, target, at.hasVendorIds)
      const isAsAsked = areAsAsked(items, { ...query.filter, ...at.rows })
      if (!isAsAsked) throw invalidResponse(response, target, 'other-object')
      const page = pageOf(items as T[], query, response, target)
      if (!isComplete(page)) throw invalidResponse(response, target, 'shape')
      return digest === null ? page : { ...page, digest }
    })
  }

  async #read<T> (
    target: CallTarget, query: string, ctx: CallContext, readJson: JsonReader, toValue: (response: ConnectResponse) => T
  ): Promise<T> {
    const { prefix, pools, timeoutMs } = this.#options
    return await this.#withDeadline(timeoutMs, ctx, async (deadline) => {
      const path = `${prefix}${target.path}${query === '' ? '' : `?${query}`}`
      const request = { method: 'GET' as const, path, headers: this.#headers(ctx, 'application/json') }
      const call = { target, pool: pools.jsonRead, request, readJson }
      return await this.#sender.read(call, toValue, deadline, ctx)
    })
  }

  async #sendJson (
    target: CallTarget, method: Method, body: unknown, ctx: CallContext, readJson: JsonReader
  ): Promise<{ response: ConnectResponse, value: unknown }> {
    const { prefix, pools } = this.#options
    return await this.#withDeadline(this.#timeLeft(target, ctx), ctx, async (deadline) => {
      const headers = this.#headers(ctx, 'application/json')
      // For `undefined` no body is sent at all: Connect answers a submit with the body `null` with 500.
      if (body !== undefined) headers.push('content-type', 'application/json')
      const text = body === undefined ? null : JSON.stringify(body)
      const request = { method, path: prefix + target.path, headers, body: text }
      const call = { target, pool: pools.jsonWrite, request, readJson, beforeSend: ctx.beforeSend }
      const response = await this.#sender.write(call, deadline, ctx, ctx.firstSentAt === undefined ? 1 : 2)
      return { response, value: parseBody(response, target, readJson) }
    })
  }

  /** A second send gets the rest of `timeoutMs`. Throws ConnectTimeoutError if less than half is left. */
  #timeLeft (target: CallTarget, { firstSentAt }: CallContext): number {
    const { timeoutMs } = this.#options
    const spentMs = firstSentAt === undefined ? 0 : performance.now() - firstSentAt
    if (spentMs > timeoutMs / 2) throw new ConnectTimeoutError(target, NOTHING_SENT, 'total')
    return timeoutMs - spentMs
  }

  /** The deadline is released when the stream closes, or when the opening fails. */
  async #openFile (call: Call, ctx: CallContext): Promise<Download> {
    const deadline = this.#options.deadlines.open(this.#options.limits.downloadTotalMs, ctx.signal)
    try {
      const download = await this.#sender.read(call, (response) => ({
        stream: requireWorkbook(response, call.target),
        contentType: response.headers['content-type'] ?? null,
        contentLength: contentLengthOf(response.headers)
      }), deadline, ctx)
      download.stream.once('close', () => deadline.release())
      return download
    } catch (error) {
      deadline.release()
      throw error
    }
  }
}

function pageOf<T> (items: T[], query: RqlQuery, response: ConnectResponse, target: CallTarget): Page<T> {
  // More rows than the limit: Connect ignored the query.
  if (items.length > (query.limit ?? Infinity)) throw invalidResponse(response, target, 'shape')
  // Connect writes `items 0-0/…` for one row and for none, so the list itself is counted.
  const seen = (query.offset ?? 0) + items.length
  const told = totalOf(response, target)
  // Without a total, a full page may have others after it, and an empty page may lie far behind the last row.
  if (told === null && (items.length === 0 ? seen > 0 : items.length >= (query.limit ?? Infinity))) {
    throw invalidResponse(response, target, 'shape')
  }
  const total = Math.max(told ?? seen, items.length > 0 ? seen : 0)
  const bytes = Buffer.isBuffer(response.body) ? response.body.byteLength : 0
  return { items, total, bytes, ...(told === null && { isTotalGuessed: true }) }
}

/** Two answers to one query with the same digest make the same page. */
function digestOf ({ headers, body }: ConnectResponse): string {
  const hash = createHash('sha256').update(`${headers['content-range'] ?? ''}\n`)
  return (Buffer.isBuffer(body) ? hash.update(body) : hash).digest('base64url')
}

/** Adds a missing `ApiKey `. Throws TypeError unless the credential is one or two words of ASCII. */
function authorization (credential: string): string {
  const text = credential.trim()
  // The credential is checked here, because undici's error would quote the header.
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)?$/.test(text)) throw new TypeError('the credential is not a header value')
  return /^ApiKey /i.test(text) ? text : `ApiKey ${text}`
}
