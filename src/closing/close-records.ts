import { setImmediate as immediate } from 'node:timers/promises'
import type { AccountPace } from './account-pace.ts'
import { closeBatch } from './close-batch.ts'
import { IdIndex } from './id-index.ts'
import { Item, outcomeOf, type CloseSummary, type Fate, type OutcomeCode, type RecordOutcome } from './outcome.ts'
import { Pace } from './pace.ts'
import type { CloseProgress } from './progress.ts'
import { ReadBack, type Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

export interface CloseOptions {
  batchSize: number
  concurrency: number
  /** The pace of the account whose records these are; one of its own when absent. */
  account?: AccountPace
  /** How long Connect may give no usable answer before the rest is refused unsent. */
  patienceMs?: number
  /** Counts every outcome as it becomes known, also when nobody asks for outcomes any more. */
  progress?: CloseProgress
}

/** What is remembered of a record: one byte, enough to tell a repetition of it the same. */
const FATES: readonly (OutcomeCode | 'none' | 'closed' | 'already')[] = [
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
/** In the same byte: the id has come before. */
const REPEAT = 255

/**
 * Closes every record of the list, in batches with bounded concurrency, and yields outcomes as they become known, each
 * record's exactly once; returns the counts. Nothing more is sent while nobody asks for the next outcomes. A repeated
 * id is sent once. Ending the generator sends nothing further; what was sent is seen through.
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
      count(summary, outcomes)
      options.progress?.add(outcomes)
      yield outcomes
    }
  }
  return summary
}

/** The same for records of which none has the id of another. */
export async function * closeItems (
  blocks: AsyncIterable<Iterable<Item>>, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const summary: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  const pace = new Pace(options.batchSize, options.account, options.patienceMs)
  const readBack = new ReadBack(connect, pace)
  // No Set: one that is added to and deleted from leaves a chain of old tables, each keeping its batches from the
  // collector.
  const running: Promise<Finished>[] = []
  const { progress } = options
  const start = (items: Item[]): void => {
    progress?.begin(items)
    const work: Promise<Finished> = closeBatch(items, pace, connect, readBack).then(
      (fates) => {
        const outcomes = items.map(({ id, index }, i) => outcomeOf(id, index, fates[i] ?? NOTHING_KNOWN))
        progress?.end(items, outcomes)
        return { work, outcomes }
      },
      (error: unknown) => {
        progress?.fail(items)
        throw error
      })
    // A fault of ours is met when the batch's turn comes; until then it must not count as unhandled.
    work.catch(() => {})
    running.push(work)
  }
  const next = async (): Promise<RecordOutcome[]> => {
    const { work, outcomes } = await Promise.race(running)
    running.splice(running.indexOf(work), 1)
    count(summary, outcomes)
    return outcomes
  }

  try {
    let batch: Item[] = []
    for await (const block of blocks) {
      // Answers often come together, and a batch takes milliseconds: everybody else's requests have their turn in
      // between.
      await immediate()
      for (const item of block) {
        batch.push(item)
        if (batch.length < pace.batchSize) continue
        if (running.length >= options.concurrency) yield await next()
        start(batch)
        batch = []
      }
    }
    if (batch.length > 0) {
      if (running.length >= options.concurrency) yield await next()
      start(batch)
    }
    while (running.length > 0) yield await next()
    return summary
  } finally {
    await Promise.allSettled(running)
  }
}

function count (summary: CloseSummary, outcomes: readonly RecordOutcome[]): void {
  summary.requested += outcomes.length
  for (const { outcome } of outcomes) summary[outcome] += 1
}

async function * remembering (
  outcomes: AsyncGenerator<RecordOutcome[], CloseSummary, void>,
  remembered: Uint8Array
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  try {
    for (;;) {
      const { done, value } = await outcomes.next()
      if (done === true) return value
      for (const outcome of value) remembered[outcome.index] = FATES.indexOf(wordFor(outcome))
      yield value
    }
  } finally {
    await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  }
}

function wordFor (fate: Fate): typeof FATES[number] {
  if (fate.outcome !== 'closed') return fate.code
  return fate.already === true ? 'already' : 'closed'
}

interface Finished { work: Promise<Finished>, outcomes: RecordOutcome[] }

const NOTHING_KNOWN: Fate = { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message: 'Nothing is known of the record.' }

export function itemOf (index: number, record: RecordToClose, defaults: Defaults): Item {
  const { id, externalBillingId, externalBillingNote } = record
  return new Item(
    index,
    id,
    externalBillingId ?? defaults.externalBillingId ?? '',
    externalBillingNote ?? defaults.externalBillingNote
  )
}

/**
 * Once all that was sent is known: the repetitions, which end as the record they repeat, or are refused for differing
 * from it.
 */
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
      outcomes.push(outcomeOf(record.id, index, isSame ? sameAs(first, remembered[first] ?? 0) : differs(first)))
    }
    if (outcomes.length > 0) yield outcomes
  }
}

/** One by one the look-ups of a block would each wait for the disk. */
async function prepare (records: SpooledRecords, ids: IdIndex, list: readonly RecordToClose[]): Promise<void> {
  const likely = list.map(({ id }) => ids.likely(id)).filter(index => index !== null)
  if (likely.length > 1) await records.prepare(likely)
}

function sameAs (first: number, remembered: number): Fate {
  const code = FATES[remembered] ?? 'none'
  if (code === 'closed') return { outcome: 'closed' }
  if (code === 'already') return { outcome: 'closed', already: true }
  const message = `The same as the record at index ${first}.`
  return code === 'none' || code === 'OUTCOME_UNKNOWN'
    ? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message }
    : { outcome: 'refused', code, message }
}

function differs (first: number): Fate {
  return {
    outcome: 'refused',
    code: 'DUPLICATE_ID',
    message: `The id is that of the record at index ${first}, with other billing data.`
  }
}
