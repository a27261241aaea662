import { AppError } from '../errors/app-error.ts'

/**
 * Gives the error VALIDATION_FAILED for input with a fault that no schema can check. `path` names the faulty member,
 * with its part of the request first: `body.period`, `query.status`.
 */
export function invalidInput (path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
