import { clip } from './cell-text.ts'
import { decimalsOf, exceeds, parseDecimal } from './decimal.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { RowReader } from './row-reader.ts'
import type { CatalogItem, Precision, Schema } from './types.ts'

/** The bound that Connect's API sets to an amount, 1e16 either way. */
const largest = 10n ** 16n

const decimalsByPrecision: Readonly<Record<Precision, number>> = {
  Integer: 0,
  'Decimal(1)': 1,
  'Decimal(2)': 2,
  'Decimal(4)': 4,
  'Decimal(8)': 8
}

/** Takes a precision; gives the number of decimals it allows. */
export function allowedDecimals (precision: Precision): number {
  return decimalsByPrecision[precision]
}

/** Takes what an `item_precision` cell says, in any letter case; gives the precision or undefined. */
export function parsePrecision (text: string): Precision | undefined {
  const wanted = text.trim().toLowerCase()
  return (Object.keys(decimalsByPrecision) as Precision[]).find(precision => precision.toLowerCase() === wanted)
}

/** Takes a row and its item, null when unknown; gives the quantity, reporting what is wrong with it. */
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

/** Takes a row of a rated schema; gives its amount, reporting what is wrong with it. */
export function checkAmount (reader: RowReader): string | null {
  return checkNumber(reader, 'amount')
}

/**
 * Takes a row and the schema; gives its tier. Only `tr` uses the column; vendors fill it in other
 * schemas too, where what it says is kept when it is a tier and ignored when it is not.
 */
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
