import type { LoggerOptions } from 'pino'

const SECRETS: readonly [RegExp, string][] = [
  [/\bSU-\d[\d-]*:[^\s"\\]+/gi, 'SU-[redacted]'],
  [/\bubff_[\w-]+/g, 'ubff_[redacted]'],
  [/Bearer\s+[\w.~+/=-]+/gi, 'Bearer [redacted]'],
  [/\b(sig|Signature|GoogleAccessId|X-Amz-Signature)=[^&\s"\\]+/gi, '$1=[redacted]']
]

/** Takes known secret shapes out of a text: the last line of defence, behind serializers that name what they show. */
export function scrub (line: string): string {
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)
}

/**
 * pino's settings. Serializers are allow-lists: a header, a body or a query reaches no log line, because nobody
 * listed it (redact paths miss other spellings and deeper levels).
 */
export function loggerOptions (level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: label => ({ level: label }) },
    serializers: {
      req: () => undefined,
      res: () => undefined,
      err: serializeError
    },
    hooks: { streamWrite: scrub }
  }
}

interface LoggedError { type: string, message: string, code?: string, stack?: string, cause?: LoggedError }

function serializeError (error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' }
  const code = (error as { code?: unknown }).code
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack !== undefined && depth === 0 && { stack: error.stack }),
    ...(error.cause !== undefined && depth < 3 && { cause: serializeError(error.cause, depth + 1) })
  }
}
