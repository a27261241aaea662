import { scrub } from '../secrets.ts'
import type { AppError, ConnectRefusal, FieldError } from './app-error.ts'
import { ERROR_CODES, type ErrorCode } from './codes.ts'

export const PROBLEM_TYPE = 'application/problem+json'

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  code: ErrorCode
  requestId: string
  errors?: FieldError[]
  connect?: ConnectRefusal
  [member: string]: unknown
}

export interface RenderedProblem {
  status: number
  headers: Record<string, string>
  body: Problem
}

/**
 * Gives the answer for an error, with a body of RFC 9457. `instance`: the path of the request without its query, or `/`
 * if no path is known. Secrets in the detail, the path and the field errors are replaced: a caller may have sent a key
 * as the name of a field. `extra` and `connect` are not changed.
 */
export function renderProblem (error: AppError, instance: string, requestId: string): RenderedProblem {
  const { status, title } = ERROR_CODES[error.code]
  const { errors, connect, retryAfterSeconds, allow, challenge, extra, headers: more } = error.options
  const headers: Record<string, string> = { ...more, 'content-type': PROBLEM_TYPE }
  if (challenge !== undefined) headers['www-authenticate'] = challenge
  if (allow !== undefined) headers['allow'] = allow.join(', ')
  if (status === 503 || retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds ?? 1)
  return {
    status,
    headers,
    body: {
      type: `urn:connect-usage-bff:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
      title,
      status,
      detail: scrub(error.message),
      instance: scrub(instance),
      code: error.code,
      requestId,
      ...(errors !== undefined && {
        errors: errors.map(({ path, message }) => ({ path: scrub(path), message: scrub(message) }))
      }),
      ...(connect !== undefined && { connect }),
      ...extra
    }
  }
}
