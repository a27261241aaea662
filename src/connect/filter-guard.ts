import type { Condition, Filter } from './filters.ts'

/** Fields whose values Connect writes in any case. */
const WORDS: readonly string[] = ['status', 'schema', 'environment', 'type', 'action', 'scope']

/** The values that one field of each row may have (or must not have). */
interface Rule {
  readonly path: readonly string[]
  readonly values: ReadonlySet<string>
  readonly isExcluding: boolean
  readonly isWord: boolean
}

/**
 * Whether the filter allows all rows. Connect may ignore a filter without an error, so the rows are checked. Only
 * equalities are checked. A row passes if it does not have the field, or has it in another form.
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
