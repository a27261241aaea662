import type { ReportProblem } from './check-row.ts'
import { DYNAMIC_COLUMNS, ITEM_CRITERIA, PRECISION_WORDS } from './columns.ts'
import { decimalsOf, type Decimal } from './decimal.ts'
import type { Cells } from './table.ts'

/** How a row names an item or a subscription: for example the criteria `item.mpn` and an MPN as the value. */
export interface Reference { readonly criteria: string, readonly value: string }

/** How rows name an item. `decimals` is the largest number of decimals that a quantity of the item has in the rows. */
export interface ItemReference extends Reference { decimals: number }

/**
 * The different references of rows. `list` is null for more than REFERENCES_MAX. `leftOut` is the number of rows whose
 * reference is not collected: its criteria is missing or unknown, or its value is longer than VALUE_CHARS. For items,
 * rows that describe a new item with an MPN longer than VALUE_CHARS count, too.
 */
export interface Distinct<One> { readonly list: readonly One[] | null, readonly leftOut: number }

export interface References {
  readonly items: Distinct<ItemReference>
  readonly assets: Distinct<Reference>
  /** Items that rows describe as new: the MPN, and the `item_precision` of the first row that describes the item. */
  readonly described: ReadonlyArray<readonly [mpn: string, precision: string]>
}

/**
 * What Connect has of the items and subscriptions that rows name. An item that is neither in `items` nor in
 * `unknownItems` was not looked up. A subscription that is not in `unknownAssets` exists, or was not looked up.
 */
export interface LookedUp {
  /** The items that exist, each with its precision, such as `decimal(2)`; null when the precision is not known. */
  readonly items: ReadonlyArray<readonly [Reference, precision: string | null]>
  readonly unknownItems: readonly Reference[]
  readonly unknownAssets: readonly Reference[]
  /** The items of a type for which the product takes no usage, each with this type. */
  readonly notTaken: ReadonlyArray<readonly [Reference, type: string]>
  /** Whether the product takes usage of items that it does not have yet; null when that is not known. */
  readonly takesNewItems: boolean | null
  /** The names of the vendor's own columns that the product needs in every row. */
  readonly requiredColumns: readonly string[]
  readonly described: References['described']
}

/**
 * If rows name more different items than this, no item is looked up. If they name more different subscriptions than
 * this, no subscription is looked up.
 */
export const REFERENCES_MAX = 5_000
/** The most characters of a value that is looked up. The value goes into a URL. */
const VALUE_CHARS = 500
const ASSET_CRITERIA = /^(?:asset\.id|parameter\.\P{Cc}{1,100})$/u
const ITEM_MPN = 'item.mpn'

/** No criteria has a line break, so two different references never have the same key. */
function keyOf ({ criteria, value }: Reference): string {
  return `${criteria}\n${value}`
}

export class ReferenceList {
  readonly #items = new Map<string, ItemReference>()
  readonly #assets = new Map<string, Reference>()
  readonly #described = new Map<string, string>()
  #itemsLeftOut = 0
  #assetsLeftOut = 0

  add (cells: Cells, quantity: Decimal | null): void {
    const item = itemOf(cells)
    const mpn = describedMpn(cells)
    const isTooLong = mpn !== null && mpn.length > VALUE_CHARS
    if (item !== null) this.#addItem(item, quantity)
    if (isTooLong || (item === null && cells['item_search_value'] !== undefined)) this.#itemsLeftOut += 1
    const asset = assetOf(cells)
    if (asset !== null) this.#addAsset(asset)
    else if (cells['asset_search_value'] !== undefined) this.#assetsLeftOut += 1
    if (mpn === null || isTooLong) return
    this.#addItem({ criteria: ITEM_MPN, value: mpn }, quantity)
    if (!this.#described.has(mpn) && this.#described.size <= REFERENCES_MAX) {
      this.#described.set(mpn, cells['item_precision'] ?? '')
    }
  }

