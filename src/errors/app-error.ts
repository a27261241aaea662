import { ERROR_CODES, type ErrorCode } from './codes.ts'

export interface FieldError { path: string, message: string }

/** What Connect said when it refused, fit for the caller: no HTML, texts cut short. */
export interface ConnectRefusal { status: number, errorCode: string | null, errors: string[] }

export interface AppErrorOptions {
  errors?: FieldError[]
  connect?: ConnectRefusal
  retryAfterSeconds?: number
  allow?: string[]
  /** What a 401 asks for, as in `WWW-Authenticate`. */
  challenge?: string
  /** Members of the problem that belong to one code alone, such as `currentStatus`. */
  extra?: Record<string, unknown>
  cause?: unknown
}

/** An error meant for the caller. `detail` is shown as it is: it must hold no secret and no upstream page. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly options: AppErrorOptions
  /** Fastify assigns it on validation errors, so it cannot be an accessor. */
  statusCode: number

  constructor (code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.options = options
    this.statusCode = ERROR_CODES[code].status
  }
}
