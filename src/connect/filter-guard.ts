import type { Condition, Contains, Filter, Range } from './filters.ts'

/** Fields whose values Connect writes in any case. */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']
/** The members of a row that a filter of another name is about. */
const PATHS: Readonly<Record<string, readonly string[]>> = { 'created.at': ['events', 'created', 'at'] }
const DAY_MS = 86_400_000

/** What one field of each row must be. */
interface Rule {
  readonly path: readonly string[]
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
  const path = PATHS[name] ?? name.split('.')
  if (typeof condition === 'string' || isList(condition)) return { path, allows: isOneOf(path, condition) }
  if ('not' in condition) {
    const isExcluded = isOneOf(path, condition.not)
    return { path, allows: (value) => !isExcluded(value) }
  }
  return { path, allows: 'contains' in condition ? containsText(condition) : isWithin(condition) }
}

function isOneOf (path: readonly string[], given: string | readonly string[]): Rule['allows'] {
  const isWord = WORDS.includes(path.at(-1) ?? '')
  const values = typeof given === 'string' ? [given] : given
  const allowed = new Set(isWord ? values.map((value) => value.toLowerCase()) : values)
  return (value) => allowed.has(isWord ? value.toLowerCase() : value)
}

/** Connect compares without case; letters that differ in one of the two cases only count as the same. */
function containsText ({ contains }: Contains): Rule['allows'] {
  return (value) => value.toLowerCase().includes(contains.toLowerCase()) ||
    value.toUpperCase().includes(contains.toUpperCase())
}

/**
 * Connect shows some times by the second, and a date stands for any moment of its day: what may be within the range is
 * allowed. A text that is no time is allowed, too.
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
  return Number.isNaN(first) ? null : { first, last: first + (isDate ? DAY_MS : 1000) }
}

function isAllowed (row: object, { path, allows }: Rule): boolean {
  let value: unknown = row
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return true
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  if (typeof value === 'number') value = String(value)
  return typeof value !== 'string' || allows(value)
}

function isList (given: Condition): given is readonly string[] {
  return Array.isArray(given)
}
