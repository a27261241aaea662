import { CLOSE_CODES } from '../../schemas/bulk-close.ts'
import { itemOf } from './close-items.ts'
import { IdIndex } from './id-index.ts'
import type { Defaults } from './receive-records.ts'
import { outcomeOf, type CloseSummary, type Outcome, type RecordOutcome } from './record-outcome.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

/**
 * What a bulk close remembers of each record, as one byte: the index of its outcome in this list. A later record with
 * the same id and the same billing data gets the same outcome.
 */
const REMEMBERED = ['none', 'closed', 'already', ...CLOSE_CODES] as const
/** The byte of a record that repeats the id of an earlier record. */
const REPEAT = 255

/**
 * Finds the records of a bulk close whose id an earlier record has, and gives their outcomes: that of the first record
 * with the id, or DUPLICATE_ID when the billing data differ. All records must be entered, and the outcomes of the first
 * ones remembered, before `outcomes` is called.
 */
export class RepeatedRecords {
  readonly #records: SpooledRecords
  readonly #defaults: Defaults
  readonly #ids: IdIndex
  /** One byte for each record: see REMEMBERED and REPEAT. */
  readonly #remembered: Uint8Array
  #count = 0

  constructor (records: SpooledRecords, defaults: Defaults) {
    this.#records = records
    this.#defaults = defaults
    this.#ids = new IdIndex(records.count, async index => (await records.at(index)).id)
    this.#remembered = new Uint8Array(records.count)
  }

  /**
   * Enters the next record, and tells whether its id is that of an earlier one. When it gives a promise, nothing else
   * may be called until the promise has resolved.
   */
  enter (id: string, index: number): false | Promise<boolean> {
    const found = this.#ids.add(id, index)
    return found === null ? false : this.#note(index, found)
  }

  async #note (index: number, found: Promise<number | null>): Promise<boolean> {
    if (await found === null) return false
    this.#remembered[index] = REPEAT
    this.#count += 1
    return true
  }

  /** Passes the outcomes of the first records on, and remembers them. */
  async * remember (
    outcomes: AsyncGenerator<RecordOutcome[], CloseSummary, void>
  ): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
    try {
      for (;;) {
        const { done, value } = await outcomes.next()
        if (done === true) return value
        for (const outcome of value) this.#remembered[outcome.index] = REMEMBERED.indexOf(rememberedAs(outcome))
        yield value
      }
    } finally {
      await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
    }
  }

  /** Reads the list again, and yields the outcomes of the repeated records. */
  async * outcomes (): AsyncGenerator<RecordOutcome[], void, void> {
    if (this.#count === 0) return
    let index = -1
    for await (const block of this.#records.read()) {
      const outcomes: RecordOutcome[] = []
      const list = [...block]
      await this.prepare(list.filter((_record, i) => this.#remembered[index + 1 + i] === REPEAT))
      for (const record of list) {
        index += 1
        if (this.#remembered[index] !== REPEAT) continue
        outcomes.push(outcomeOf(record.id, index, await this.#outcomeOf(record, index)))
      }
      if (outcomes.length > 0) yield outcomes
    }
  }

  /** Reads together the records that look-ups of `list` probably need, so that not every look-up waits for the disk. */
  async prepare (list: readonly RecordToClose[]): Promise<void> {
    const likely = list.map(({ id }) => this.#ids.likely(id)).filter(index => index !== null)
    if (likely.length > 1) await this.#records.prepare(likely)
  }

  async #outcomeOf (record: RecordToClose, index: number): Promise<Outcome> {
    const first = await this.#ids.find(record.id)
    if (first === null) throw new Error(`the record that ${index} repeats is gone`)
    const given = itemOf(index, record, this.#defaults)
    const original = itemOf(first, await this.#records.at(first), this.#defaults)
    const isSame =
      given.externalBillingId === original.externalBillingId &&
      given.externalBillingNote === original.externalBillingNote
    return isSame ? sameOutcome(first, this.#remembered[first] ?? 0) : duplicate(first)
  }
}

function rememberedAs (outcome: Outcome): typeof REMEMBERED[number] {
  if (outcome.outcome !== 'closed') return outcome.code
  return outcome.already === true ? 'already' : 'closed'
}

function sameOutcome (first: number, remembered: number): Outcome {
  const code = REMEMBERED[remembered] ?? 'none'
  if (code === 'closed') return { outcome: 'closed' }
  if (code === 'already') return { outcome: 'closed', already: true }
  const message = `The same as the record at index ${first}.`
  return code === 'none' || code === 'OUTCOME_UNKNOWN'
    ? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message }
    : { outcome: 'refused', code, message }
}

function duplicate (first: number): Outcome {
  return {
    outcome: 'refused',
    code: 'DUPLICATE_ID',
    message: `The id is that of the record at index ${first}, with other billing data.`
  }
}
