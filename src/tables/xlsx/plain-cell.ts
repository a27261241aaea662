import { CELL_CHARS_MAX } from '../table.ts'
import { SHEET_COLUMNS } from './cell-addresses.ts'

export interface PlainCell {
  /** The column of the cell, counted from 0. */
  column: number
  type: string
  style: string | undefined
  value: string
  /** The index of the character after the cell. */
  end: number
}

const REFERENCE = '<c r="'
const [LETTER_A, LETTER_Z, DIGIT_0, DIGIT_9] = [65, 90, 48, 57]
/** How most programs write a cell: its type, the text before the value, and the text after the value. */
const FORMS = [
  { type: 's', open: ' t="s"><v>', close: '</v></c>' },
  { type: 'n', open: '><v>', close: '</v></c>' },
  { type: 'inlineStr', open: ' t="inlineStr"><is><t>', close: '</t></is></c>' },
  { type: 'inlineStr', open: ' t="inlineStr"><is><t xml:space="preserve">', close: '</t></is></c>' },
  { type: 'n', open: ' t="n"><v>', close: '</v></c>' },
  { type: 'str', open: ' t="str"><v>', close: '</v></c>' },
  { type: 'b', open: ' t="b"><v>', close: '</v></c>' }
] as const
/** A value with one of these may differ from what is written, or may not be well-formed. */
const SPECIAL = /[&\r\]]/

/**
 * Reads the cell that begins at the index `at`, if it is written as most programs do: the attribute `r`, perhaps `s`
 * and `t`, in this order, and one value without `&`, CR or `]`, of at most CELL_CHARS_MAX characters. Null for
 * everything else, also for a cell whose end is not in the text yet.
 */
export function readPlainCell (text: string, at: number, row: string): PlainCell | null {
  if (!text.startsWith(REFERENCE, at)) return null
  let place = at + REFERENCE.length
  let column = 0
  for (let code = text.charCodeAt(place); code >= LETTER_A && code <= LETTER_Z; code = text.charCodeAt(place)) {
    column = column * 26 + code - LETTER_A + 1
    if (column > SHEET_COLUMNS) return null
    place += 1
  }
  if (column === 0 || !text.startsWith(row, place) || text[place + row.length] !== '"') return null
  place += row.length + 1
  let style: string | undefined
  if (text.startsWith(' s="', place)) {
    const start = place + 4
    place = skipDigits(text, start)
    if (place === start || text[place] !== '"') return null
    style = text.slice(start, place)
    place += 1
  }
  for (const { type, open, close } of FORMS) {
    if (!text.startsWith(open, place)) continue
    const start = place + open.length
    const end = text.indexOf('<', start)
    if (end === -1 || end - start > CELL_CHARS_MAX || !text.startsWith(close, end)) return null
    const value = text.slice(start, end)
    return SPECIAL.test(value) ? null : { column: column - 1, type, style, value, end: end + close.length }
  }
  return null
}

function skipDigits (text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) >= DIGIT_0 && text.charCodeAt(at) <= DIGIT_9) at += 1
  return at
}
