import { RqlError } from './ast.ts'
import type { Expression } from './ast.ts'
import type { Collection } from './collection.ts'
import { compile } from './evaluate.ts'
import { parseQuery } from './parse.ts'

export interface Page<T> { rows: T[], contentRange: string }

const defaultLimit = 100
const maxLimit = 1000
/** The most fields by which a list can be ordered: Connect's library django-rql refuses more. */
const maxOrdering = 5

/**
 * Gives the page that a query string asks for. Throws RqlError for a fault in the query. An unknown filter is a fault
 * only with `isStrict`; else it is ignored, as in Connect's library django-rql.
 */
export function selectRows<T> (
  collection: Collection<T>,
  rows: () => Iterable<T>,
  isVisible: (row: T) => boolean,
  query: string,
  isStrict = true
): Page<T> {
  const terms = flatten(parseQuery(query))
  const limit = Math.min(pageNumber(terms, 'limit') ?? defaultLimit, maxLimit)
  const offset = pageNumber(terms, 'offset') ?? 0
  const given = terms.filter(term => !isPaging(term))
  const filters = isStrict ? given : given.flatMap(term => knownPart(collection, term) ?? [])
  const orderings = filters.flatMap(term => (term.kind === 'ordering' ? [term.fields] : []))
  if (orderings.length > 1) throw new RqlError('Bad ordering filter: only one ordering is allowed.')
  if (filters.filter(term => term.kind === 'select' && term.fields.length > 0).length > 1) {
    throw new RqlError('Bad select filter: only one select is allowed.')
  }
  if ((orderings[0]?.length ?? 0) > maxOrdering) {
    throw new RqlError(`Bad ordering filter: at most ${maxOrdering} fields.`)
  }
  const keys = sortKeys(collection, orderings[0] ?? [])
  const narrow = narrowed(collection, filters)
  // The term that narrowed the rows holds for all of them, so it is not tested. It is compiled all the same, so that a
  // wrong term is refused.
  const tests = filters.map(term => ({ term, test: compile(collection, term) }))
    .flatMap(({ term, test }) => (
      term === narrow?.by || term.kind === 'ordering' || term.kind === 'select' ? [] : [test]
    ))
  const window = { offset, limit }
  const parent = narrow?.rows
  if (parent && tests.length === 0 && keepsOrder(parent, keys)) return pageOfParent(parent, isVisible, window)
  const { variants = (row: T) => [row] } = collection
  const keep = (row: T): boolean => isVisible(row) && variants(row).some(one => tests.every(test => test(one)))
  const source = (): Iterable<T> => narrow?.rows ?? rows()
  return pageInOrder(source(), keep, keys, window) ?? pageOf(sorted([...source()].filter(keep), keys), window)
}

/** Gives an expression without its unknown filters; null when nothing is left. */
function knownPart<T> (collection: Collection<T>, expression: Expression): Expression | null {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const terms = expression.terms.flatMap(term => knownPart(collection, term) ?? [])
      return terms.length === 0 ? null : { ...expression, terms }
    }
    case 'not': {
      const term = knownPart(collection, expression.term)
      return term === null ? null : { ...expression, term }
    }
    case 'compare':
    case 'list':
      return expression.field === 'search' || Object.hasOwn(collection.fields, expression.field) ? expression : null
    default: return expression
  }
}

/** For the rows of a parent: whether they are in order by some sort fields. The key is the names of these fields. */
const knownOrders = new WeakMap<readonly unknown[], Map<string, boolean>>()

/** Whether the rows of a parent are in order already and stay so, because the fields that order them never change. */
function keepsOrder<T> (rows: readonly T[], keys: readonly SortKey<T>[]): boolean {
  if (!keys.every(({ isFixed }) => isFixed)) return false
  const name = keys.map(key => key.name).join()
  const known = knownOrders.get(rows) ?? new Map<string, boolean>()
  knownOrders.set(rows, known)
  const isInOrder = known.get(name) ??
    rows.every((row, index) => index === 0 || compareRows(rows[index - 1] ?? row, row, keys) <= 0)
  known.set(name, isInOrder)
  return isInOrder
}

/** Gives a page of the rows of one parent. An account sees all of them or none, so only the first is tested. */
function pageOfParent<T> (rows: readonly T[], isVisible: (row: T) => boolean, window: Window): Page<T> {
  const [first] = rows
  return pageOf(first === undefined || !isVisible(first) ? [] : rows, window)
}

interface Window { offset: number, limit: number }

