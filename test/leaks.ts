import { PROVIDER_KEY, VENDOR_KEY } from './credentials.ts'

/** By convention every secret that a test makes up holds this. */
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
/** What would give a label as many values as there are objects or callers. */
const ENDLESS = /\b(?:UF|UR|UFC|URF|PRD|CRD|AS|VA|PA)-\d|test-vendor|test-provider|\/v1\/[\w-]+\/[A-Z]/

/** The part of a text around a secret, or null; the secret itself is what a failing test may show. */
export function leakIn (text: string): string | null {
  const found = SECRET.exec(text)
  return found === null ? null : text.slice(Math.max(0, found.index - 80), found.index + 60)
}

/** The line of the metrics whose labels could be without end, or null. */
export function endlessLabelIn (metrics: string): string | null {
  return metrics.split('\n').find(line => ENDLESS.test(line)) ?? null
}
