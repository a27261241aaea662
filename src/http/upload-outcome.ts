import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../errors/codes.ts'
import type { UploadOutcome } from '../observability/metrics.ts'
import { toAppError } from './to-app-error.ts'

const BY_CODE: Readonly<Partial<Record<ErrorCode, UploadOutcome>>> = {
  VALIDATION_FAILED: 'refused',
  MALFORMED_BODY: 'refused',
  FIELD_AFTER_FILE: 'refused',
  FILE_MISSING: 'refused',
  UNSUPPORTED_MEDIA_TYPE: 'refused',
  FILE_EMPTY: 'refused',
  NOT_A_WORKBOOK: 'refused',
  ROWS_INVALID: 'refused',
  BODY_TOO_LARGE: 'too_large',
  REQUEST_TIMEOUT: 'caller_silent',
  CONNECT_REJECTED: 'connect_refused',
  CONNECT_FORBIDDEN: 'connect_refused',
  NOT_FOUND: 'connect_refused',
  ACTION_NOT_ALLOWED: 'connect_refused',
  UPSTREAM_UNREACHABLE: 'connect_failed',
  UPSTREAM_RESET: 'connect_failed',
  UPSTREAM_INVALID: 'connect_failed',
  UPSTREAM_FAILED: 'connect_failed',
  UPSTREAM_CREDENTIAL: 'connect_failed',
  UPSTREAM_THROTTLED: 'connect_failed',
  UPSTREAM_TIMEOUT: 'connect_failed',
  OUTCOME_UNKNOWN: 'unknown'
}

export function uploadOutcome (error: unknown, { raw }: FastifyRequest, reply: FastifyReply): UploadOutcome {
  const { code } = toAppError(error)
  // When the caller has left, its leaving counts as the cause of every error but OUTCOME_UNKNOWN.
  const hasLeft = (raw.destroyed && !raw.complete) || (reply.raw.destroyed && !reply.raw.writableFinished)
  return hasLeft && code !== 'OUTCOME_UNKNOWN' ? 'caller_left' : BY_CODE[code] ?? 'failed'
}
