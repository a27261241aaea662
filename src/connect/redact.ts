/**
 * Cleans texts for logs and answers, such as the error messages of Connect. An error is cleaned when it is made, not
 * when it is printed, because errors get into logs. Names and notes that users wrote are data, and are not cleaned.
 */

import { scrub } from '../secrets.ts'

const MAX_TEXT = 200
const MAX_TEXTS = 20

const TAGS = 'html|head|body|title|script|style|div|p|h\\d|pre|center|a|br|hr|img|svg|iframe|embed|span|meta'
const MARKUP = new RegExp(`<(?:!doctype|/?(?:${TAGS})\\b)`, 'i')
const CONTROLS = /\p{Cc}+/gu

export const NOT_SHOWN = 'Connect gave a text that is not shown here.'

/** Removes control characters and secrets, and cuts the text. Null for HTML, and for a value that is no string. */
export function redactText (text: unknown, maxLength = MAX_TEXT): string | null {
  if (typeof text !== 'string' || MARKUP.test(text)) return null
  // This cut bounds the work of `scrub`. It may cut a secret in two, and half a secret is not recognised, so the text
  // ends at the last space before the cut, if there is one.
  const start = text.slice(0, 20 * maxLength).replace(CONTROLS, ' ')
  const words = text.length > 20 * maxLength ? start.slice(0, start.lastIndexOf(' ')) : start
  const clean = scrub(words).trim()
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean
}

/** Gives at most 20 cleaned texts of an error body: `{"name":["Is required."]}` gives `name: Is required.`. */
export function redactTexts (texts: unknown): readonly string[] {
  const found: string[] = []
  collectTexts(texts, '', MAX_LEVELS, found)
  return found
    .map(text => redactText(text))
    .filter(text => text !== null && text !== '') as string[]
}

const MAX_LEVELS = 4

function collectTexts (value: unknown, field: string, levels: number, found: string[]): void {
  if (found.length === MAX_TEXTS) return
  if (typeof value === 'string' && value !== '') found.push(field === '' ? value : `${field}: ${value}`)
  if (typeof value !== 'object' || value === null || levels === 0) return
  for (const [name, inner] of Object.entries(value).slice(0, MAX_TEXTS)) {
    const path = Array.isArray(value) ? field : field === '' ? name : `${field}.${name}`
    collectTexts(inner, path, levels - 1, found)
  }
}

/** Null unless the value has the form of Connect's error codes, such as `VAL_001`. */
export function redactCode (code: unknown): string | null {
  return typeof code === 'string' && /^[A-Za-z]{1,20}_?[A-Za-z0-9_]{1,20}$/.test(code) ? code : null
}
