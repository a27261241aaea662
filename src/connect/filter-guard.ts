import type { Condition, Contains, Filter, Range } from './filters.ts'

/**
 * Fields whose values Connect writes sometimes in upper and sometimes in lower case: they are compared without case. Of
 * a name with dots, such as `usagefile.schema`, the last part counts.
 */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']
const DAY_MS = 86_400_000

/**
 * What a condition of a filter demands of each row: the paths where its field may stand, and which values are allowed.
 */
interface Rule {
  readonly paths: readonly (readonly string[])[]
  readonly allows: (value: string) => boolean
}

/**
 * Tells whether all rows match the filter; true without a filter. The rows are checked because Connect may ignore a
 * filter without an error. A row that lacks the field of a condition passes. So does a row whose field is neither a
 * text nor a number.
 */
export function areAsAsked (rows: readonly object[], filter: Filter | undefined): boolean {
  if (filter === undefined) return true
  for (const [name, condition] of Object.entries(filter)) {
    if (condition === undefined) continue
    const rule = ruleOf(name, condition)
    if (!rows.every((row) => isAllowed(row, rule))) return false
  }
  return true
}

function ruleOf (name: string, condition: Condition): Rule {
  const paths = pathsOf(name)
  if (typeof condition === 'string' || isList(condition)) return { paths, allows: isOneOf(name, condition) }
  if ('not' in condition) {
    const isExcluded = isOneOf(name, condition.not)
    return { paths, allows: (value) => !isExcluded(value) }
  }
  return { paths, allows: 'contains' in condition ? containsText(condition) : isWithin(condition) }
}

/**
 * Gives the paths where a row may have a field of a filter, such as `product` → `id` for `product.id`. The flat name
 * `product_id`, which older versions of Connect send, is one of them. `created.at` is looked for under `events`.
 */
function pathsOf (name: string): readonly (readonly string[])[] {
  const path = name.split('.')
  if (path.length === 1) return [path]
  return [name === 'created.at' ? ['events', ...path] : path, [path.join('_')]]
}

function isOneOf (name: string, given: string | readonly string[]): Rule['allows'] {
  const isWord = WORDS.includes(name.split('.').at(-1) ?? '')
  const values = typeof given === 'string' ? [given] : given
  const allowed = new Set(isWord ? values.map((value) => value.toLowerCase()) : values)
  return (value) => allowed.has(isWord ? value.toLowerCase() : value)
}

/**
 * Gives a function that allows a value that contains the text, in any case, as Connect does. Some letters differ in
 * lower case and are the same in upper case, or the reverse. So both cases are tried.
 */
function containsText ({ contains }: Contains): Rule['allows'] {
  return (value) => value.toLowerCase().includes(contains.toLowerCase()) ||
    value.toUpperCase().includes(contains.toUpperCase())
}

/**
 * Gives a function that allows a value that may be a time within the range. Of `ge` and `gt` the later bound counts, of
 * `le` and `lt` the earlier one. A bound that is missing, or is no time, does not limit. A time at a bound is allowed,
 * also for `gt` and `lt`: Connect shows some times without fractions of a second, and a date stands for any moment of
 * its day. A value that is no time is allowed, too.
 */
function isWithin ({ ge, gt, le, lt }: Range): Rule['allows'] {
  const from = Math.max(...[ge, gt].map(bound => momentsOf(bound)?.first ?? -Infinity))
  const to = Math.min(...[le, lt].map(bound => momentsOf(bound)?.last ?? Infinity))
  return (value) => {
    const moments = momentsOf(value)
    return moments === null || (moments.last >= from && moments.first <= to)
  }
}

/**
 * Gives the first and the last moment, in milliseconds since 1970, that a text may mean: the whole day of a date, one
 * second from a date-time. A date-time without a zone is UTC. Null for undefined, and for a text that is no time.
 */
function momentsOf (text: string | undefined): { first: number, last: number } | null {
  if (text === undefined) return null
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const hasZone = isDate || /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)
  const first = Date.parse(hasZone ? text : `${text}Z`)
  return Number.isNaN(first) ? null : { first, last: first + (isDate ? DAY_MS : 1000) - 1 }
}

function isAllowed (row: object, { paths, allows }: Rule): boolean {
  return paths.every((path) => {
    const value = valueAt(row, path)
    return value === undefined || allows(value)
  })
}

/** Gives the text at a path of a row, or the number there as a text; undefined for anything else. */
function valueAt (row: object, path: readonly string[]): string | undefined {
  let value: unknown = row
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : undefined
}

function isList (given: Condition): given is readonly string[] {
  return Array.isArray(given)
}
