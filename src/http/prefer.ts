const MAX_SECONDS = 50

/**
 * Matches each preference in a Prefer header (RFC 7240, 2). A comma in quotes does not separate two preferences. The
 * time grows in proportion to the length of the header.
 */
const PREFERENCES = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g
const WAIT = /^\s*wait\s*=\s*("?)(\d{1,3})\1\s*(?:;|$)/i

/** The seconds of the first `wait`, from 1 to 50. Null without a `wait`, and for another value, which is ignored. */
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
