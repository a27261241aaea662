import type { LoggerOptions } from 'pino'
import { scrub } from '../secrets.ts'

/**
 * pino's settings. Serializers are allow-lists: a header, a body or a query reaches no log line, because nobody
 * listed it (redact paths miss other spellings and deeper levels, pinojs/pino#1708). Each line is scrubbed of known
 * shapes of secrets on its way out.
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

/** Lines of the same millisecond share the text. */
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
 * What a line tells of an error: kind, code and words, and of faults of our own where they happened. An answer that we
 * meant to give (`statusCode` other than 500) has no stack worth reading.
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
