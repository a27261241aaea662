import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const WELL_FORMED = /^[\w-]{8,64}$/

/** The caller's `X-Request-Id` when it is well-formed, else a new one. */
export function requestIdOf (message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID()
}
