import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { scrub } from '../secrets.ts'

const WELL_FORMED = /^[\w-]{8,64}$/

/**
 * The caller's `X-Request-Id` when it is well-formed, else a new one; a key that got there by mistake would be told to
 * Connect.
 */
export function requestIdOf (message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) && scrub(given) === given ? given : randomUUID()
}
