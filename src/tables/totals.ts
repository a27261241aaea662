import type { UsageFileTotals } from '../../schemas/usage-totals.ts'
import { RECORD_STATUSES, type UsageRecord } from '../../schemas/usage-record.ts'
import { AppError } from '../errors/app-error.ts'
import { ExactSum, parseDecimal } from './decimal.ts'
import { overLimit } from './table.ts'

type Item = UsageRecord['item']

/** A usage file may have at most so many different items. They are held in memory. */
const ITEMS_MAX = 100_000

/** Adds up numbers that are texts, and leaves out null. `text`, the sum, is null while no number has been added. */
class OptionalSum {
  #sum: ExactSum | null = null

  /** Throws UPSTREAM_INVALID for a number that cannot be read, because the sum would be wrong without it. */
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

export class Totals {
  #records = 0
  readonly #byStatus = new Map<UsageRecord['status'], { records: number, amount: OptionalSum }>()
  readonly #byItem = new Map<string, { item: Item, records: number, quantity: OptionalSum, amount: OptionalSum }>()

  /** Throws 413 for more than ITEMS_MAX different items, and UPSTREAM_INVALID for a number that cannot be read. */
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

  /** `byStatus` has the statuses that occur. Null comes last, for all statuses that this service does not know. */
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
