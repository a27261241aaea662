import { Decimal } from '../decimal.ts'
import { isRealDay } from '../time.ts'
import { RqlError } from './ast.ts'
import type { Expression, Value } from './ast.ts'
import type { Collection, Field, Lookups } from './collection.ts'

export type Test<T> = (row: T) => boolean

const allowed: Readonly<Record<Lookups, ReadonlySet<string>>> = {
  text: new Set(['eq', 'ne', 'like', 'ilike', 'null', 'empty', 'in', 'out']),
  choice: new Set(['eq', 'ne', 'like', 'ilike', 'in', 'out']),
  date: new Set(['eq', 'ne', 'ge', 'gt', 'le', 'lt', 'null', 'in', 'out']),
  dateRange: new Set(['ge', 'gt', 'le', 'lt']),
  number: new Set(['eq', 'ne', 'ge', 'gt', 'le', 'lt', 'null', 'in', 'out'])
}

/** Makes a test of one row. Throws RqlError for an unknown field, and for a lookup or value that its field forbids. */
export function compile<T> (collection: Collection<T>, expression: Expression): Test<T> {
  switch (expression.kind) {
    case 'and': {
      const tests = expression.terms.map((term) => compile(collection, term))
      return (row) => tests.every((test) => test(row))
    }
    case 'or': {
      const tests = expression.terms.map((term) => compile(collection, term))
      return (row) => tests.some((test) => test(row))
    }
    case 'not': {
      const test = compile(collection, expression.term)
      return (row) => !test(row)
    }
    case 'list': {
      const field = fieldOf(collection, expression.field, expression.operator)
      const isOneOf = oneOf(field, expression.field, expression.values)
      return expression.operator === 'in' ? isOneOf : (row) => !isOneOf(row)
    }
    case 'compare': return comparison(collection, expression)
    case 'ordering':
    case 'select': return () => true
  }
}

function fieldOf<T> (collection: Collection<T>, name: string, lookup: string): Field<T> {
  const field = Object.hasOwn(collection.fields, name) ? collection.fields[name] : undefined
  if (!field) throw new RqlError(`Bad filter: ${name} is not a known filter.`)
  if (!allowed[field.lookups].has(lookup) && !(lookup === 'null' && field.nullable)) {
    throw new RqlError(`Bad filter: ${name} does not support the lookup ${lookup}.`)
  }
  return field
}

function comparison<T> (
  collection: Collection<T>,
  { operator, field: name, value: given }: Expression & { kind: 'compare' }
): Test<T> {
  if (name === 'search' && operator === 'eq') return search(collection, given)
  const field = fieldOf(collection, name, operator)
  const value = operator === 'eq' || operator === 'ne' ? unquoted(given) : given
  if (operator === 'eq' || operator === 'ne') {
    if (value.kind !== 'text') fieldOf(collection, name, value.kind)
    const test = equal(field, name, value)
    return operator === 'eq' ? test : row => !test(row)
  }
  if (value.kind !== 'text') throw new RqlError(`Bad filter: ${operator} needs a value for ${name}.`)
  if (operator === 'like' || operator === 'ilike') {
    if (value.text.replace(/\\[\\*]/g, ' ').includes('**')) {
      throw new RqlError(`Bad filter: two wildcards side by side for ${name}.`)
    }
    const pattern = toPattern(value.text, operator === 'ilike')
    return row => pattern.test(field.get(row) ?? '') && field.get(row) != null
  }
  return ordered(field, name, operator, value.text)
}

/** `"empty()"` in quotes also means empty: Connect's library django-rql removes the quotes before it compares. */
function unquoted (value: Value): Value {
  return value.kind === 'text' && value.text === 'empty()' ? { kind: 'empty' } : value
}

function equal<T> (field: Field<T>, name: string, value: Value): Test<T> {
  if (value.kind === 'null') return (row) => field.get(row) == null
  if (value.kind === 'empty') return (row) => field.get(row) === ''
  if (field.lookups === 'date' || field.lookups === 'dateRange') {
    const moment = toMoment(name, value.text)
    return (row) => Date.parse(field.get(row) ?? '') === moment
  }
  if (field.lookups === 'number') {
    const number = toNumber(name, value.text)
    return (row) => compareNumber(field.get(row), number) === 0
  }
  if (field.choices && !field.choices.includes(value.text)) {
    throw new RqlError(`Bad filter: ${value.text} is not a choice of ${name}.`)
  }
  return (row) => field.get(row) === value.text
}

/** Texts are looked up in a set, which is fast for a thousand values. */
function oneOf<T> (field: Field<T>, name: string, values: readonly Value[]): Test<T> {
  const meant = values.map(unquoted)
  const tests = meant.map((value) => equal(field, name, value))
  const texts = new Set(meant.map((value) => value.kind === 'text' ? value.text : null))
  if (field.lookups !== 'text' || texts.has(null)) return (row) => tests.some((test) => test(row))
  return (row) => texts.has(field.get(row) ?? null)
}

function ordered<T> (field: Field<T>, name: string, operator: 'gt' | 'ge' | 'lt' | 'le', text: string): Test<T> {
  const compare = comparedWith(field, name, text)
  return (row) => {
    const sign = compare(row)
    if (operator === 'gt') return sign > 0
    if (operator === 'ge') return sign >= 0
    return operator === 'lt' ? sign < 0 : sign <= 0
  }
}

/**
 * Gives a function that compares the value of a row with a limit. It gives a number below, equal to or above 0 when the
 * value is below, equal to or above the limit. It gives NaN, for which no comparison holds, when the row has no value.
 */
function comparedWith<T> (field: Field<T>, name: string, text: string): (row: T) => number {
  if (field.lookups === 'number') {
    const limit = toNumber(name, text)
    return (row) => compareNumber(field.get(row), limit)
  }
  const limit = toMoment(name, text)
  return (row) => Date.parse(field.get(row) ?? '') - limit
}

function toNumber (name: string, text: string): Decimal {
  if (!/^[+-]?\d{1,40}(\.\d{1,40})?$/.test(text)) throw new RqlError(`Bad filter: ${text} is not a number for ${name}.`)
  return new Decimal(text)
}

const compareNumber = (value: string | null | undefined, limit: Decimal): number =>
  value == null ? NaN : Decimal.compare(new Decimal(value), limit)

const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Gives ms since 1970. A date is 00:00 of that day in UTC. A time without a zone is UTC, as in Connect. Throws RqlError
 * for a text that is neither.
 */
function toMoment (name: string, given: string): number {
  // White space instead of a `T` may stand between the date and the time.
  const text = given.replace(/^(\S{10})\s+(?=\d)/, '$1T')
  const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`
  const moment = isoDate.test(text) && isRealDay(text) ? Date.parse(zoned) : NaN
  if (Number.isNaN(moment)) throw new RqlError(`Bad filter: ${text} is not a date for ${name}.`)
  return moment
}

/** In a `like` value `*` stands for any text, `\*` for an asterisk, `\\` for a backslash. */
function toPattern (text: string, ignoreCase: boolean): RegExp {
  const parts = text.split(/(\\[\\*]|\*)/).map((part) => {
    if (part === '*') return '.*'
    return part === '\\*' || part === '\\\\' ? part : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, ignoreCase ? 'isu' : 'su')
}

function search<T> (collection: Collection<T>, value: Value): Test<T> {
  const needle = value.kind === 'text' ? value.text.toLowerCase().replaceAll('*', '') : ''
  const fields = Object.values(collection.fields).filter((field) => field.search)
  return (row) => fields.some((field) => field.get(row)?.toLowerCase().includes(needle) ?? false)
}
