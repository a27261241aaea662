import { closeItems, countOutcomes, itemOf, type CloseOptions } from './close-items.ts'
import { IdIndex } from './id-index.ts'
import {
  outcomeOf, type CloseSummary, type Item, type Outcome, type OutcomeCode, type RecordOutcome
} from './outcome.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

/**
 * What a bulk close remembers of each record, as one byte: the index of its outcome in this list. A later record with
 * the same id and the same billing data gets the same outcome.
 */
const REMEMBERED: readonly (OutcomeCode | 'none' | 'closed' | 'already')[] = [
  'none',
  'closed',
  'already',
  'BILLING_CONFLICT',
  'NOT_FOUND',
  'NOT_CLOSED',
  'CONNECT_REJECTED',
  'OUTCOME_UNKNOWN',
  'CONNECT_FORBIDDEN',
  'UPSTREAM_CREDENTIAL',
  'UPSTREAM_THROTTLED',
  'UPSTREAM_UNREACHABLE',
  'OVERLOADED',
  'DRAINING'
]
/** The byte of a record that repeats the id of an earlier record. */
const REPEAT = 255

/**
 * Closes every record of the list, in batches of which at most `concurrency` run at the same time. Yields outcomes as
 * they become known, one for each record; returns their counts. An id that stands several times is sent for its first
 * record only. When the generator is ended early, it waits for the batches that were begun.
 */
export async function * closeRecords (
  records: SpooledRecords, defaults: Defaults, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const ids = new IdIndex(records.count, async index => (await records.at(index)).id)
  const remembered = new Uint8Array(records.count)
  let repeats = 0
  const isRepeat = async (index: number, found: null | Promise<number | null>): Promise<boolean> => {
    if (await found === null) return false
    remembered[index] = REPEAT
    repeats += 1
    return true
  }
  const firsts = async function * (): AsyncGenerator<Item[], void, void> {
    let index = -1
    for await (const block of records.read()) {
      const items: Item[] = []
      const list = [...block]
      await prepare(records, ids, list)
      for (const record of list) {
        index += 1
        const found = ids.add(record.id, index)
        if (found === null || !await isRepeat(index, found)) items.push(itemOf(index, record, defaults))
      }
      yield items
    }
  }
  const summary = yield * remembering(closeItems(firsts(), connect, options), remembered)
  if (repeats > 0) {
    for await (const outcomes of repeated(records, defaults, ids, remembered)) {
      countOutcomes(summary, outcomes)
      options.progress?.add(outcomes)
      yield outcomes
    }
  }
  return summary
}

async function * remembering (
  outcomes: AsyncGenerator<RecordOutcome[], CloseSummary, void>,
  remembered: Uint8Array
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  try {
    for (;;) {
      const { done, value } = await outcomes.next()
      if (done === true) return value
      for (const outcome of value) remembered[outcome.index] = REMEMBERED.indexOf(rememberedAs(outcome))
      yield value
    }
  } finally {
    await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  }
}

function rememberedAs (outcome: Outcome): typeof REMEMBERED[number] {
  if (outcome.outcome !== 'closed') return outcome.code
  return outcome.already === true ? 'already' : 'closed'
}

/** For records that repeat an id: the outcome of its first record, or DUPLICATE_ID when the billing data differ. */
async function * repeated (
  records: SpooledRecords,
  defaults: Defaults,
  ids: IdIndex,
  remembered: Uint8Array
): AsyncGenerator<RecordOutcome[], void, void> {
  let index = -1
  for await (const block of records.read()) {
    const outcomes: RecordOutcome[] = []
    const list = [...block]
    await prepare(
      records,
      ids,
      list.filter((_record, i) => remembered[index + 1 + i] === REPEAT)
    )
    for (const record of list) {
      index += 1
      if (remembered[index] !== REPEAT) continue
      const first = await ids.find(record.id)
      if (first === null) throw new Error(`the record that ${index} repeats is gone`)
      const given = itemOf(index, record, defaults)
      const original = itemOf(first, await records.at(first), defaults)
      const isSame =
        given.externalBillingId === original.externalBillingId &&
        given.externalBillingNote === original.externalBillingNote
      outcomes.push(outcomeOf(record.id, index, isSame ? sameOutcome(first, remembered[first] ?? 0) : duplicate(first)))
    }
    if (outcomes.length > 0) yield outcomes
  }
}

/** Reads together the records that look-ups of `list` probably need, so that not every look-up waits for the disk. */
async function prepare (records: SpooledRecords, ids: IdIndex, list: readonly RecordToClose[]): Promise<void> {
  const likely = list.map(({ id }) => ids.likely(id)).filter(index => index !== null)
  if (likely.length > 1) await records.prepare(likely)
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
