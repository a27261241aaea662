import { ERROR_CODES, type ErrorCode } from './codes.ts'

export interface FieldError { path: string, message: string }

/** Connect's refusal in a form that is safe for the caller: without HTML, and with short texts. */
export interface ConnectRefusal { status: number, errorCode: string | null, errors: string[] }

export interface AppErrorOptions {
  errors?: FieldError[]
  connect?: ConnectRefusal
  retryAfterSeconds?: number
  allow?: string[]
  /** The value of `WWW-Authenticate` for a 401. */
  challenge?: string
  /** Other headers of the answer, with names in lower case. */
  headers?: Readonly<Record<string, string>>
  /** Members of the problem that belong to one code alone, such as `currentStatus`. */
  extra?: Record<string, unknown>
  cause?: unknown
}

/** An error that the caller gets as a problem. The caller reads `detail`: it must hold no secret and no HTML page. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly options: AppErrorOptions
  /** The HTTP status. Fastify assigns this property for validation errors, so it cannot be a getter. */
  statusCode: number

  constructor (code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.options = options
    this.statusCode = ERROR_CODES[code].status
  }
}
