import { ERROR_CODES, type ErrorCode } from './codes.ts'

export interface FieldError { path: string, message: string }

/**
 * Connect's answer to a call that it refused, in a form that callers may see: the HTTP status, Connect's `error_code`
 * (null when it gave none), and its messages, shortened and without HTML.
 */
export interface ConnectRefusal { status: number, errorCode: string | null, errors: string[] }

export interface AppErrorOptions {
  errors?: FieldError[]
  connect?: ConnectRefusal
  retryAfterSeconds?: number
  allow?: string[]
  /** The value of the header `WWW-Authenticate`, for a 401. */
  challenge?: string
  /** Headers of the answer beside those that `renderProblem` makes, by name in lower case. */
  headers?: Readonly<Record<string, string>>
  /** More members of the problem, which only some codes have, such as `currentStatus`. */
  extra?: Record<string, unknown>
  cause?: unknown
}

/**
 * An error that the caller gets as a problem (`application/problem+json`). The caller reads `detail`, which becomes the
 * `message` of the error, so it must hold no secret and no HTML. `cause` is for the log, and does not reach the caller.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly options: AppErrorOptions
  /**
   * The status of the answer, as `ERROR_CODES` has it for the code. Fastify assigns to this property for validation
   * errors, so it cannot be a getter.
   */
  statusCode: number

  constructor (code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.options = options
    this.statusCode = ERROR_CODES[code].status
  }
}
