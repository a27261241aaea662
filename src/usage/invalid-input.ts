import { AppError } from '../errors/app-error.ts'

/** What a schema cannot say; `path` begins with the part: `body.period`, `query.createdAfter`. */
export function invalidInput (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
