import createClient, { createFinalURL, createQuerySerializer, defaultPathSerializer, mergeHeaders } from 'openapi-fetch'
import type { Body } from './bodies.ts'
import { errorOfAnswer, errorOfConnection } from './errors.ts'
import { CallerError, withRetries } from './retries.ts'
import { send, type Fetch, type Progress } from './send.ts'
import type { Answer, ClientMethod, Core, Method } from './types.ts'

/** A partner key, or a token of your identity provider. A function for tokens is called before each send. */
export type Credential = { key: string } | { token: string | (() => string | Promise<string>) }

export interface ClientOptions {
  /** The address of the service, such as `https://usage.example.com`. A web page may give one relative to itself. */
  baseUrl: string
  credential: Credential
  /** Used instead of the global `fetch`. In a browser, an upload with progress uses XMLHttpRequest all the same. */
  fetch?: typeof globalThis.fetch
  /** The limit for repeats of a failed request, in ms from its start or last progress. Default: 30 000. */
  retryMs?: number
}

export interface PathRequest {
  method: string
  path: string
  params?: unknown
  body?: Body
  accept?: string
  idempotencyKey?: string
  onProgress?: ((progress: Progress) => void) | undefined
  signal?: AbortSignal | undefined
}

interface Params {
  query?: Record<string, unknown>
  path?: Record<string, unknown>
  header?: Record<string, string>
}

export interface Transport {
  retryMs: number
  /** Makes a method like `GET` of openapi-fetch. It repeats its request with `retry`, and throws when that fails. */
  method: <M extends Method>(method: M) => ClientMethod<M>
  /**
   * Sends a request once. Throws UsageApiError, CallerError, or an error of `fetch`. The calling function must pass the
   * error to `failureOf`, or call `send` within `retry`, which does that.
   */
  send: (request: PathRequest) => Promise<Response>
  /** Repeats `attempt` for up to `retryMs` while its error has `mayRepeat`. Tries once if not `isRepeatable`. */
  retry: <T>(isRepeatable: boolean, signal: AbortSignal | undefined, attempt: () => Promise<T>) => Promise<T>
}

type Call = (path: string, init: Record<string, unknown>) => Promise<{
  data?: unknown, error?: unknown, response: Response
}>

interface CallInit {
  idempotencyKey?: string
  headers?: Record<string, string>
  middleware?: readonly unknown[]
  signal?: AbortSignal
}

/** Writes a query. A list, for example of ids, statuses or fields, becomes one value with commas. */
const QUERY = createQuerySerializer<unknown>({ array: { style: 'form', explode: false } })

export function makeTransport (options: ClientOptions): Transport {
  const { credential, retryMs = 30_000 } = options
  // The global `fetch` is looked up anew for each request, because tools for tracing may replace it.
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const { location } = globalThis as { location?: { href: string } }
  const baseUrl = new URL(options.baseUrl, location?.href).href.replace(/\/+$/, '')
  const core: Core = createClient({
    baseUrl, querySerializer: QUERY, fetch: fetch as unknown as (request: Request) => Promise<Response>
  })
  const retry: Transport['retry'] = async (isRepeatable, signal, attempt) =>
    await withRetries(attempt, { retryMs: isRepeatable ? retryMs : 0, signal })
  return {
    retryMs,
    retry,
    method: method => makeMethod(core, method, credential, retry),
    send: async ({ path, accept, idempotencyKey, ...request }) => {
      const { header, ...params } = (request.params ?? {}) as Params
      const url = createFinalURL(path, {
        baseUrl, params, querySerializer: QUERY, pathSerializer: defaultPathSerializer
      })
      const headers = {
        ...await credentialHeaders(credential),
        ...(accept !== undefined && { accept }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...header
      }
      return await send(fetch, { ...request, url, headers })
    }
  }
}

function makeMethod<M extends Method> (
  core: Core, method: M, credential: Credential, retry: Transport['retry']
): ClientMethod<M> {
  const call = core[method.toUpperCase() as Uppercase<Method>] as Call
  const repeated = async (path: string, { idempotencyKey, ...init }: CallInit = {}): Promise<Answer<unknown>> => {
    const key = method === 'get' ? {} : { 'Idempotency-Key': idempotencyKey ?? newKey() }
    return await retry(true, init.signal, async () => {
      const headers = mergeHeaders(key, await credentialHeaders(credential), init.headers)
      let answer: Response | undefined
      const keepAnswer = { onResponse: ({ response }: { response: Response }): void => { answer = response } }
      const middleware = [...init.middleware ?? [], keepAnswer]
      try {
        const { data, error, response } = await call(path, { ...init, headers, middleware })
        if (!response.ok && response.status !== 304) throw errorOfAnswer(response, error)
        return { data, response }
      } catch (cause) {
        throw errorOfConnection(cause, answer)
      }
    })
  }
  return repeated as unknown as ClientMethod<M>
}

/** Each error is a CallerError. A credential with wrong characters is refused: an error of `fetch` would show it. */
async function credentialHeaders (credential: Credential): Promise<Record<string, string>> {
  try {
    if ('key' in credential) return { 'X-API-Key': sendable(credential.key) }
    const { token } = credential
    return { Authorization: `Bearer ${sendable(typeof token === 'string' ? token : await token())}` }
  } catch (cause) {
    throw new CallerError('There is no credential.', { cause })
  }
}

function sendable (secret: string): string {
  if (/^[\x21-\x7e]+$/.test(secret)) return secret
  throw new TypeError('The credential is empty, or has characters that a header cannot hold.')
}

/** Makes an Idempotency-Key. Pages that came by plain http may lack `crypto.randomUUID`. */
export function newKey (): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}
