import { CellError, type CellValue } from './cell-value.ts'
import { numberText } from './decimal.ts'
import { sheetTime } from './sheet-time.ts'

/**
 * Takes a cell's value; gives its text, or null when the cell is blank.
 *
 * An absent cell, an empty inline string and white space alone all count as blank: real vendor files
 * mix the first two freely in their optional columns.
 */
export function cellText (value: CellValue | undefined): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return value instanceof CellError ? value.text : sheetTime(value)
}

/** Takes a cell's value; says whether the cell is blank. */
export function isBlank (value: CellValue | undefined): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

/** Takes a text; gives the number of its characters. One outside the basic plane, such as an emoji, counts once. */
export function lengthOf (text: string): number {
  return [...text].length
}

/** Takes a text and a number of characters; gives the text cut to that length, an ellipsis marking the cut. */
export function clip (text: string, length: number): string {
  if (text.length <= length) return text
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
