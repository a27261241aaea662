import type { FastifyReply } from 'fastify'

const MAX_SECONDS = 50

/**
 * Matches each preference in a Prefer header (RFC 7240, 2). A comma in quotes does not separate two preferences. No
 * character is read twice, so the time grows only with the length of the header.
 */
const PREFERENCES = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g
const WAIT = /^\s*wait\s*=\s*("?)(\d{1,3})\1\s*(?:;|$)/i

/**
 * Gives the seconds of `Prefer: wait=N`, from 1 to 50. Null without that preference and for any other value: a server
 * ignores a preference that it cannot follow. Only the first `wait` counts.
 */
export function waitSeconds (header: string | string[] | undefined): number | null {
  if (header === undefined) return null
  for (const [preference] of String(header).matchAll(PREFERENCES)) {
    const [name = ''] = preference.split(/[=;]/, 1)
    if (name.trim().toLowerCase() !== 'wait') continue
    const seconds = Number(WAIT.exec(preference)?.[2] ?? 0)
    return seconds >= 1 && seconds <= MAX_SECONDS ? seconds : null
  }
  return null
}

/** Adds the name of a request header to the Vary header: it tells caches that the answer depends on that header. */
export function varyBy (reply: FastifyReply, name: string): void {
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? name : `${String(others)}, ${name}`)
}
