import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { scrub } from '../secrets.ts'

const WELL_FORMED = /^[\w-]{8,64}$/

/**
 * Gives the id of a request: the caller's `X-Request-Id` if that has 8 to 64 letters, digits, `-` or `_`, else a new
 * UUID. The id goes to Connect and into the logs, so a new one also replaces a value that looks like a secret.
 */
export function requestIdOf (message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) && scrub(given) === given ? given : randomUUID()
}
