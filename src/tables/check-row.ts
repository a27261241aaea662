import type { CheckCode, Severity } from '../../schemas/usage-check.ts'
import {
  ASSET_CRITERIA, DYNAMIC_COLUMNS, ITEM_CRITERIA, PARAMETER_MAX, PRECISION_WORDS, isOwnColumn, type UsageSchemaWord
} from './columns.ts'
import { decimalsOf, parseDecimal, type Decimal } from './decimal.ts'
import type { Cells } from './table.ts'

export type ReportProblem = (code: CheckCode, severity: Severity, column: string, message: string) => void

export interface RowRules {
  readonly schema: UsageSchemaWord
  /** The columns that need a value in each row. Columns that a CSV or a workbook does not have at all are left out. */
  readonly required: readonly string[]
  /** Both as `YYYY-MM-DD hh:mm:ss` in UTC. Null: times are not compared with a period. */
  readonly period: { readonly from: string, readonly to: string } | null
}

export interface RowNumbers { quantity: Decimal | null, amount: Decimal | null }

/** The largest amount that Connect takes. The smallest amount is the negative of this number. */
const LARGEST = 10n ** 16n
const DECIMALS_MAX = 8
const WRITTEN_TIME = /^(\d{4}-\d\d-\d\d) (\d{1,2})(:[0-5]\d:[0-5]\d)$/
/** The number of days in each month of a year that is no leap year. */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MAY_BE_FORBIDDEN = /[^ -;=-~]/
// eslint-disable-next-line no-control-regex -- XML 1.0 has no place for these
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u
const NOT_IN_TEMPLATE = /<\/?[a-z]|[©®™]/i

/** Checks one row. A number of the result is null when missing or unreadable; `amount` is null also in schema `qt`. */
export function checkRow (cells: Cells, rules: RowRules, report: ReportProblem): RowNumbers {
  for (const name of rules.required) {
    if (cells[name] === undefined && name !== 'tier' && name !== 'amount') {
      report('VALUE_MISSING', 'error', name, `${name} must have a value.`)
    }
  }
  checkTexts(cells, report)
  checkCriteria(cells, report)
  checkTimes(cells, rules, report)
  checkTier(cells, rules, report)
  return { quantity: checkQuantity(cells, report), amount: checkAmount(cells, rules, report) }
}

function checkTexts (cells: Cells, report: ReportProblem): void {
  for (const name in cells) {
    const text = cells[name] ?? ''
    if (isOwnColumn(name) && text.length > PARAMETER_MAX && [...text].length > PARAMETER_MAX) {
      report('TEXT_TOO_LONG', 'error', name, `${name} must have at most ${PARAMETER_MAX} characters.`)
    }
    if (!MAY_BE_FORBIDDEN.test(text)) continue
    if (NOT_IN_XML.test(text)) {
      report('CHARACTER_FORBIDDEN', 'error', name, `${name} has a character that no workbook can hold.`)
    } else if (NOT_IN_TEMPLATE.test(text)) {
      report('CHARACTER_FORBIDDEN', 'warning', name, `${name} has an HTML tag or a sign such as ®.`)
    }
  }
}

function checkCriteria (cells: Cells, report: ReportProblem): void {
  const item = cells['item_search_criteria']
  if (item !== undefined && !ITEM_CRITERIA.some(known => known === item)) {
    report(
      'VALUE_INVALID', 'error', 'item_search_criteria',
      `item_search_criteria must be one of ${ITEM_CRITERIA.join(', ')}.`
    )
  }
  const asset = cells['asset_search_criteria']
  if (asset !== undefined && asset !== 'asset.id' && !/^parameter\../.test(asset)) {
    const isKnown = asset === 'asset.external_id' || asset === 'asset.external_uid'
    report(
      'VALUE_INVALID', isKnown ? 'warning' : 'error', 'asset_search_criteria',
      `asset_search_criteria must be one of ${ASSET_CRITERIA.join(', ')}.`
    )
  }
  const precision = cells['item_precision']
  if (precision !== undefined && !PRECISION_WORDS.some(known => known.toLowerCase() === precision.toLowerCase())) {
    report('VALUE_INVALID', 'warning', 'item_precision', `item_precision must be one of ${PRECISION_WORDS.join(', ')}.`)
  }
  const missing = DYNAMIC_COLUMNS.filter(name => cells[name] === undefined)
  if (missing.length === 0 || missing.length === DYNAMIC_COLUMNS.length) return
  for (const name of missing) {
    report('VALUE_MISSING', 'warning', name, `A new item needs all of ${DYNAMIC_COLUMNS.join(', ')}.`)
  }
}