function pageOf<T> (rows: readonly T[], { offset, limit }: Window): Page<T> {
  return pageWith(rows.slice(offset, offset + limit), rows.length, { offset, limit })
}

function pageWith<T> (rows: T[], total: number, { offset, limit }: Window): Page<T> {
  if (limit === 0) return { rows: [], contentRange: `items 0-0/${total}` }
  return { rows, contentRange: `items ${offset}-${offset + Math.max(rows.length - 1, 0)}/${total}` }
}

/**
 * Gives a page of the rows that `keep` accepts; null when these rows are not in order yet. It needs no sorting and
 * stores only the rows of the page: a file may have 200,000 records.
 */
function pageInOrder<T> (
  source: Iterable<T>, keep: (row: T) => boolean, keys: readonly SortKey<T>[], window: Window
): Page<T> | null {
  const rows: T[] = []
  let total = 0
  let last: T | null = null
  for (const row of source) {
    if (!keep(row)) continue
    if (last !== null && keys.length > 0 && compareRows(last, row, keys) > 0) return null
    last = row
    if (total >= window.offset && rows.length < window.limit) rows.push(row)
    total += 1
  }
  return pageWith(rows, total, window)
}

function flatten (expression: Expression | null): Expression[] {
  if (expression === null) return []
  return expression.kind === 'and' ? expression.terms.flatMap((term) => flatten(term)) : [expression]
}

const isPaging = (term: Expression): boolean =>
  term.kind === 'compare' && term.operator === 'eq' && (term.field === 'limit' || term.field === 'offset')

/** Gives `limit` or `offset`; null when it is absent or no number. Throws RqlError when it stands twice. */
function pageNumber (terms: readonly Expression[], field: string): number | null {
  const found = terms.filter((term) => isPaging(term) && term.kind === 'compare' && term.field === field)
  if (found.length > 1) throw new RqlError(`Bad filter: ${field} is given more than once.`)
  const [term] = found
  if (term?.kind !== 'compare' || term.value.kind !== 'text' || !/^\+?\d{1,15}$/.test(term.value.text)) return null
  return Number(term.value.text)
}

interface Narrowed<T> { rows: readonly T[], by: Expression }

function narrowed<T> (collection: Collection<T>, filters: readonly Expression[]): Narrowed<T> | null {
  for (const term of filters) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || term.value.kind !== 'text') continue
    const rows = collection.narrow?.(term.field, term.value.text)
    if (rows) return { rows, by: term }
  }
  return null
}

interface ByValue<T> { key: (row: T) => string | number, sign: 1 | -1 }
interface SortKey<T> extends ByValue<T> { name: string, isFixed: boolean }

function sortKeys<T> (collection: Collection<T>, names: readonly string[]): SortKey<T>[] {
  return names.map((name) => {
    const isDescending = name.startsWith('-')
    const bare = isDescending ? name.slice(1) : name
    const field = Object.hasOwn(collection.fields, bare) ? collection.fields[bare] : undefined
    if (!field?.ordering) throw new RqlError(`Bad ordering filter: ${bare} cannot be ordered by.`)
    const isDate = field.lookups === 'date' || field.lookups === 'dateRange'
    const time = isDate ? timeReader() : null
    const key = (row: T): string | number => time === null ? field.get(row) ?? '' : time(field.get(row) ?? '')
    return { key, sign: isDescending ? -1 : 1, name, isFixed: field.fixed ?? false }
  })
}

/** Reads times in ms since 1970 (0: no time). Rows side by side often have the same time, which is parsed once. */
function timeReader (): (text: string) => number {
  let last = ''
  let time = 0
  return (text) => {
    if (text !== last) {
      last = text
      time = Date.parse(text) || 0
    }
    return time
  }
}

function compareRows<T> (a: T, b: T, keys: readonly ByValue<T>[]): number {
  for (const { key, sign } of keys) {
    const [left, right] = [key(a), key(b)]
    if (left !== right) return left < right ? -sign : sign
  }
  return 0
}

/** Sorts rows. Reads the sort keys of each row only once. */
function sorted<T> (rows: readonly T[], keys: readonly SortKey<T>[]): T[] {
  const keyed = rows.map(row => ({ row, values: keys.map(({ key }) => key(row)) }))
  const byValue = keys.map(({ sign }, index) => ({ key: (one: typeof keyed[number]) => one.values[index] ?? '', sign }))
  return keyed.sort((a, b) => compareRows(a, b, byValue)).map(({ row }) => row)
}
