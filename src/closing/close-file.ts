import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import { within } from '../streaming/kept-alive.ts'
import type { ApprovedRecords } from './approved-records.ts'
import { closeItems, itemOf, type CloseOptions } from './close-items.ts'
import type { CloseSummary, Item, RecordOutcome } from './outcome.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'
import { MAX_WAIT_SECONDS } from './throttle-state.ts'

/**
 * Records that become approved while others are closed are closed in further rounds. More rounds than these are needed
 * only if somebody keeps approving records.
 */
const MAX_ROUNDS = 5
const MAX_TRIES = 3
/**
 * Milliseconds. The answer waits this long for the list of approved records, so that an error of the list can be a
 * problem. A longer list is read while the answer has begun, because proxies close a connection without bytes, many
 * after 30 s.
 */
const MAX_LISTING_MS = 10_000

/** The reading of the list of approved records; it rejects with the error of the list. */
export type Listing = Promise<void>

/**
 * Starts to read the list of approved records. Resolves when all of the list is read; or after `maxMs` milliseconds
 * with a list that is still being read, when at least one page is read. Throws the error of the list before that.
 */
export async function beginListing (
  approved: ApprovedRecords, maxMs = MAX_LISTING_MS
): Promise<{ listing: Listing }> {
  const listing = approved.collect()
  // closeFile awaits the list later.
  listing.catch(() => {})
  const isRead = listing.then(() => true)
  while (await within(isRead, maxMs) === null && approved.records.count === 0);
  return { listing }
}

/**
 * Closes every approved record of a usage file: first the records of `listing`, then those that Connect lists
 * afterwards, until it lists none that was not sent. Yields and returns what closeRecords does. `hasMore` in the
 * summary says that approved records may be left. When the list cannot be read, nothing is closed: `noteFailure` gets
 * the error, because the answer has begun and cannot become that error.
 */
export async function * closeFile (
  approved: ApprovedRecords,
  { listing, noteFailure }: { listing: Listing, noteFailure: (error: Error) => void },
  billing: Defaults,
  connect: Sender & Reader,
  options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const { records } = approved
  const total: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  try {
    await listing
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof AppError)) throw error
    noteFailure(error)
    return { ...total, hasMore: true }
  }
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
    hasMore = !await collectAgain(approved, connect)
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
 * Reads the list of approved records again. False: it could not be read whole. The answer has begun by then and cannot
 * become an error. The records that were read before the failure are closed in the next round.
 */
async function collectAgain (approved: ApprovedRecords, connect: Sender): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    if (connect.hasLeft() || connect.isStopping()) return false
    try {
      await approved.collect()
      return true
    } catch (error) {
      if (!(error instanceof ConnectError) || tries === MAX_TRIES) return false
      if (error instanceof ConnectResponseError && error.status < 500 && error.status !== 429) return false
      const told = error instanceof ConnectResponseError ? error.retryAfterSeconds : null
      if (told !== null && told > MAX_WAIT_SECONDS) return false
      for (let left = told ?? tries; left > 0 && !connect.isStopping(); left--) {
        await connect.wait(Math.min(left, 1) * 1000)
      }
    }
  }
}
