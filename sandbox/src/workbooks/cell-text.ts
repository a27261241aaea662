import { CellError, type CellValue } from './cell-value.ts'
import { numberText } from './decimal.ts'
import { sheetTime } from './sheet-time.ts'

/**
 * Gives the text of a cell's value, or null when the cell is blank. An absent cell, an empty text and white space alone
 * are blank: real vendor files have the first two in their optional columns. Other texts keep their white space.
 */
export function cellText (value: CellValue | undefined): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return value instanceof CellError ? value.text : sheetTime(value)
}

/** Whether a cell is blank: absent, empty, or white space alone. */
export function isBlank (value: CellValue | undefined): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

/** Gives the number of characters of a text. A character of two UTF-16 units, such as an emoji, counts once. */
export function lengthOf (text: string): number {
  return [...text].length
}

/** Gives a text cut to at most `length` characters. A cut text ends with an ellipsis, which is counted, too. */
export function clip (text: string, length: number): string {
  if (text.length <= length) return text
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
