import { numberText, plainDecimal } from './decimal-text.ts'

/** An error that a formula left in its cell, such as `#N/A`. */
export class CellError {
  readonly text: string

  constructor (text: string) {
    this.text = text
  }
}

/** Null for an empty cell. A number with too many digits for a JavaScript number is a text (see `readNumber`). */
export type CellValue = string | number | boolean | Date | CellError | null

export interface RawCell { type: string, style: number, value: string | null, inline: string | null }

/** What of a workbook is needed to read its cells. `is1904`: days are counted from 1904, not from 1900. */
export interface CellContext { shared: readonly string[], isDateStyle: (style: number) => boolean, is1904: boolean }

/** Reads the value of a cell. Throws Error when the cell refers to a shared text that does not exist. */
export function readCell ({ type, style, value, inline }: RawCell, context: CellContext): CellValue {
  if (value === null || value === '') return inline
  switch (type) {
    case 's': {
      const shared = context.shared[Number(value)]
      if (shared === undefined) throw new Error('a cell refers to a string that is not there')
      return shared
    }
    case 'b': return value.trim() === '1' || value.trim().toLowerCase() === 'true'
    case 'e': return new CellError(value.trim())
    case 'd': return isoMoment(value.trim()) ?? value
    case 'str':
    case 'inlineStr': return unescapeText(value)
    default: return readNumber(value.trim(), context.isDateStyle(style), context.is1904)
  }
}

/** OOXML writes special characters as `_x0041_`, with the hexadecimal code of the character (here `A`). */
export function unescapeText (text: string): string {
  if (!text.includes('_x')) return text
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function readNumber (text: string, isDate: boolean, is1904: boolean): CellValue {
  const plain = plainDecimal(text)
  if (plain === null) return text
  const value = Number(text)
  if (isDate) return serialMoment(value, is1904)
  const digits = plain.replace(/\D/g, '').replace(/^0+/, '').length
  // Excel may write 0.1 as 0.10000000000000001. So a number with a decimal point and 16 or 17 digits is read as the
  // nearest JavaScript number.
  if (digits > 15 && digits <= 17 && plain.includes('.')) return value
  return numberText(value) === plain ? value : plain
}

const dayMs = 86_400_000

/** Excel's calendar of 1900 has a 29 February that did not exist. So the days before it move by one. */
function serialMoment (serial: number, is1904: boolean): Date {
  const days = is1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial
  return new Date(Math.round((days - 25_569) * dayMs))
}

const isoCell = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** Reads the ISO 8601 text of a cell of type `d`; null for another text. A time without a zone is UTC. */
function isoMoment (text: string): Date | null {
  const parts = isoCell.exec(text)
  if (parts === null) return null
  const moment = new Date(parts[1] === undefined || parts[4] !== undefined ? text : `${text}Z`)
  return Number.isNaN(moment.getTime()) ? null : moment
}
