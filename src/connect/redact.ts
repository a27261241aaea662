/**
 * Makes upstream text fit to be kept in an error. Errors travel into logs and, in part, to callers, so secrets are
 * taken out when the error is built and not when it is printed.
 */

import { scrub } from '../secrets.ts'

const MAX_TEXT = 200
const MAX_TEXTS = 20

const MARKUP = /<(?:!doctype|\/?(?:html|head|body|title|script|style|div|p|h\d|pre|center|a|br|hr)\b)/i
const CONTROLS = /\p{Cc}+/gu

/** One line of at most 200 characters without credentials or signed queries; null for what is no text or is HTML. */
export function redactText (text: unknown): string | null {
  if (typeof text !== 'string' || MARKUP.test(text)) return null
  // Cut generously first, so that a huge text costs little; the exact cut comes last, after secrets are gone.
  const clean = scrub(text.slice(0, 20 * MAX_TEXT).replace(CONTROLS, ' ')).trim()
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT - 1)}…` : clean
}

/** The texts of an error envelope: whatever is printable in it, 20 at most. */
export function redactTexts (texts: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts]
  return list.slice(0, MAX_TEXTS).map(redactText).filter((text) => text !== null && text !== '') as string[]
}

/** Connect's codes look like `VAL_001`; anything else is not worth carrying. */
export function redactCode (code: unknown): string | null {
  return typeof code === 'string' && /^[A-Za-z]{1,20}_?[A-Za-z0-9_]{1,20}$/.test(code) ? code : null
}
