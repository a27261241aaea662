import { typeOfColumn } from './columns.ts'
import { parseDecimal, writeDecimal } from './decimal.ts'
import { noCells, noTable, quote, requireName, type Cells, type Table, type TableRow } from './table.ts'
import { toWorkbookTime } from './times.ts'

export interface IncomingOptions {
  /** The values, by column name, for rows that have no value in the column. Default: none. */
  defaults?: Cells
  /** The decimal sign of numbers. `comma` is for CSV. Default: `point`. */
  decimal?: 'point' | 'comma'
  /** Whether texts of the CSV lose a `'` at their start before a formula sign such as `=`. Default: false. */
  isEscaped?: boolean
}

const DECIMAL_COMMA = /^[+-]?\d+,\d+$/
const ESCAPED = /^'[=+\-@'\t\r]/

/**
 * Fills in the defaults. Spells the values of CSV, NDJSON or JSON as a workbook does: numbers without plus sign and
 * exponent, and times with a zone as UTC. A text that is no number or no time with a zone stays as it is.
 */
export function incoming (table: Table, options: IncomingOptions): Table {
  const defaults = Object.entries(options.defaults ?? {})
  const columns = defaults.map(([name]) => name)
  return {
    get columns () { return [...new Set([...table.columns, ...columns])] },
    rows: (async function * () {
      for await (const batch of table.rows) yield batch.map(row => takeRow(row, defaults, options))
    })(),
    categories: table.categories
  }
}

function takeRow (
  { number, cells }: TableRow, defaults: ReadonlyArray<[string, string]>, options: IncomingOptions
): TableRow {
  const taken = noCells()
  for (const name in cells) {
    const text = cells[name]!
    if (options.decimal === 'comma' && hasPoint(name, text)) throw withPoint(number, name, text)
    taken[name] = takeValue(name, text, options)
  }
  for (const [name, text] of defaults) taken[name] ??= text
  return { number, cells: taken }
}

function takeValue (name: string, text: string, { decimal, isEscaped }: IncomingOptions): string {
  switch (typeOfColumn(name)) {
    case 'number':
      return takeNumber(decimal === 'comma' && DECIMAL_COMMA.test(text) ? text.replace(',', '.') : text)
    case 'time':
      return toWorkbookTime(text)
    case 'text':
      return isEscaped === true && ESCAPED.test(text) ? text.slice(1) : text
  }
}

/** Where commas are decimal signs, a number with a point is refused: 1.744 may mean 1744. */
function hasPoint (name: string, text: string): boolean {
  return text.includes('.') && typeOfColumn(name) === 'number' && parseDecimal(text) !== null
}

function withPoint (row: number, name: string, text: string): Error {
  return noTable(`Row ${row}: ${name} is ${quote(text)}. With decimal=comma a number has no point.`)
}

/**
 * Writes a number without plus sign and exponent. 1e-7, as some programs write 0.0000001, would be a text in a
 * workbook, and Connect may not read it as a number.
 */
function takeNumber (text: string): string {
  if (!/^\+|e/i.test(text)) return text
  const number = parseDecimal(text)
  return number === null ? text : writeDecimal(number)
}

/**
 * Reads the parameter `defaults`: a JSON object of strings by column name. Throws 413 for a name that is too long, and
 * 400 for every other fault, such as an empty string.
 */
export function parseDefaults (text: string): Cells {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw noTable('The parameter defaults is no JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw noTable('The parameter defaults must be a JSON object of columns.')
  }
  if (!Object.values(value).every(one => typeof one === 'string')) {
    throw noTable('The values of the parameter defaults must be strings.')
  }
  for (const [name, text] of Object.entries(value)) {
    requireName(name)
    if (name === '' || text === '') throw noTable('The parameter defaults has an empty name or value.')
  }
  return value as Cells
}
