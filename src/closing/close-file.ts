import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import { closeRecords, type CloseOptions } from './close-records.ts'
import { collectApproved } from './collect-approved.ts'
import { IdIndex } from './id-index.ts'
import type { CloseSummary, RecordOutcome } from './outcome.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'
import { SpooledRecords } from './spooled-records.ts'

/** Records that turn up while the others are closed get rounds of their own; this many are enough unless somebody keeps approving. */
const MAX_ROUNDS = 5

export interface FileSteps extends Sender, Reader {
  listApproved: (offset: number, limit: number) => Promise<Page<UsageRecord>>
  openPlace: () => Promise<SpooledFile>
}

/**
 * Closes every approved record of a usage file: notes all their ids, closes them, and looks again until the list has
 * none that was not tried. `first` holds the ids of the first round. Yields and returns as closeRecords does.
 */
export async function * closeFile (
  first: SpooledRecords, billing: Defaults, steps: FileSteps, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const total: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  const rounds: { index: IdIndex, place: SpooledFile | null }[] = []
  const seen = async (id: string): Promise<boolean> => {
    for (const { index } of rounds) {
      if (await index.find(id) !== null) return true
    }
    return false
  }
  let records = first
  let place: SpooledFile | null = null
  try {
    while (records.count > 0) {
      const base = total.requested
      const summary = yield * shifted(closeRecords(records, billing, steps, options), base)
      for (const name of ['requested', 'closed', 'refused', 'unknown'] as const) total[name] += summary[name]
      rounds.push({ index: await indexOf(records), place })
      if (rounds.length === MAX_ROUNDS) break
      place = await steps.openPlace()
      records = new SpooledRecords(place)
      await collectApproved(steps.listApproved, records, seen)
    }
    return total
  } finally {
    await place?.close()
    for (const round of rounds) await round.place?.close()
  }
}

async function indexOf (records: SpooledRecords): Promise<IdIndex> {
  const index = new IdIndex(records.count, async (at, id) => (await records.at(at)).id === id)
  let at = 0
  for await (const block of records.read()) {
    for (const { id } of block) await index.add(id, at++)
  }
  return index
}

/** Outcomes of a later round go on counting where the one before ended. */
async function * shifted (outcomes: AsyncGenerator<RecordOutcome[], CloseSummary, void>, base: number): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  try {
    for (;;) {
      const { done, value } = await outcomes.next()
      if (done === true) return value
      yield base === 0 ? value : value.map(outcome => ({ ...outcome, index: outcome.index + base }))
    }
  } finally {
    await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  }
}
