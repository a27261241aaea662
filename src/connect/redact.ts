/**
 * Makes prose of Connect (messages of errors, remarks, row errors) fit for logs and callers. Errors travel into logs,
 * so secrets are taken out when an error is built and not when it is printed. What users typed (names, notes) is data
 * and does not come here.
 */

import { scrub } from '../secrets.ts'

const MAX_TEXT = 200
const MAX_TEXTS = 20

const MARKUP =
  /<(?:!doctype|\/?(?:html|head|body|title|script|style|div|p|h\d|pre|center|a|br|hr|img|svg|iframe|embed|span|meta)\b)/i
const CONTROLS = /\p{Cc}+/gu

/** Stands for a text of Connect that is not fit to be shown. */
export const NOT_SHOWN = 'Connect gave a text that is not shown here.'

/** One line of bounded length without credentials or signed queries; null for what is no text or is HTML. */
export function redactText (text: unknown, maxLength = MAX_TEXT): string | null {
  if (typeof text !== 'string' || MARKUP.test(text)) return null
  // Cut generously first, so that a huge text costs little; the exact cut comes last, after secrets are gone.
  const clean = scrub(text.slice(0, 20 * maxLength).replace(CONTROLS, ' ')).trim()
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean
}

/** The texts of an error envelope: whatever is printable in it, 20 at most. */
export function redactTexts (texts: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts]
  return list
    .slice(0, MAX_TEXTS)
    .map(text => redactText(text))
    .filter(text => text !== null && text !== '') as string[]
}

/** Connect's codes look like `VAL_001`; anything else is not worth carrying. */
export function redactCode (code: unknown): string | null {
  return typeof code === 'string' && /^[A-Za-z]{1,20}_?[A-Za-z0-9_]{1,20}$/.test(code) ? code : null
}