  toReferences (): References {
    const upTo = <One>(map: ReadonlyMap<string, One>, leftOut: number): Distinct<One> =>
      ({ list: map.size > REFERENCES_MAX ? null : [...map.values()], leftOut })
    return {
      items: upTo(this.#items, this.#itemsLeftOut),
      assets: upTo(this.#assets, this.#assetsLeftOut),
      described: [...this.#described]
    }
  }

  #addAsset (asset: Reference): void {
    const key = keyOf(asset)
    if (this.#assets.size <= REFERENCES_MAX && !this.#assets.has(key)) this.#assets.set(key, asset)
  }

  #addItem (item: Reference, quantity: Decimal | null): void {
    const key = keyOf(item)
    const decimals = quantity === null ? 0 : decimalsOf(quantity)
    const known = this.#items.get(key)
    if (known !== undefined) known.decimals = Math.max(known.decimals, decimals)
    else if (this.#items.size <= REFERENCES_MAX) this.#items.set(key, { ...item, decimals })
  }
}

export class ReferenceCheck {
  readonly #items: ReadonlyMap<string, number | null>
  readonly #notTaken: ReadonlyMap<string, string>
  readonly #requiredColumns: readonly string[]
  readonly #unknownItems: ReadonlySet<string>
  readonly #unknownAssets: ReadonlySet<string>
  readonly #described: ReadonlyMap<string, number | null>
  readonly #takesNewItems: boolean | null

  /**
   * `has` is false for a column that a CSV or a workbook does not have. If the product needs such a column, that is
   * reported once for the header, and not here for each row.
   */
  constructor (found: LookedUp, has: (column: string) => boolean) {
    this.#items = new Map(found.items.map(([item, word]) => [keyOf(item), decimalsOfPrecision(word)]))
    this.#notTaken = new Map(found.notTaken.map(([item, type]) => [keyOf(item), type]))
    this.#requiredColumns = found.requiredColumns.filter(has)
    this.#unknownItems = new Set(found.unknownItems.map(keyOf))
    this.#unknownAssets = new Set(found.unknownAssets.map(keyOf))
    this.#described = new Map(found.described.map(([mpn, word]) => [mpn, decimalsOfPrecision(word)]))
    this.#takesNewItems = found.takesNewItems
  }

  /** A problem is a warning where it is not certain that Connect refuses the row. */
  checkRow (cells: Cells, quantity: Decimal | null, report: ReportProblem): void {
    for (const name of this.#requiredColumns) {
      if (cells[name] === undefined) report('VALUE_MISSING', 'warning', name, `The product needs ${name} in every row.`)
    }
    const item = itemOf(cells)
    const type = item === null ? undefined : this.#notTaken.get(keyOf(item))
    if (type !== undefined) {
      report('VALUE_INVALID', 'warning', 'item_search_value', `The product takes no usage of ${type} items.`)
    }
    const decimals = item === null ? null : this.#checkItem(item, cells, report)
    if (decimals !== null && quantity !== null && decimalsOf(quantity) > decimals) {
      report('PRECISION_EXCEEDED', 'warning', 'quantity', `Quantities of the item have at most ${decimals} decimals.`)
    }
    const asset = assetOf(cells)
    if (asset !== null && this.#unknownAssets.has(keyOf(asset))) {
      report('ASSET_UNKNOWN', 'error', 'asset_search_value', 'Connect has no such subscription of the product.')
    }
  }

  /** Reports an unknown item. Gives how many decimals a quantity of the item may have; null when that is not known. */
  #checkItem (item: Reference, cells: Cells, report: ReportProblem): number | null {
    const key = keyOf(item)
    if (!this.#unknownItems.has(key)) return this.#items.get(key) ?? null
    const mpn = describedMpn(cells)
    if (mpn !== null) {
      if (this.#takesNewItems !== true) {
        report(
          'ITEM_UNKNOWN', 'warning', 'item_search_value', this.#takesNewItems === false
            ? 'The product does not have this item, and does not take new items.'
            : 'The product does not have this item. Connect adds the item if the product takes new items.'
        )
      }
      return this.#items.get(keyOf({ criteria: ITEM_MPN, value: mpn })) ??
        this.#decimalsOfNew(mpn, cells['item_precision'] ?? '')
    }
    if (item.criteria === ITEM_MPN && this.#described.has(item.value)) {
      report(
        'ITEM_UNKNOWN', 'warning', 'item_search_value',
        'The product does not have this item. Another row describes the item.'
      )
    } else {
      report('ITEM_UNKNOWN', 'error', 'item_search_value', 'The product does not have this item.')
    }
    return null
  }

  /**
   * Connect does not document which precision counts when rows describe an item with different ones. So the smaller of
   * two is taken: `precision`, which is that of the checked row, and that of the first row with the item.
   */
  #decimalsOfNew (mpn: string, precision: string): number | null {
    const known = [this.#described.get(mpn) ?? null, decimalsOfPrecision(precision)].filter(one => one !== null)
    return known.length === 0 ? null : Math.min(...known)
  }
}

/** Whether a check of the rows with `lookedUp` can report more than a check without it. */
export function hasFindings ({ items }: References, lookedUp: LookedUp): boolean {
  const { unknownItems, unknownAssets, notTaken, requiredColumns } = lookedUp
  if ([unknownItems, unknownAssets, notTaken, requiredColumns].some(list => list.length > 0)) return true
  const used = new Map(items.list?.map(item => [keyOf(item), item.decimals]))
  return lookedUp.items.some(([item, word]) => {
    const allowed = decimalsOfPrecision(word)
    return allowed !== null && (used.get(keyOf(item)) ?? 0) > allowed
  })
}

/** Gives the decimals for a word of PRECISION_WORDS in any case, such as 2 for `Decimal(2)`; null for other words. */
function decimalsOfPrecision (word: string | null): number | null {
  const known = PRECISION_WORDS.find(one => one.toLowerCase() === word?.trim().toLowerCase())
  return known === undefined ? null : Number(/\d/.exec(known)?.[0] ?? 0)
}

function itemOf (cells: Cells): Reference | null {
  const criteria = cells['item_search_criteria']
  const value = cells['item_search_value']
  if (criteria === undefined || value === undefined || value.length > VALUE_CHARS) return null
  return ITEM_CRITERIA.some(known => known === criteria) ? { criteria, value } : null
}

function assetOf (cells: Cells): Reference | null {
  const criteria = cells['asset_search_criteria']
  const value = cells['asset_search_value']
  if (criteria === undefined || value === undefined || value.length > VALUE_CHARS) return null
  return ASSET_CRITERIA.test(criteria) ? { criteria, value } : null
}

function describedMpn (cells: Cells): string | null {
  return DYNAMIC_COLUMNS.every(name => cells[name] !== undefined) ? cells['item_mpn'] ?? null : null
}
