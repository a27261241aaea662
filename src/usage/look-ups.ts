import type { AssetsQuery } from '../../schemas/rows-input.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { UsageFile } from '../../schemas/usage-file.ts'
import { ITEM_TYPES } from '../../schemas/usage-record.ts'
import type { ConnectClient } from '../connect/api.ts'
import { ConnectError } from '../connect/errors.ts'
import type { Page } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import type { Distinct, LookedUp, Reference, References } from '../tables/references.ts'
import type { ReadContext } from './context.ts'
import { requireQuotable } from './filters/query-filters.ts'
import { identifier, oneOf, precision, text } from './mapping/normalize.ts'
import { readPages, type Window } from './paging.ts'
import { readProductRules } from './product-rules.ts'

export interface LookUpOptions {
  connect: Pick<ConnectClient, 'catalogue'>
  productId: string
  context: ReadContext
  /** Whether not only items but also subscriptions are looked up. */
  hasAssets: boolean
}

/** What Connect has of the references in rows, and for items and subscriptions whether they were looked up. */
export interface LookUpResult { lookedUp: LookedUp, parts: UsageCheck['checks'] }

/** Throws when `signal` aborts. If the look-up of items or of subscriptions fails, its part is `skipped`. */
export type LookUps = (references: References, signal: AbortSignal) => Promise<LookUpResult>

/**
 * The most values in one call to Connect, and the most characters of these values together, percent-encoded: gateways
 * take URLs of up to 8,000 characters. A value with more characters has a call of its own.
 */
const VALUES = 100
const VALUES_CHARS = 4_000
/** The most calls to Connect for the items of one look-up, and the most for its subscriptions. */
const CALLS_MAX = 60
/** The time for all calls to Connect of one look-up, in milliseconds. */
const TIME_MS = 20_000
const NOT_WANTED = 'Subscriptions are looked up only with ?assets=true.'
const NOT_ALL =
  'Some were not looked up: the value is too long, no search of Connect takes its characters, or its criteria is not ' +
  'known.'

/** The field of Connect's items that is searched, for each criteria by which a row names its item. */
const ITEM_FIELDS: Readonly<Record<string, 'mpn' | 'id' | 'local_id'>> = {
  'item.mpn': 'mpn', 'item.global_id': 'id', 'item.local_id': 'local_id'
}
const PARAMETER = 'parameter.'

type ItemType = typeof ITEM_TYPES[number]

/** How the objects that rows refer to are found in Connect. All references of one call have the same criteria. */
interface Collection<Row> {
  list: (criteria: string, values: readonly string[], window: Window) => Promise<Page<Row>>
  /** The values by which a search with `criteria` finds an object. A reference with one of them means the object. */
  valuesOf: (row: Row, criteria: string) => readonly (string | null)[]
  precisionOf?: (row: Row) => string | null
  typeOf?: (row: Row) => ItemType | null
}

interface Found {
  items: LookedUp['items']
  types: ReadonlyArray<readonly [Reference, type: ItemType | null]>
  unknown: Reference[]
  reason: string | null
}

export function lookUpsIn (options: LookUpOptions): LookUps {
  return async ({ items, assets, described }, signal) => {
    const context = { ...options.context, signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]) }
    const limited = { ...options, context }
    const [product, foundItems, foundAssets] = await Promise.all([
      items.list?.length === 0 ? null : readProductRules(options.connect.catalogue, options.productId, context),
      findAll(items, itemsOf(limited), 'items'),
      options.hasAssets ? findAll(assets, assetsOf(limited), 'subscriptions') : nothing(NOT_WANTED)
    ])
    signal.throwIfAborted()
    return {
      lookedUp: {
        items: foundItems.items,
        unknownItems: foundItems.unknown,
        unknownAssets: foundAssets.unknown,
        notTaken: foundItems.types.flatMap(([item, type]) =>
          type !== null && product?.takes[type] === false ? [[item, type] as const] : []),
        takesNewItems: product?.takesNewItems ?? null,
        requiredColumns: product?.requiredColumns ?? [],
        described
      },
      parts: [partOf('items', foundItems), partOf('assets', foundAssets)]
    }
  }
}

/** Gives the look-ups for the rows of a usage file. Null when Connect does not show the product of the file. */
export function lookUpsOfFile (
  { product }: Pick<UsageFile, 'product'>, connect: ConnectClient, context: ReadContext, { assets }: AssetsQuery
): LookUps | null {
  const productId = product?.id ?? null
  return productId === null ? null : lookUpsIn({ connect, productId, context, hasAssets: assets === 'true' })
}

function itemsOf ({ connect: { catalogue }, productId, context }: LookUpOptions): Collection<Connect.ProductItem> {
  const fieldOf = (criteria: string): 'mpn' | 'id' | 'local_id' => ITEM_FIELDS[criteria] ?? 'mpn'
  return {
    list: async (criteria, values, window) =>
      await catalogue.items(productId, { filter: { [fieldOf(criteria)]: values }, ...window }, context),
    valuesOf: (row, criteria) => [text(row[fieldOf(criteria)])],
    precisionOf: row => precision(row.precision),
    typeOf: row => oneOf(ITEM_TYPES, row.type)
  }
}

