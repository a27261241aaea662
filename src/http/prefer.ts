import type { FastifyReply } from 'fastify'

const MAX_SECONDS = 50

/**
 * Matches each preference in a Prefer header (RFC 7240, 2). A comma in quotes does not separate two preferences. No
 * character is read twice, so the time grows only with the length of the header.
 */
const PREFERENCES = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g
const WAIT = /^\s*wait\s*=\s*("?)(\d{1,3})\1\s*(?:;|$)/i

/** The seconds of the first `wait`, 1 to 50; null without it, and for any other value, which a server ignores. */
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

export function varyBy (reply: FastifyReply, name: string): void {
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? name : `${String(others)}, ${name}`)
}
