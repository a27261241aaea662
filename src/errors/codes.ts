/**
 * The codes of all problems, each with its HTTP status and its title. The codes of single records in a bulk close are
 * in src/closing/outcome.ts. Tests check that docs/api.md and openapi/ have the same codes.
 */
export const ERROR_CODES = {
  VALIDATION_FAILED: { status: 400, title: 'The request is not valid' },
  MALFORMED_BODY: { status: 400, title: 'The body cannot be read' },
  FIELD_AFTER_FILE: { status: 400, title: 'A form field follows the file' },
  FILE_MISSING: { status: 400, title: 'The form holds no file' },
  CONNECT_REJECTED: { status: 400, title: 'Connect refused the request' },
  UNAUTHENTICATED: { status: 401, title: 'A valid credential is needed' },
  SCOPE_MISSING: { status: 403, title: 'The caller lacks the scope' },
  ACCOUNT_UNKNOWN: { status: 403, title: 'The token is for no account of this service' },
  CONNECT_FORBIDDEN: { status: 403, title: 'Connect does not allow this to the account' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time' },
  ACTION_NOT_ALLOWED: { status: 409, title: 'The action is not allowed in the current status' },
  BILLING_CONFLICT: { status: 409, title: 'Closed with another billing id' },
  REPORT_DIFFERS: { status: 409, title: 'The report was submitted with other rows' },
  REPORT_AMBIGUOUS: { status: 409, title: 'Several usage files have the external id' },
  REPORT_IN_FLIGHT: { status: 409, title: 'The report is under way' },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, title: 'The same request is under way' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body has the wrong type' },
  FILE_EMPTY: { status: 422, title: 'The file is empty' },
  NOT_A_WORKBOOK: { status: 422, title: 'The file is not an XLSX workbook' },
  ROWS_INVALID: { status: 422, title: 'The rows have errors' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The key belongs to another request' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  INTERNAL: { status: 500, title: 'Internal error' },
  UPSTREAM_UNREACHABLE: { status: 502, title: 'Connect cannot be reached' },
  UPSTREAM_RESET: { status: 502, title: 'The connection to Connect was lost' },
  UPSTREAM_INVALID: { status: 502, title: 'Connect sent something unreadable' },
  UPSTREAM_FAILED: { status: 502, title: 'Connect failed' },
  UPSTREAM_CREDENTIAL: { status: 502, title: 'Connect refused our credential' },
  UPSTREAM_THROTTLED: { status: 503, title: 'Connect is throttling' },
  OVERLOADED: { status: 503, title: 'Too much work at the moment' },
  ISSUER_UNAVAILABLE: { status: 503, title: 'Tokens cannot be checked at the moment' },
  DRAINING: { status: 503, title: 'The service is stopping' },
  STORE_UNAVAILABLE: { status: 503, title: 'The state store does not answer' },
  UPSTREAM_TIMEOUT: { status: 504, title: 'Connect did not answer in time' },
  OUTCOME_UNKNOWN: { status: 504, title: 'Connect may or may not have done it' }
} as const satisfies Record<string, { status: number, title: string }>

export type ErrorCode = keyof typeof ERROR_CODES
