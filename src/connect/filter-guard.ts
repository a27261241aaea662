import type { Condition, Contains, Filter, Range } from './filters.ts'

/** The last parts of the names of fields whose values Connect writes in upper or lower case. */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']
const DAY_MS = 86_400_000

/** What one field of each row must be. */
interface Rule {
  readonly paths: readonly (readonly string[])[]
  readonly allows: (value: string) => boolean
}

/**
 * Whether the filter allows all rows. Connect may ignore a filter without an error, so the rows are checked. A row
 * passes if it does not have the field, or has it in another form.
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

/** Where a row may have the field of a filter. Older versions of Connect send flat fields: `product_id`. */
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

/** Connect compares without case. Some letters are the same in one of the two cases only, so both cases are tried. */
function containsText ({ contains }: Contains): Rule['allows'] {
  return (value) => value.toLowerCase().includes(contains.toLowerCase()) ||
    value.toUpperCase().includes(contains.toUpperCase())
}

/**
 * Allows a time that may lie in the range: Connect shows some times without fractions of a second, and a date stands
 * for any moment of its day. A time at a bound is allowed, also for `gt` and `lt`. So is a text that is no time.
 */
function isWithin ({ ge, gt, le, lt }: Range): Rule['allows'] {
  const from = momentsOf(ge ?? gt)?.first ?? -Infinity
  const to = momentsOf(le ?? lt)?.last ?? Infinity
  return (value) => {
    const moments = momentsOf(value)
    return moments === null || (moments.last >= from && moments.first <= to)
  }
}

/** The first and the last moment, in milliseconds, that a date or a date-time may mean. Without a zone it is UTC. */
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

/** Gives the text, or the number as a text, at a path of a row; undefined for anything else. */
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
