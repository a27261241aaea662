import { CellError, type CellValue } from './cell-value.ts'
import { numberText } from './decimal-text.ts'
import { sheetTime } from './sheet-time.ts'

/** Gives the text of a cell with its white space; null when it is absent, empty, or white space alone. */
export function cellText (value: CellValue | undefined): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return value instanceof CellError ? value.text : sheetTime(value)
}

export function isBlank (value: CellValue | undefined): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

/** Gives the number of Unicode code points of a text. */
export function lengthOf (text: string): number {
  return [...text].length
}

/** Gives a text cut to at most `length` characters. A cut text ends with an ellipsis, which is counted, too. */
export function clip (text: string, length: number): string {
  if (text.length <= length) return text
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
