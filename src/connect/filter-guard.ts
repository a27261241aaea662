import type { Condition, Filter } from './filters.ts'

/** Words of Connect, which come in any casing. */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']

/** One field of every row, and what it may be. */
interface Rule {
  readonly path: readonly string[]
  readonly values: ReadonlySet<string>
  readonly isExcluding: boolean
  readonly isWord: boolean
}

/**
 * Whether all rows are of those that the filter asks for, as far as they show it: Connect may ignore a filter without a
 * word. Looked at are equalities; a field that a row does not have, or has in another form, tells nothing.
 */
export function areAsAsked (rows: readonly object[], filter: Filter | undefined): boolean {
  if (filter === undefined) return true
  for (const [name, condition] of Object.entries(filter)) {
    const rule = condition === undefined ? null : ruleOf(name, condition)
    if (rule !== null && !rows.every((row) => isAllowed(row, rule))) return false
  }
  return true
}

function ruleOf (name: string, condition: Condition): Rule | null {
  const isExcluding = typeof condition === 'object' && 'not' in condition
  const given = isExcluding ? condition.not : condition
  if (typeof given !== 'string' && !isList(given)) return null
  const path = name.split('.')
  const isWord = WORDS.includes(path.at(-1) ?? '')
  const values = typeof given === 'string' ? [given] : given
  return { path, isExcluding, isWord, values: new Set(isWord ? values.map((value) => value.toLowerCase()) : values) }
}

function isAllowed (row: object, { path, values, isExcluding, isWord }: Rule): boolean {
  let value: unknown = row
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return true
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  if (typeof value === 'number') value = String(value)
  if (typeof value !== 'string') return true
  return values.has(isWord ? value.toLowerCase() : value) !== isExcluding
}

function isList (given: Condition): given is readonly string[] {
  return Array.isArray(given)
}
