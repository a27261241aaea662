import { ERROR_CODES, type ErrorCode } from './codes.ts'

export interface FieldError { path: string, message: string }

/** An error answer of Connect or a gateway, as callers may see it. `errors` are shortened and without HTML. */
export interface ConnectRefusal { status: number, errorCode: string | null, errors: string[] }

export interface AppErrorOptions {
  errors?: FieldError[]
  connect?: ConnectRefusal
  retryAfterSeconds?: number
  allow?: string[]
  challenge?: string
  headers?: Readonly<Record<string, string>>
  /** More members of the problem, which only some codes have, such as `currentStatus`. */
  extra?: Record<string, unknown>
  cause?: unknown
}

/** An error that the caller gets as a problem. The caller does not get `cause`. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly options: AppErrorOptions
  /** Fastify assigns to this property for validation errors, so it cannot be a getter. */
  statusCode: number

  constructor (code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.options = options
    this.statusCode = ERROR_CODES[code].status
  }
}

/** For a fault in one field. `path` begins with the part of the request, such as in `body.name` and `query.sort`. */
export function invalidField (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
