/** The most columns of a sheet: A to XFD. */
export const SHEET_COLUMNS = 16_384
const SHEET_ROWS = 1_048_576
const REFERENCE = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/i

/** Gives the letters of a column that is counted from 0: A for 0, Z for 25, AA for 26. */
export function columnLetters (index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + (rest - 1) % 26) + letters
  }
  return letters
}

/** Reads a reference such as `B12`: `column` from 0, `row` from 1. Null for a text that names no cell of a sheet. */
export function parseReference (text: string): { column: number, row: number } | null {
  const [, letters, digits] = REFERENCE.exec(text) ?? []
  if (letters === undefined) return null
  let column = 0
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64
  const row = Number(digits)
  return column > SHEET_COLUMNS || row > SHEET_ROWS ? null : { column: column - 1, row }
}

/** Reads the number of a row, from 1; null for a text that is no such number. */
export function parseRow (text: string): number | null {
  return /^[1-9]\d{0,6}$/.test(text) && Number(text) <= SHEET_ROWS ? Number(text) : null
}
