import { closeBatch } from './close-batch.ts'
import { IdIndex } from './id-index.ts'
import type { CloseSummary, Fate, Item, OutcomeCode, RecordOutcome } from './outcome.ts'
import { ReadBack, type Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import { Pace, type Sender } from './send-batch.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

export interface CloseOptions { batchSize: number, concurrency: number }

/** What is remembered of a record: one byte, enough to tell a repetition of it the same. */
const FATES: readonly (OutcomeCode | 'none' | 'closed')[] = [
  'none', 'closed', 'BILLING_CONFLICT', 'NOT_CLOSED', 'CONNECT_REJECTED', 'OUTCOME_UNKNOWN', 'CONNECT_FORBIDDEN',
  'UPSTREAM_CREDENTIAL', 'UPSTREAM_THROTTLED', 'UPSTREAM_UNREACHABLE', 'OVERLOADED'
]

/**
 * Closes every record of the list, in batches with bounded concurrency, and yields outcomes as they become known, each
 * record's exactly once; returns the counts. Nothing more is sent while nobody asks for the next outcomes. A repeated
 * id is sent once. Ending the generator sends nothing further; what was sent is seen through.
 */
export async function * closeRecords (
  records: SpooledRecords, defaults: Defaults, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const summary: CloseSummary = { requested: records.count, closed: 0, refused: 0, unknown: 0 }
  const ids = new IdIndex(records.count, async (index, id) => (await records.at(index)).id === id)
  const remembered = new Uint8Array(records.count)
  const pace = new Pace(options.batchSize)
  const readBack = new ReadBack(connect)
  const running = new Set<Promise<Finished>>()
  let repeats = 0

  const tell = (outcomes: RecordOutcome[]): RecordOutcome[] => {
    for (const { outcome } of outcomes) summary[outcome] += 1
    return outcomes
  }
  const start = (items: Item[]): void => {
    const work: Promise<Finished> = closeBatch(items, pace, connect, readBack).then(
      fates => ({ work, outcomes: items.map((item, i) => withFate(item, fates[i])) }))
    // A fault of ours is met when the batch's turn comes; until then it must not count as unhandled.
    work.catch(() => {})
    running.add(work)
  }
  const next = async (): Promise<RecordOutcome[]> => {
    const { work, outcomes } = await Promise.race(running)
    running.delete(work)
    for (const { index, ...fate } of outcomes) remembered[index] = FATES.indexOf(fate.outcome === 'closed' ? 'closed' : fate.code)
    return tell(outcomes)
  }

  try {
    let batch: Item[] = []
    let index = -1
    for await (const block of records.read()) {
      for (const record of block) {
        index += 1
        if (await ids.add(record.id, index) !== null) {
          repeats += 1
          continue
        }
        batch.push({ index, ...withDefaults(record, defaults) })
        if (batch.length < pace.batchSize) continue
        if (running.size >= options.concurrency) yield await next()
        start(batch)
        batch = []
      }
    }
    if (batch.length > 0) start(batch)
    while (running.size > 0) yield await next()
    if (repeats > 0) {
      for await (const outcomes of repeated(records, defaults, ids, remembered)) yield tell(outcomes)
    }
    return summary
  } finally {
    await Promise.allSettled(running)
  }
}

interface Finished { work: Promise<Finished>, outcomes: RecordOutcome[] }

function withFate (item: Item, fate: Fate | undefined): RecordOutcome {
  const known: Fate = fate ?? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message: 'Nothing is known of the record.' }
  return { id: item.id, index: item.index, ...known }
}

function withDefaults (record: RecordToClose, defaults: Defaults): Omit<Item, 'index'> {
  return {
    id: record.id,
    externalBillingId: record.externalBillingId ?? defaults.externalBillingId ?? '',
    externalBillingNote: record.externalBillingNote ?? defaults.externalBillingNote
  }
}

/** Once all that was sent is known: the repetitions, which end as the record they repeat, or are refused for differing from it. */
async function * repeated (records: SpooledRecords, defaults: Defaults, ids: IdIndex, remembered: Uint8Array): AsyncGenerator<RecordOutcome[], void, void> {
  let index = -1
  for await (const block of records.read()) {
    const outcomes: RecordOutcome[] = []
    for (const record of block) {
      index += 1
      const first = await ids.find(record.id)
      if (first === null || first === index) continue
      const given = withDefaults(record, defaults)
      const original = withDefaults(await records.at(first), defaults)
      const isSame = given.externalBillingId === original.externalBillingId && given.externalBillingNote === original.externalBillingNote
      outcomes.push({ id: record.id, index, ...isSame ? sameAs(first, remembered[first] ?? 0) : differs(first) })
    }
    if (outcomes.length > 0) yield outcomes
  }
}

function sameAs (first: number, remembered: number): Fate {
  const code = FATES[remembered] ?? 'none'
  if (code === 'closed') return { outcome: 'closed' }
  const message = `The same as the record at index ${first}.`
  return code === 'none' || code === 'OUTCOME_UNKNOWN' ? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message } : { outcome: 'refused', code, message }
}

function differs (first: number): Fate {
  return { outcome: 'refused', code: 'DUPLICATE_ID', message: `The id is that of the record at index ${first}, with other billing data.` }
}
