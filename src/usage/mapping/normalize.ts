/**
 * Functions that read values of Connect. A value may be missing, null, or of another type than documented. A value that
 * cannot be read becomes null (0 for counters, [] for lists). Only an object without an id is an error.
 */

import { NOT_SHOWN, redactText } from '../../connect/redact.ts'
import { AppError } from '../../errors/app-error.ts'

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf (value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : null
}

export function itemsOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function text (value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

/** The most characters that are shown of a text that Connect writes; longer than any text in its documents. */
const MAX_PROSE = 1000

/** Reads a text of Connect without its secrets, cut to MAX_PROSE. NOT_SHOWN for HTML, null for no text. */
export function prose (value: unknown): string | null {
  const given = text(value)
  return given === null ? null : redactText(given, MAX_PROSE) ?? NOT_SHOWN
}

/** Connect names the reason `error_detail`, older versions `error_details`. Some objects have it as `error.detail`. */
export function errorDetail (given: Fields): string | null {
  const found = given['error_detail'] ?? given['error_details'] ?? fieldsOf(given['error'])?.['detail']
  return prose(joined(found, '; '))
}

/** Reads an identifier. Null for a value that is neither text nor number, and for '', which Connect sends for none. */
export function identifier (value: unknown): string | null {
  const id = text(value)
  return id === '' ? null : id
}

/** Throws UPSTREAM_INVALID without an id: callers could do nothing with the object, which `what` names in the error. */
export function requiredId ({ id: given }: Fields, what: string): string {
  const id = identifier(given)
  if (id === null) throw new AppError('UPSTREAM_INVALID', `Connect sent a ${what} without an id.`)
  return id
}

/** Reads a count, also one in a text, as some versions of Connect send it. Gives 0 for any other value. */
export function counter (value: unknown): number {
  const number = integer(value)
  return number !== null && number >= 0 ? number : 0
}

export function integer (value: unknown): number | null {
  const number = typeof value === 'string' && /^\s*-?\d{1,15}(?:\.0{1,8})?\s*$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The largest exponent of a decimal, without its sign. More digits than any column needs would only take memory. */
const MAX_EXPONENT = 400

/** Gives a decimal number digit for digit, without an exponent; null for any other value or too large an exponent. */
export function decimal (value: unknown): string | null {
  const literal = text(value)?.trim() ?? ''
  const parts = DECIMAL.exec(literal)
  if (parts === null) return null
  const [, sign = '', whole = '', fraction = '', power] = parts
  if (power === undefined) return literal
  const exponent = Number(power)
  if (Math.abs(exponent) > MAX_EXPONENT) return null
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const padded = digits.padEnd(point, '0')
  const integer = padded.slice(0, point).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(point)
  return rest === '' ? sign + integer : `${sign}${integer}.${rest}`
}

/** Gives the one of `words` (in lower case) that a value is, trimmed and in any case; null for any other value. */
export function oneOf<const Word extends string> (words: readonly Word[], value: unknown): Word | null {
  if (typeof value !== 'string') return null
  const asItIs = words.indexOf(value as Word)
  if (asItIs !== -1) return words[asItIs] ?? null
  const given = value.trim().toLowerCase()
  return words.find(word => word === given) ?? null
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/** The usual form of Connect's times. It is read without a Date, which would take a third of the CPU time of a list. */
const UTC_MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|\+00:00)$/

/**
 * Gives a time in UTC (`2026-10-31T23:59:59Z`) with all digits of its fraction; null for a value that is no time, or a
 * time that does not exist. Without a zone it counts as UTC. A date becomes 00:00:00 or 23:59:59 of its day, by `edge`.
 */
export function time (value: unknown, edge: 'begin' | 'end' = 'begin'): string | null {
  if (typeof value === 'string' && UTC_MOMENT.test(value)) {
    // Days up to the 28th exist in every month.
    if (value.slice(8, 10) > '28' && !isDay(value.slice(0, 10))) return null
    return value.endsWith('Z') ? value : `${value.slice(0, -6)}Z`
  }
  const [whole, date, clock, seconds = '00', fraction, zone] =
    MOMENT.exec(typeof value === 'string' ? value.trim() : '') ?? []
  if (whole === undefined || date === undefined) return null
  if (clock === undefined) return isDay(date) ? `${date}T${edge === 'begin' ? '00:00:00' : '23:59:59'}Z` : null
  const offset = zone === undefined ? 'Z' : zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const instant = new Date(`${date}T${clock}:${seconds}${offset}`)
  if (Number.isNaN(instant.getTime()) || !isDay(date)) return null
  // 24:00:00 is the end of a day (ISO 8601), so it can have no fraction above 0.
  if (clock === '24:00' && /[1-9]/.test(fraction ?? '')) return null
  // A year outside of 0 to 9999 is refused: the text would begin with a sign.
  const utc = instant.toISOString().slice(0, 19)
  if (!/^\d{4}-/.test(utc)) return null
  return `${utc}${fraction === undefined ? '' : `.${fraction}`}Z`
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a text is the date (YYYY-MM-DD) of a day that exists. A Date would turn 30 February into a day in March. */
export function isDay (date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : DAYS_OF_MONTH[month - 1] ?? 0
  return day >= 1 && day <= days
}

export interface Reference { id: string | null, name: string | null }
export interface IconReference extends Reference { icon: string | null }

const ID = /^[A-Z]{2,4}-[0-9-]+$/

/** Reads an object with id and name, or a text, which is the id if it has the form of one, otherwise the name. */
export function reference (value: unknown): Reference | null {
  if (typeof value === 'string' && value !== '') {
    return ID.test(value) ? { id: value, name: null } : { id: null, name: value }
  }
  const fields = fieldsOf(value)
  return fields === null ? null : { id: identifier(fields['id']), name: text(fields['name']) }
}

/** Reads an http or https URL. Null for any other value: a path such as `/media/logo` lies on Connect's host. */
export function address (value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value : null
}

export function iconReference (value: unknown): IconReference | null {
  const found = reference(value)
  return found === null ? null : { id: found.id, name: found.name, icon: address(fieldsOf(value)?.['icon']) }
}

/** Reads a precision: `Decimal(4)` and `decimal_4` become `decimal(4)`. Other texts in lower case, null for no text. */
export function precision (value: unknown): string | null {
  return text(value)?.trim().toLowerCase().replace(/^decimal[_ (]*(\d+)\)?$/, 'decimal($1)') ?? null
}

export interface RowError { code: string | null, message: string | null }

/** A row with more codes or more details than these gets one error that holds all of them. */
const MAX_ROW_ERRORS = 100

/** The separators that may stand between two details. The first that gives one detail for each code is used. */
const BETWEEN_DETAILS = [/\n/, /;\s+/]

/**
 * Gives the errors of a row. Connect documents `error_codes` and `error_details` as one string each; connectors show
 * lists, too. A detail may itself hold a semicolon, so a string of details is divided only if that gives one detail for
 * each code. With codes and details in different numbers, one error holds all codes and all details.
 */
export function rowErrors (codesGiven: unknown, detailsGiven: unknown): RowError[] {
  return pairsOf(codesGiven, detailsGiven).map(({ code, message }) => ({ code: prose(code), message: prose(message) }))
}

function pairsOf (codesGiven: unknown, detailsGiven: unknown): RowError[] {
  const codes = partsOf(codesGiven, /,/)
  const listed = Array.isArray(detailsGiven) ? partsOf(detailsGiven) : []
  const whole = joined(detailsGiven, '; ')
  if (codes !== null && listed !== null) {
    if (codes.length === 0 && whole !== null) {
      return (listed.length > 0 ? listed : [whole]).map(message => ({ code: null, message }))
    }
    if (whole === null) return codes.map(code => ({ code, message: null }))
    const details = [listed, ...BETWEEN_DETAILS.map(separator => partsOf(detailsGiven, separator))]
      .find(one => one?.length === codes.length)
    if (details != null) return codes.map((code, index) => ({ code, message: details[index] ?? null }))
  }
  return [{ code: joined(codesGiven, ','), message: whole }]
}

/** Gives the texts of a list, or of a string between separators. Null for more than MAX_ROW_ERRORS of them. */
function partsOf (value: unknown, separator = /$^/): string[] | null {
  const parts = Array.isArray(value) ? value : text(value)?.split(separator, MAX_ROW_ERRORS + 1) ?? []
  if (parts.length > MAX_ROW_ERRORS) return null
  return parts.map(part => text(part)?.trim() ?? '').filter(part => part !== '')
}

function joined (value: unknown, separator: string): string | null {
  const whole = Array.isArray(value) ? value.map(text).filter(part => part !== null).join(separator) : text(value)
  return whole === '' ? null : whole
}

export interface Stats {
  uploaded: number
  validated: number
  pending: number
  accepted: number
  closed: number
  billed: number
}

export function stats (value: unknown): Stats {
  const given = fieldsOf(value)
  const of = (name: string): number => counter(given?.[name])
  return {
    uploaded: of('uploaded'),
    validated: of('validated'),
    pending: of('pending'),
    accepted: of('accepted'),
    closed: of('closed'),
    billed: of('billed')
  }
}
