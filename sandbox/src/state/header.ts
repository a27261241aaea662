import { badRequest } from '../connect-error.ts'
import { isRealDay, toSeconds } from '../time.ts'
import type { UsageFile } from './types.ts'

export type Body = Readonly<Record<string, unknown>>

export function asObject (body: unknown): Body {
  if (body === undefined) return {}
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw badRequest('The body must be an object.')
  return body as Body
}

/** Reads a text, null or undefined. Throws a 400 for any other value, and for more than `maxLength` characters. */
export function textField (body: Body, name: string, maxLength: number): string | null | undefined {
  const value = body[name]
  if (value === undefined || value === null) return value
  if (typeof value !== 'string') throw badRequest(`${name}: Not a valid string.`)
  if ([...value].length > maxLength) {
    throw badRequest(`${name}: Ensure this field has no more than ${maxLength} characters.`)
  }
  return value
}

/** A number counts as its text, as in Connect's Django REST framework. */
export function externalIdField (body: Body): string | null | undefined {
  const value = body['external_id']
  return textField(typeof value === 'number' ? { external_id: String(value) } : body, 'external_id', 200)
}

export function idField (body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw badRequest(`${name}: Invalid data.`)
  const id = (value as Body)['id']
  if (typeof id !== 'string' || id === '' || id.length > 100) throw badRequest(`${name}: id is required.`)
  return id
}

export function currencyField (body: Body): string | null | undefined {
  const currency = textField(body, 'currency', 20)
  if (typeof currency === 'string' && !/^[A-Z]{3}$/.test(currency)) {
    throw badRequest('currency: Not an ISO 4217 code.')
  }
  return currency
}

const date = /^\d{4}-\d{2}-\d{2}$/
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/

/** Gives ms since 1970. A date has the given `time`. A date-time without a zone is UTC, as in Connect's filters. */
function moment (value: unknown, name: string, time: string): number {
  if (typeof value !== 'string') throw badRequest(`period: ${name} is required.`)
  const isDate = date.test(value)
  if (!isDate && !dateTime.test(value)) throw badRequest(`period: ${name} is not a date.`)
  const zoned = /(Z|[+-]\d{2}:\d{2})$/.test(value) ? value : `${value}Z`
  const parsed = Date.parse(isDate ? `${value}T${time}Z` : zoned)
  if (Number.isNaN(parsed) || !isRealDay(value)) throw badRequest(`period: ${name} is not a date.`)
  return parsed
}

/** Both ends belong to the period: a last day without a time lasts until 23:59:59. */
export function periodField (body: Body): UsageFile['period'] | undefined {
  const value = body['period']
  if (value === undefined) return undefined
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badRequest('period: Invalid data.')
  const period = value as Body
  const from = moment(period['from'], 'from', '00:00:00')
  const to = moment(period['to'], 'to', '23:59:59')
  if (from > to) throw badRequest('period: from is later than to.')
  return { from: toSeconds(from), to: toSeconds(to) }
}
