import { notAWorkbook } from './open-zip.ts'

const NAME_START =
  ':A-Z_a-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f' +
  '\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
// eslint-disable-next-line no-misleading-character-class -- a name may hold combining characters
const NAME = new RegExp(`[${NAME_START}][${NAME_START}\\-.0-9\\xb7\\u0300-\\u036f\\u203f\\u2040]*`, 'uy')
const DECLARATION = new RegExp(
  '^<\\?xml[ \\t\\r\\n]+version[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"1\\.[0-9]+"|\'1\\.[0-9]+\')' +
  '(?:[ \\t\\r\\n]+encoding[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([A-Za-z][\\w.-]*)"|\'([A-Za-z][\\w.-]*)\'))?' +
  '(?:[ \\t\\r\\n]+standalone[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"(?:yes|no)"|\'(?:yes|no)\'))?[ \\t\\r\\n]*\\?>$'
)
const ENCODING = /^(?:utf-?8|us-ascii|utf-?16(?:le|be)?)$/i
// eslint-disable-next-line no-control-regex -- XML 1.0 has no place for these
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const NOT_BLANK = /[^ \t\r\n]/
/** A reference, a CR (XML reads it as LF), or perhaps a forbidden `]]>`. A text without these means what is written. */
const TEXT_SPECIAL = /[&\r\]]/
const VALUE_SPECIAL = /[&<\t\r\n]/
const REFERENCE = /&(?:#x([0-9a-fA-F]+);|#([0-9]+);|(amp|lt|gt|quot|apos);|)/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' }

/** Whether XML 1.0 allows all characters of a text. Halves of surrogate pairs are not looked for. */
export function isXml (text: string): boolean {
  return !NOT_IN_XML.test(text)
}

export function isBlank (text: string): boolean {
  return !NOT_BLANK.test(text)
}

/** Gives the index after the name that begins at `start`. Throws 422 when there is none. */
export function nameEnd (text: string, start: number): number {
  NAME.lastIndex = start
  if (!NAME.test(text)) throw notWellFormed()
  return NAME.lastIndex
}

/** Throws 422 if the declaration is not well-formed, or names an encoding other than UTF-8, ASCII and UTF-16. */
export function readDeclaration (declaration: string): void {
  const match = DECLARATION.exec(declaration)
  if (match === null) throw notWellFormed()
  const encoding = match[1] ?? match[2]
  if (encoding !== undefined && !ENCODING.test(encoding)) throw notAWorkbook('a part is not in UTF-8 or UTF-16')
}

/** Gives the index of the first character that is no space, tab, CR or LF; the length of the text if there is none. */
export function skipBlanks (text: string, from: number): number {
  let at = from
  for (; ; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
  }
}

/**
 * Gives a text with LF as line ends, and with references such as `&amp;` replaced. Throws 422 for `]]>`, for a `&` that
 * begins no reference, and for a reference to a character that XML does not allow.
 */
export function readText (raw: string): string {
  if (!TEXT_SPECIAL.test(raw)) return raw
  if (raw.includes(']]>')) throw notWellFormed()
  return withReferences(withLineFeeds(raw))
}

/**
 * Gives the value of an attribute with a space for each tab and line end, and with references such as `&amp;` replaced.
 * Throws 422 for `<`, and for a wrong reference.
 */
export function readValue (raw: string): string {
  if (!VALUE_SPECIAL.test(raw)) return raw
  if (raw.includes('<')) throw notWellFormed()
  return withReferences(withLineFeeds(raw).replace(/[\t\n]/g, ' '))
}

/** Gives a text in which each CR LF, and each CR alone, is an LF, as XML wants it. */
export function withLineFeeds (text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

function withReferences (text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (_, hex?: string, decimal?: string, entity?: string) => {
    if (entity !== undefined) return ENTITIES[entity]!
    const code = hex !== undefined ? parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : NaN
    if (!isCharacter(code)) throw notWellFormed()
    return String.fromCodePoint(code)
  })
}

function isCharacter (code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
}

export function notWellFormed (): Error {
  return notAWorkbook('a part is not well-formed XML')
}