function assetsOf ({ connect: { catalogue }, productId, context }: LookUpOptions): Collection<Connect.Asset> {
  return {
    list: async (criteria, values, window) => {
      const filter = criteria.startsWith(PARAMETER)
        ? { 'params.id': criteria.slice(PARAMETER.length), 'params.value': values }
        : { id: values }
      return await catalogue.assets({ filter: { 'product.id': productId, ...filter }, ...window }, context)
    },
    valuesOf: (row, criteria) => {
      if (!criteria.startsWith(PARAMETER)) return [identifier(row.id)]
      if (!Array.isArray(row.params)) {
        throw new AppError('UPSTREAM_INVALID', 'Connect does not show the parameters of subscriptions.')
      }
      const name = criteria.slice(PARAMETER.length)
      return row.params.filter(({ id }) => id === name).map(({ value }) => text(value))
    }
  }
}

/** When there are too many references, or the look-up fails, the result is empty, and `reason` says why. */
async function findAll<Row> (
  { list, leftOut }: Distinct<Reference>, collection: Collection<Row>, what: string
): Promise<Found> {
  const askable = list?.filter(({ value }) => isQuotable(value)) ?? []
  const batches = batchesOf(askable)
  if (list === null || batches.length > CALLS_MAX) return nothing(`There are too many different ${what}.`)
  const items: Array<LookedUp['items'][number]> = []
  const types: Array<Found['types'][number]> = []
  const unknown: Reference[] = []
  const calls = { left: CALLS_MAX }
  try {
    for (const batch of batches) {
      const missing = new Map(batch.map(reference => [reference.value, reference]))
      for (const [value, row] of await findBatch(batch, collection, calls)) {
        const reference = missing.get(value)!
        items.push([reference, collection.precisionOf?.(row) ?? null])
        types.push([reference, collection.typeOf?.(row) ?? null])
        missing.delete(value)
      }
      unknown.push(...missing.values())
    }
  } catch (error) {
    return nothing(reasonOf(error, what))
  }
  const isWhole = leftOut === 0 && askable.length === list.length
  return { items, types, unknown, reason: isWhole ? null : NOT_ALL }
}

/** Gives for each value of a batch the first object that has it, if any. Throws UPSTREAM_INVALID if no call is left. */
async function findBatch<Row> (
  batch: readonly Reference[], { list, valuesOf }: Collection<Row>, calls: { left: number }
): Promise<Map<string, Row>> {
  const criteria = batch[0]?.criteria ?? ''
  const values = batch.map(({ value }) => value)
  const asked = new Set<string | null>(values)
  const found = new Map<string, Row>()
  await readPages(async window => {
    if (calls.left === 0) throw new AppError('UPSTREAM_INVALID', 'Connect lists too many objects for these values.')
    calls.left -= 1
    return await list(criteria, values, window)
  }, rows => {
    for (const row of rows) {
      for (const value of valuesOf(row, criteria)) {
        if (value !== null && asked.has(value) && !found.has(value)) found.set(value, row)
      }
    }
    return found.size === values.length ? 'enough' : rows.length
  })
  return found
}

/** Divides references into batches. All references of a batch have the same criteria and are searched together. */
function batchesOf (references: readonly Reference[]): Reference[][] {
  const batches: Reference[][] = []
  const open = new Map<string, { batch: Reference[], chars: number }>()
  for (const reference of references) {
    const chars = encodeURIComponent(reference.value).length
    const last = open.get(reference.criteria)
    if (last !== undefined && last.batch.length < VALUES && last.chars + chars <= VALUES_CHARS) {
      last.batch.push(reference)
      last.chars += chars
    } else {
      const batch = [reference]
      open.set(reference.criteria, { batch, chars })
      batches.push(batch)
    }
  }
  return batches
}

function isQuotable (value: string): boolean {
  try {
    requireQuotable('', value)
    return true
  } catch {
    return false
  }
}

function nothing (reason: string): Found {
  return { items: [], types: [], unknown: [], reason }
}

function partOf (name: 'items' | 'assets', { reason }: Found): UsageCheck['checks'][number] {
  return { name, status: reason === null ? 'done' : 'skipped', reason }
}

function reasonOf (error: unknown, what: string): string {
  if (error instanceof AppError) return error.message
  if (!(error instanceof ConnectError)) throw error
  switch (error.status) {
    case 403: return `Connect does not let this account read ${what}.`
    case 404: return 'Connect does not show the product to this account.'
    case 429: return 'Connect is throttling its callers.'
  }
  if (error.kind === 'timeout' || error.kind === 'aborted') return 'Connect did not answer in time.'
  return error.status === null || error.status < 400
    ? `Connect could not be asked for ${what}.`
    : `Connect answered ${error.status} for ${what}.`
}
