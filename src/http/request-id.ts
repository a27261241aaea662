import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { scrub } from '../secrets.ts'

const WELL_FORMED = /^[\w-]{8,64}$/

/**
 * Gives the X-Request-Id of the caller. A new UUID replaces an id that is missing, does not match WELL_FORMED, or looks
 * like a secret, because the id goes to Connect and into the logs.
 */
export function requestIdOf (message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) && scrub(given) === given ? given : randomUUID()
}
