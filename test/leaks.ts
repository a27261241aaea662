import { PROVIDER_KEY, VENDOR_KEY } from './credentials.ts'

/** By convention, every secret that a test makes up contains this text, in small or capital letters. */
export const MARK = 'canary-'

const SECRET = new RegExp(
  [
    MARK,
    VENDOR_KEY,
    PROVIDER_KEY,
    'SU-\\d{3}-\\d{3}-\\d{3}:',
    'https?://[^"\\s]*\\?(?!\\[redacted)',
    'Bearer (?!\\[redacted)'
  ].join('|'),
  'i'
)
/**
 * Matches ids of objects, accounts and callers, and paths of the API with an id. As the value of a label it would give
 * the metrics as many lines as there are objects or callers.
 */
const ENDLESS = /\b(?:UF|UR|UFC|URF|PRD|CRD|AS|VA|PA)-\d|test-vendor|test-provider|\/v1\/[\w-]+\/[A-Z]/

/**
 * Gives the first secret in a text, with some of the text around it; null without a secret. A failing test may show it,
 * because all secrets of tests are made up.
 */
export function leakIn (text: string): string | null {
  const found = SECRET.exec(text)
  return found === null ? null : text.slice(Math.max(0, found.index - 80), found.index + 60)
}

/** Gives the first line of the metrics that ENDLESS matches; null when there is none. */
export function endlessLabelIn (metrics: string): string | null {
  return metrics.split('\n').find(line => ENDLESS.test(line)) ?? null
}
