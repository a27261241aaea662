import type { Condition, Contains, Filter, Range } from './filters.ts'

/**
 * For these fields, upper and lower case count as the same, because Connect writes their values in both. The last part
 * of a name counts: `usagefile.schema` is a `schema`.
 */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']
const DAY_MS = 86_400_000

/** The paths where the field of a condition may stand in a row, and the values that are allowed there. */
interface Rule {
  readonly paths: readonly (readonly string[])[]
  readonly allows: (value: string) => boolean
}

/**
 * Tells whether all rows match the filter. Connect may ignore a filter without an error. A row passes where it lacks
 * the field, or has neither a text nor a number there.
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

/** Older versions of Connect send names such as `product_id` for `product.id`. `created.at` stands under `events`. */
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

/** Compares in both cases: some letters differ in lower case and are the same in upper case, or the reverse. */
function containsText ({ contains }: Contains): Rule['allows'] {
  return (value) => value.toLowerCase().includes(contains.toLowerCase()) ||
    value.toUpperCase().includes(contains.toUpperCase())
}

/**
 * A time at a bound is allowed, also for `gt` and `lt`: Connect shows some times without fractions of a second, and a
 * date stands for any moment of its day. A bound that is no time is ignored. A value that is no time is allowed.
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
 * Gives the first and the last moment that a text may mean, in milliseconds since 1970: a whole day for a date, one
 * second for a date-time. A date-time without a zone is UTC. Null for a text that is no time.
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
