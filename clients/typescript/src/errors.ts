import type { Schemas } from './types.ts'

/** The body of an error answer (RFC 9457). */
export type Problem = Schemas['Problem']

/**
 * The codes of the service, and two of the client. `CONNECTION_FAILED`: there is no answer, or it was cut off.
 * `ANSWER_INVALID`: the client cannot use the answer, for example the error page of a proxy.
 */
export type UsageErrorCode = Problem['code'] | 'CONNECTION_FAILED' | 'ANSWER_INVALID'

/** The error of a failed request. It is not thrown for a request that its `signal` aborted. */
export class UsageApiError extends Error {
  override readonly name = 'UsageApiError'
  readonly code: UsageErrorCode
  /** The HTTP status, or 0 when there is no whole answer. Also 504 when a close may have left approved records. */
  readonly status: number
  /** What went wrong with this request, in words for people. */
  readonly detail: string
  /** The faults of the request, for `VALIDATION_FAILED`. Otherwise empty. */
  readonly errors: NonNullable<Problem['errors']>
  /** The id of the request, for a question to the operator of the service; null when it is not known. */
  readonly requestId: string | null
  /** The whole problem of the service, with members such as `check`, `connect` and `actions`. Null without one. */
  readonly problem: Problem | null
  /** How long to wait before a repeat, in ms, by a valid `Retry-After` of the answer; null without one. */
  readonly retryAfterMs: number | null

  constructor (code: UsageErrorCode, detail: string, options: {
    status?: number, problem?: Problem, requestId?: string | null, retryAfterMs?: number | null, cause?: unknown
  } = {}) {
    super(`${code}: ${detail}`, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.detail = detail
    this.status = options.status ?? 0
    this.problem = options.problem ?? null
    this.errors = options.problem?.errors ?? []
    this.requestId = options.problem?.requestId ?? options.requestId ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }

  /**
   * Whether the same request may succeed later: it got no whole answer, 429, 502, 503 or 504, or 409 with `Retry-After`
   * (for example while an earlier send of it runs). False for the code `UPSTREAM_CREDENTIAL`.
   */
  get mayRepeat (): boolean {
    if (this.status === 409) return this.retryAfterMs !== null
    return [0, 429, 502, 503, 504].includes(this.status) && this.code !== 'UPSTREAM_CREDENTIAL'
  }
}

export function errorOfAnswer (response: Response, body: unknown): UsageApiError {
  const options = {
    status: response.status,
    requestId: requestIdOf(response),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'))
  }
  if (isProblem(body)) return new UsageApiError(body.code, body.detail, { ...options, problem: body })
  return new UsageApiError('ANSWER_INVALID', `Status ${response.status} without a problem of the service.`, options)
}

export async function readError (response: Response): Promise<UsageApiError> {
  const text = await readBody(response, 'text') as string
  try {
    return errorOfAnswer(response, JSON.parse(text))
  } catch {
    return errorOfAnswer(response, text)
  }
}

/** Reads the body of an answer. The error of a body that cannot be read has the request id of the answer. */
export async function readBody (response: Response, form: 'json' | 'blob' | 'text'): Promise<unknown> {
  try {
    return await response[form]()
  } catch (cause) {
    throw errorOfConnection(cause, response)
  }
}

/** `response` is the answer whose body could not be read, if its head arrived. */
export function errorOfConnection (cause: unknown, response?: Response): UsageApiError {
  if (cause instanceof UsageApiError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const options = { requestId: requestIdOf(response), cause }
  // The body of a download is no JSON: a caller that forgets `parseAs` gets this error.
  if (cause instanceof SyntaxError && response !== undefined) {
    const { status } = response
    return new UsageApiError('ANSWER_INVALID', `The answer is not JSON (${reason}).`, { ...options, status })
  }
  return new UsageApiError('CONNECTION_FAILED', `The service did not answer completely (${reason}).`, options)
}

export function requestIdOf (response: Response | undefined): string | null {
  return response?.headers.get('x-request-id') ?? null
}

function isProblem (body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  const { code, detail, status } = body as Partial<Problem>
  return typeof code === 'string' && typeof detail === 'string' && typeof status === 'number'
}

/** Reads a number of seconds or a date: 0 for a past date, null for a text of another form. */
function retryAfterMs (value: string | null): number | null {
  if (value === null) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}
