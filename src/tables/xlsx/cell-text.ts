import { textFault } from '../../errors/text-fault.ts'
import { timeOfSerial } from '../times.ts'
import { notAWorkbook } from './open-zip.ts'
import type { SharedStrings } from './shared-strings.ts'

const ESCAPED = /_x([0-9a-fA-F]{4})_/g
const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.0+)?Z?)?$/
const SCIENTIFIC = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/
const INDEX = /^\d{1,9}$/

export interface CellContext {
  strings: SharedStrings | null
  is1904: boolean
  dateStyles: readonly boolean[]
}

/**
 * Gives the text of a cell; empty for a cell without a value. `type` and `style` are the attributes `t` and `s` of the
 * cell, and `value` is the text of its element `v` or `is`. Throws 422 for a shared string that is missing.
 */
export function cellText (type: string, style: string | undefined, value: string, context: CellContext): string {
  switch (type) {
    case 's':
      if (value.trim() === '') return ''
      if (!INDEX.test(value.trim()) || context.strings === null) {
        throw notAWorkbook('a cell names a string that is missing')
      }
      return context.strings.get(Number(value))
    case 'inlineStr':
    case 'str':
      return unescapeCell(value)
    case 'b':
      return value.trim() === '1' ? 'TRUE' : 'FALSE'
    case 'd':
      return isoTime(value.trim())
    case 'e':
      return value
    default: {
      const number = value.trim()
      const isDate = style !== undefined && context.dateStyles[Number(style)] === true
      return (isDate && number !== '' ? timeOfSerial(Number(number), context.is1904) : null) ?? plainDecimal(number)
    }
  }
}

/** Gives 2026-10-31 and 2026-10-31T08:00Z, for example, as `YYYY-MM-DD hh:mm:ss`, and other texts unchanged. */
function isoTime (text: string): string {
  const [, day, time = '00:00'] = ISO_TIME.exec(text) ?? []
  return day === undefined ? text : `${day} ${time.padEnd(8, ':00')}`
}

/** Replaces escapes such as `_x000D_` by the characters that they stand for (ISO/IEC 29500-1, 22.9.2.19). */
export function unescapeCell (text: string): string {
  return text.includes('_x')
    ? text.replace(ESCAPED, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : text
}

/** The `_` before what a reader of workbooks would take for the rest of an escape, as in `_x0041_`. */
const LOOKS_ESCAPED = /_(?=x[0-9a-fA-F]{4}_)/g

export function escapeCell (text: string): string {
  return text
    .replace(LOOKS_ESCAPED, '_x005F_')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    // A reader of XML would change a plain CR to LF.
    .replaceAll('\r', '_x000D_')
}

/** The two characters that XML does not allow, beside those that `textFault` finds. */
const NO_CHARACTER = /[\ufffe\uffff]/

/** Gives the reason why a workbook cannot hold the characters of a text; null for a text without such a reason. */
export function cellFault (text: string): string | null {
  return textFault(text) ?? (NO_CHARACTER.test(text) ? 'cannot hold the characters U+FFFE and U+FFFF' : null)
}

/** Gives a number without its exponent. Spreadsheets write 0.00001 as `1E-5`. Gives every other text unchanged. */
export function plainDecimal (text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] = SCIENTIFIC.exec(text) ?? []
  if (exponent === undefined) return text
  const point = whole.length + Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${fraction}`.padEnd(point, '0')
  const at = Math.max(1, point)
  const [before, after] = [digits.slice(0, at).replace(/^0+(?=\d)/, ''), digits.slice(at)]
  return `${sign}${before}${after === '' ? '' : `.${after}`}`
}
