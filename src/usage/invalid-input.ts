import { AppError } from '../errors/app-error.ts'

/** Gives the error for input that a schema cannot check. `path` begins with the part: `body.period`, `query.status`. */
export function invalidInput (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
