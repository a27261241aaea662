import { closeItems, countOutcomes, itemOf, type CloseOptions } from './close-items.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { CloseSummary, Item, RecordOutcome } from './record-outcome.ts'
import { RepeatedRecords } from './repeated-records.ts'
import type { Sender } from './send-batch.ts'
import type { SpooledRecords } from './spooled-records.ts'

/**
 * Closes every record of the list, in batches of which at most `concurrency` run at the same time. Yields outcomes as
 * they become known, one for each record; returns their counts. An id that stands several times is sent for its first
 * record only; the outcomes of the others come last. When the generator is ended early, it waits for the batches that
 * were begun.
 */
export async function * closeRecords (
  records: SpooledRecords, defaults: Defaults, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const repeats = new RepeatedRecords(records, defaults)
  const firsts = async function * (): AsyncGenerator<Item[], void, void> {
    let index = -1
    for await (const block of records.read()) {
      const items: Item[] = []
      const list = [...block]
      await repeats.prepare(list)
      for (const record of list) {
        index += 1
        const isRepeat = repeats.enter(record.id, index)
        if (isRepeat === false || !await isRepeat) items.push(itemOf(index, record, defaults))
      }
      yield items
    }
  }
  const summary = yield * repeats.remember(closeItems(firsts(), connect, options))
  for await (const outcomes of repeats.outcomes()) {
    countOutcomes(summary, outcomes)
    options.progress?.add(outcomes)
    yield outcomes
  }
  return summary
}
