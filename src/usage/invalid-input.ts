import { AppError } from '../errors/app-error.ts'

/** For a fault that the schemas do not check. `path` begins with the part of the request, such as `body.period`. */
export function invalidInput (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
