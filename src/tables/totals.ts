import type { UsageFileTotals } from '../../schemas/usage-totals.ts'
import { RECORD_STATUSES, type UsageRecord } from '../../schemas/usage-record.ts'
import { AppError } from '../errors/app-error.ts'
import { ExactSum, parseDecimal } from './decimal.ts'
import { overLimit } from './table.ts'

type Item = UsageRecord['item']

/**
 * The most different items that the records of one usage file may have. With more, `add` throws 413, so that the memory
 * is bounded.
 */
const ITEMS_MAX = 100_000

/** An exact sum of decimal numbers. `text` gives the sum; null while no number has been added. */
class OptionalSum {
  #sum: ExactSum | null = null

  /**
   * Adds a number; null adds nothing. Throws UPSTREAM_INVALID for a text that `parseDecimal` cannot read, because the
   * sum would be wrong without it.
   */
  add (text: string | null): void {
    if (text === null) return
    const value = parseDecimal(text)
    if (value === null) throw new AppError('UPSTREAM_INVALID', 'Connect shows a number with too many digits for a sum.')
    this.#sum ??= new ExactSum()
    this.#sum.add(value)
  }

  get text (): string | null {
    return this.#sum === null ? null : this.#sum.toString()
  }
}

/** Counts usage records and adds up their amounts and quantities, without rounding. */
export class Totals {
  #records = 0
  readonly #byStatus = new Map<UsageRecord['status'], { records: number, amount: OptionalSum }>()
  readonly #byItem = new Map<string, { item: Item, records: number, quantity: OptionalSum, amount: OptionalSum }>()

  /**
   * Adds a record. Throws 413 for more than 100,000 different items, and UPSTREAM_INVALID for a number that cannot be
   * read.
   */
  add ({ status, item, quantity, amount }: UsageRecord): void {
    this.#records += 1
    const ofStatus = this.#byStatus.get(status) ?? { records: 0, amount: new OptionalSum() }
    this.#byStatus.set(status, ofStatus)
    ofStatus.records += 1
    ofStatus.amount.add(amount)
    const key = item.id ?? JSON.stringify([item.localId, item.mpn, item.name])
    let ofItem = this.#byItem.get(key)
    if (ofItem === undefined) {
      if (this.#byItem.size === ITEMS_MAX) throw overLimit(`The usage file has more than ${ITEMS_MAX} items.`)
      ofItem = { item, records: 0, quantity: new OptionalSum(), amount: new OptionalSum() }
      this.#byItem.set(key, ofItem)
    }
    ofItem.records += 1
    ofItem.quantity.add(quantity)
    ofItem.amount.add(amount)
  }

  /**
   * Gives the totals. `byStatus` has only statuses that occur, in the order of RECORD_STATUSES. Null comes last: it
   * stands for every status that this service does not know. `byItem` has the items in the order of their first record.
   * `currency` is passed on.
   */
  toTotals (currency: string | null): UsageFileTotals {
    return {
      currency,
      records: this.#records,
      byStatus: [...RECORD_STATUSES, null].flatMap(status => {
        const found = this.#byStatus.get(status)
        return found === undefined ? [] : [{ status, records: found.records, amount: found.amount.text }]
      }),
      byItem: [...this.#byItem.values()].map(({ item, records, quantity, amount }) =>
        ({ item, records, quantity: quantity.text, amount: amount.text }))
    }
  }
}
