import { clip } from './cell-text.ts'
import { decimalsOf, exceeds, parseDecimal } from './decimal-text.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { RowReader } from './row-reader.ts'
import type { CatalogItem, Precision, Schema } from './types.ts'

/** The largest amount that Connect's API accepts. The sandbox also bounds quantities by it. */
const largest = 10n ** 16n

const decimalsByPrecision: Readonly<Record<Precision, number>> = {
  Integer: 0,
  'Decimal(1)': 1,
  'Decimal(2)': 2,
  'Decimal(4)': 4,
  'Decimal(8)': 8
}

export function allowedDecimals (precision: Precision): number {
  return decimalsByPrecision[precision]
}

/** Gives the precision that an `item_precision` cell names, in any letter case; undefined for another text. */
export function parsePrecision (text: string): Precision | undefined {
  const wanted = text.trim().toLowerCase()
  return (Object.keys(decimalsByPrecision) as Precision[]).find(precision => precision.toLowerCase() === wanted)
}

/** Gives the digits of the quantity; null when there is no number. Its decimals are checked only with a known item. */
export function checkQuantity (reader: RowReader, item: CatalogItem | null): string | null {
  const quantity = checkNumber(reader, 'quantity')
  if (quantity === null || item === null) return quantity
  const allowed = allowedDecimals(item.precision)
  const used = decimalsOf(quantity)
  if (used > allowed) {
    reader.fail(rowErrorCodes.tooManyDecimals, 'quantity',
      `quantity ${quantity} has ${used} decimals but the item's precision ${item.precision} allows ${allowed}`)
  }
  return quantity
}

export function checkAmount (reader: RowReader): string | null {
  return checkNumber(reader, 'amount')
}

/** Gives 0, 1, 2 or null. Vendors fill in the tier for other schemas, too: there a wrong number or text is ignored. */
export function checkTier (reader: RowReader, schema: Schema): number | null {
  const text = schema === 'tr' ? reader.needed('tier') : reader.text('tier')
  if (text === null) return null
  const decimal = parseDecimal(text)
  const tier = decimal !== null && decimalsOf(decimal) === 0 ? Number(decimal) : -1
  if (tier >= 0 && tier <= 2) return tier
  if (schema === 'tr') reader.fail(rowErrorCodes.badTier, 'tier', `tier must be 0, 1 or 2, not "${clip(text, 40)}"`)
  return null
}

function checkNumber (reader: RowReader, column: string): string | null {
  const text = reader.needed(column)
  if (text === null) return null
  const number = parseDecimal(text)
  if (number === null) {
    reader.fail(rowErrorCodes.notANumber, column, `${column} must be a number, not "${clip(text, 40)}"`)
  } else if (number.startsWith('-')) {
    reader.fail(
      rowErrorCodes.negativeNumber,
      column,
      `${column} must not be negative, it is ${number}; corrections go through reconciliation`
    )
  } else if (exceeds(number, largest)) {
    reader.fail(rowErrorCodes.numberTooLarge, column, `${column} must not exceed ${largest}`)
  }
  return number
}
