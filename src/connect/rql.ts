/**
 * Makes queries in RQL, Connect's query language (https://github.com/cloudblue/lib-rql/blob/master/py_rql/grammar.py).
 * Connect decodes the percent-encoding of the whole query before it parses the query, and then parses `%2C` as a comma.
 * So only quotes protect a value.
 */
import { UnquotableValueError } from './errors.ts'
import type { CallTarget } from './errors.ts'
import type { Condition, Contains, Filter, Range } from './filters.ts'

export interface RqlQuery {
  readonly filter?: Filter | undefined
  readonly sort?: readonly string[] | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  readonly isKnown?: ((digest: string) => boolean) | undefined
}

const FIELD = /^[a-z][a-z0-9_.]*$/
const CONTROL = /\p{Cc}/u
const LONE_SURROGATE = /\p{Cs}/u
const RANGE_OPERATORS = ['ge', 'gt', 'le', 'lt'] as const

/**
 * Gives the query string without `?`; empty when nothing is asked for. Throws UnquotableValueError for a value that RQL
 * cannot express and for an empty list. Throws TypeError for an invalid field name, limit or offset.
 */
export function buildQuery (query: RqlQuery, target: CallTarget): string {
  const terms: string[] = []
  if (query.limit !== undefined) terms.push(`limit=${wholeNumber(query.limit)}`)
  if (query.offset !== undefined) terms.push(`offset=${wholeNumber(query.offset)}`)
  if (query.sort !== undefined && query.sort.length > 0) terms.push(`ordering(${query.sort.map(sortField).join(',')})`)
  for (const [name, condition] of Object.entries(query.filter ?? {})) {
    if (condition !== undefined) terms.push(...conditionTerms(fieldName(name), condition, target))
  }
  return terms.join('&')
}

function conditionTerms (field: string, condition: Condition, target: CallTarget): string[] {
  const quote = (value: string): string => quoteValue(value, field, target)
  if (typeof condition === 'string') return [`eq(${field},${quote(condition)})`]
  if (isList(condition)) return [anyOf('eq', 'in', condition)]
  if ('not' in condition) {
    return [anyOf('ne', 'out', typeof condition.not === 'string' ? [condition.not] : condition.not)]
  }
  if (isContains(condition)) {
    return condition.contains === '' ? [] : [`ilike(${field},${quote(`*${escapePattern(condition.contains)}*`)})`]
  }
  return RANGE_OPERATORS.flatMap((operator) => {
    const bound = (condition as Range)[operator]
    return bound === undefined ? [] : [`${operator}(${field},${quote(bound)})`]
  })

  function anyOf (one: 'eq' | 'ne', many: 'in' | 'out', values: readonly string[]): string {
    const [first] = values
    if (first === undefined) throw new UnquotableValueError(target, field)
    if (values.length === 1) return `${one}(${field},${quote(first)})`
    return `${many}(${field},(${values.map(quote).join(',')}))`
  }
}

/**
 * Throws UnquotableValueError for a value with a control character, half of a surrogate pair, or both kinds of quotes.
 * A space becomes `%20`, because Connect does not read `+` as a space.
 */
function quoteValue (value: string, field: string, target: CallTarget): string {
  const quote = value.includes('"') ? "'" : '"'
  if (CONTROL.test(value) || LONE_SURROGATE.test(value) || value.includes(quote)) {
    throw new UnquotableValueError(target, field)
  }
  return encodeURIComponent(`${quote}${value}${quote}`)
}

/** In `ilike` Connect reads `\*` as a star and `\\` as a backslash (django-rql, `_reflect_like_value`). */
function escapePattern (text: string): string {
  return text.replace(/[\\*]/g, '\\$&')
}

function fieldName (name: string): string {
  if (!FIELD.test(name)) throw new TypeError('not a field name')
  return name
}

function sortField (field: string): string {
  return field.startsWith('-') ? `-${fieldName(field.slice(1))}` : fieldName(field)
}

function wholeNumber (value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('not a whole number')
  return value
}

function isList (condition: Condition): condition is readonly string[] {
  return Array.isArray(condition)
}

function isContains (condition: Contains | Range): condition is Contains {
  return 'contains' in condition
}