function checkTimes (cells: Cells, { period }: RowRules, report: ReportProblem): void {
  const start = checkTime(cells, 'start_time_utc', report)
  const end = checkTime(cells, 'end_time_utc', report)
  if (start !== null && end !== null && end < start) {
    report('PERIOD_REVERSED', 'warning', 'end_time_utc', 'end_time_utc is before start_time_utc.')
  }
  if (period === null) return
  const inside = `the period of the file, ${period.from} to ${period.to}.`
  if (start !== null && (start < period.from || start > period.to)) {
    report('PERIOD_OUTSIDE', 'warning', 'start_time_utc', `start_time_utc is not in ${inside}`)
  }
  if (end !== null && (end < period.from || end > period.to)) {
    report('PERIOD_OUTSIDE', 'warning', 'end_time_utc', `end_time_utc is not in ${inside}`)
  }
}

/**
 * Reports a wrong time. Gives the time with a two-digit hour, so that times compare as texts. Null for a missing or a
 * wrong time.
 */
function checkTime (cells: Cells, name: string, report: ReportProblem): string | null {
  const text = cells[name]
  if (text === undefined) return null
  const [, date = '', hour = '', rest = ''] = WRITTEN_TIME.exec(text) ?? []
  if (!isDate(date) || Number(hour) > 23) {
    report('TIME_INVALID', 'error', name, `${name} must be a time that exists, written YYYY-MM-DD hh:mm:ss, in UTC.`)
    return null
  }
  if (hour.length === 1) report('TIME_INVALID', 'warning', name, `The hour of ${name} must have two digits.`)
  return hour.length === 2 ? text : `${date} 0${hour}${rest}`
}

/** Whether a text is a day that exists. `Date` is not used, because it takes 30 February for a day in March. */
function isDate (text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day > 0 && day <= (month === 2 && isLeap ? 29 : DAYS[month - 1] ?? 0)
}

/** A whole number above 2 is only a warning: Connect's documents name 0, 1 and 2, but its API also takes 3 and more. */
function checkTier (cells: Cells, { schema, required }: RowRules, report: ReportProblem): void {
  if (schema !== 'tr') return
  const text = cells['tier']
  if (text === undefined) {
    if (required.includes('tier')) report('TIER_INVALID', 'warning', 'tier', 'tier must be 0, 1 or 2.')
    return
  }
  const tier = parseDecimal(text)
  const isWhole = tier !== null && tier.units >= 0n && decimalsOf(tier) === 0
  const value = isWhole ? tier.units / 10n ** BigInt(tier.scale) : -1n
  if (value >= 0n && value <= 2n) return
  report('TIER_INVALID', isWhole ? 'warning' : 'error', 'tier', 'tier must be 0, 1 or 2.')
}

function checkQuantity (cells: Cells, report: ReportProblem): Decimal | null {
  const quantity = checkNumber(cells, 'quantity', report)
  if (quantity === null) return null
  if (quantity.units < 0n) {
    report(
      'QUANTITY_NEGATIVE', 'error', 'quantity', 'quantity must not be negative. Reconciliations are for corrections.'
    )
  }
  if (quantity.scale > DECIMALS_MAX && decimalsOf(quantity) > DECIMALS_MAX) {
    report(
      'PRECISION_EXCEEDED', 'warning', 'quantity',
      `quantity has more than ${DECIMALS_MAX} decimals. No item takes them.`
    )
  }
  return quantity
}

function checkAmount (cells: Cells, { schema, required }: RowRules, report: ReportProblem): Decimal | null {
  if (schema === 'qt') return null
  if (cells['amount'] === undefined) {
    if (required.includes('amount')) report('AMOUNT_MISSING', 'error', 'amount', 'amount must have a value.')
    return null
  }
  const amount = checkNumber(cells, 'amount', report)
  if (amount === null) return null
  if (amount.units < 0n) report('VALUE_INVALID', 'warning', 'amount', 'amount is negative.')
  const size = amount.units < 0n ? -amount.units : amount.units
  if (size > LARGEST * 10n ** BigInt(amount.scale)) {
    report('VALUE_INVALID', 'error', 'amount', `amount must not be larger than ${LARGEST}.`)
  }
  return amount
}

function checkNumber (cells: Cells, name: string, report: ReportProblem): Decimal | null {
  const text = cells[name]
  if (text === undefined) return null
  const number = parseDecimal(text)
  if (number === null) report('VALUE_INVALID', 'error', name, `${name} must be a number with a decimal point.`)
  else if (/[+e]/i.test(text)) {
    report('VALUE_INVALID', 'warning', name, `${name} must be written without an exponent and without a plus sign.`)
  }
  return number
}
