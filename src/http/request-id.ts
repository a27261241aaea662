import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { scrub } from '../secrets.ts'

const WELL_FORMED = /^[\w-]{8,64}$/

/** The id goes to Connect and into the logs, so a value that looks like a secret is replaced, too. */
export function requestIdOf (message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && WELL_FORMED.test(given) && scrub(given) === given ? given : randomUUID()
}
