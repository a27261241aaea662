import type { LoggerOptions } from 'pino'
import { scrub } from '../secrets.ts'

/**
 * The serializers write only listed fields, so no header, body or query reaches a log line: pino's `redact` would miss
 * other spellings and deeper levels (pinojs/pino#1708). Known forms of secrets are removed from every line, too.
 */
export function loggerOptions (level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp,
    formatters: { level: label => ({ level: label }) },
    serializers: {
      req: () => undefined,
      res: () => undefined,
      err: serializeError
    },
    hooks: { streamWrite: scrub }
  }
}

let stampedAt = -1
let stamp = ''

/** Gives the field `time` of a log line, in ISO 8601. Lines of the same millisecond share one text. */
function timestamp (): string {
  const now = Date.now()
  if (now !== stampedAt) {
    stampedAt = now
    stamp = `,"time":"${new Date(now).toISOString()}"`
  }
  return stamp
}

interface LoggedError { type: string, message: string, code?: string, stack?: string, cause?: LoggedError }

const MAX_CAUSES = 3

/**
 * Gives the logged fields of an error, without known forms of secrets. An error with a `statusCode` other than 500 is
 * expected, so it has no stack in the log. `depth` and `isUnexpected` are for the causes only.
 */
export function serializeError (error: unknown, depth = 0, isUnexpected = hasNoAnswer(error)): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' }
  const code = (error as { code?: unknown }).code
  return {
    type: error.name,
    message: scrub(error.message),
    ...(typeof code === 'string' && { code }),
    ...(isUnexpected && error.stack !== undefined && { stack: scrub(error.stack) }),
    ...(error.cause !== undefined &&
      depth < MAX_CAUSES && { cause: serializeError(error.cause, depth + 1, isUnexpected) })
  }
}

function hasNoAnswer (error: unknown): boolean {
  const status = (error as { statusCode?: unknown } | null | undefined)?.statusCode
  return status === undefined || status === 500
}
