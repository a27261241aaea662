import { AppError } from '../errors/app-error.ts'

/** For a fault that no schema can check. `path` begins with the part of the request: `body.period`, `query.status`. */
export function invalidInput (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
