import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import type { ApprovedRecords } from './approved-records.ts'
import { closeItems, itemOf, type CloseOptions } from './close-records.ts'
import type { CloseSummary, Item, RecordOutcome } from './outcome.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'

/**
 * Records that turn up while the others are closed get rounds of their own; this many are enough unless somebody keeps
 * approving.
 */
const MAX_ROUNDS = 5
const MAX_LOOKS = 3

/**
 * Closes every approved record of a usage file: those that `approved` holds by now, then those that are listed
 * afterwards, until none is that was not tried. Yields and returns as closeRecords does; the summary tells when there
 * may be more.
 */
export async function * closeFile (
  approved: ApprovedRecords, billing: Defaults, connect: Sender & Reader, options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const { records } = approved
  const total: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  let from = 0
  let hasMore = false
  for (let round = 1; records.count > from; round++) {
    if (round > MAX_ROUNDS) {
      hasMore = true
      break
    }
    const to = records.count
    const summary = yield * closeItems(itemsFrom(approved, from, billing), connect, options)
    for (const name of ['requested', 'closed', 'refused', 'unknown'] as const) total[name] += summary[name]
    from = to
    hasMore = !await lookAgain(approved, connect)
  }
  return hasMore ? { ...total, hasMore: true } : total
}

async function * itemsFrom (
  { records }: ApprovedRecords,
  from: number,
  billing: Defaults
): AsyncGenerator<Iterable<Item>, void, void> {
  let index = from
  for await (const block of records.read(from)) {
    yield (function * () {
      for (const record of block) yield itemOf(index++, record, billing)
    })()
  }
}

/**
 * Outcomes have been told by now, so that a look that fails cannot fail the answer: false. What it noted before is
 * closed all the same.
 */
async function lookAgain (approved: ApprovedRecords, connect: Sender): Promise<boolean> {
  for (let look = 1; ; look++) {
    if (connect.hasLeft() || connect.isStopping()) return false
    try {
      await approved.collect()
      return true
    } catch (error) {
      if (!(error instanceof ConnectError) || look === MAX_LOOKS) return false
      if (error instanceof ConnectResponseError && error.status < 500 && error.status !== 429) return false
      const told = error instanceof ConnectResponseError ? error.retryAfterSeconds : null
      if (told !== null && told > 120) return false
      for (let left = told ?? look; left > 0 && !connect.isStopping(); left--) {
        await connect.wait(Math.min(left, 1) * 1000)
      }
    }
  }
}
