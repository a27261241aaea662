import { RqlError } from './ast.ts'
import type { Expression } from './ast.ts'
import type { Collection } from './collection.ts'
import { compile } from './evaluate.ts'
import { parseQuery } from './parse.ts'

export interface Page<T> { rows: T[], contentRange: string }

const defaultLimit = 100
const maxLimit = 1000

/** Filters, orders and cuts one page: what a list operation does with its query string. */
export function selectRows<T> (
  collection: Collection<T>,
  rows: () => Iterable<T>,
  isVisible: (row: T) => boolean,
  query: string
): Page<T> {
  const terms = flatten(parseQuery(query))
  const limit = Math.min(pageNumber(terms, 'limit') ?? defaultLimit, maxLimit)
  const offset = pageNumber(terms, 'offset') ?? 0
  const filters = terms.filter(term => !isPaging(term))
  const orderings = filters.flatMap(term => (term.kind === 'ordering' ? [term.fields] : []))
  if (orderings.length > 1) throw new RqlError('Bad ordering filter: only one ordering is allowed.')
  const compare = comparator(collection, orderings[0] ?? [])
  const tests = filters.map(term => compile(collection, term))
  const found: T[] = []
  for (const row of narrowed(collection, filters) ?? rows()) {
    if (isVisible(row) && tests.every(test => test(row))) found.push(row)
  }
  if (compare) found.sort(compare)
  return cut(found, limit, offset)
}

function cut<T> (found: T[], limit: number, offset: number): Page<T> {
  if (limit === 0) return { rows: [], contentRange: `items 0-0/${found.length}` }
  const rows = found.slice(offset, offset + limit)
  return { rows, contentRange: `items ${offset}-${offset + Math.max(rows.length - 1, 0)}/${found.length}` }
}

function flatten (expression: Expression | null): Expression[] {
  if (expression === null) return []
  return expression.kind === 'and' ? expression.terms.flatMap((term) => flatten(term)) : [expression]
}

const isPaging = (term: Expression): boolean =>
  term.kind === 'compare' && term.operator === 'eq' && (term.field === 'limit' || term.field === 'offset')

/** Text that is no number falls back to the default; giving it twice is an error. */
function pageNumber (terms: readonly Expression[], field: string): number | null {
  const found = terms.filter((term) => isPaging(term) && term.kind === 'compare' && term.field === field)
  if (found.length > 1) throw new RqlError(`Bad filter: ${field} is given more than once.`)
  const [term] = found
  if (term?.kind !== 'compare' || term.value.kind !== 'text' || !/^\+?\d{1,15}$/.test(term.value.text)) return null
  return Number(term.value.text)
}

function narrowed<T> (collection: Collection<T>, filters: readonly Expression[]): Iterable<T> | null {
  for (const term of filters) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || term.value.kind !== 'text') continue
    const rows = collection.narrow?.(term.field, term.value.text)
    if (rows) return rows
  }
  return null
}

function comparator<T> (collection: Collection<T>, names: readonly string[]): ((a: T, b: T) => number) | null {
  const keys = names.map((name) => {
    const isDescending = name.startsWith('-')
    const bare = isDescending ? name.slice(1) : name
    const field = Object.hasOwn(collection.fields, bare) ? collection.fields[bare] : undefined
    if (!field?.ordering) throw new RqlError(`Bad ordering filter: ${bare} cannot be ordered by.`)
    const isDate = field.lookups === 'date' || field.lookups === 'dateRange'
    const key = (row: T): string | number => isDate ? Date.parse(field.get(row) ?? '') || 0 : field.get(row) ?? ''
    return { key, sign: isDescending ? -1 : 1 }
  })
  if (keys.length === 0) return null
  return (a, b) => {
    for (const { key, sign } of keys) {
      const [left, right] = [key(a), key(b)]
      if (left !== right) return left < right ? -sign : sign
    }
    return 0
  }
}
