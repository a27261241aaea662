import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import { within } from '../streaming/kept-alive.ts'
import type { ApprovedRecords, FoundRecord } from './approved-records.ts'
import { closeItems, itemOf, type CloseOptions } from './close-items.ts'
import type { CloseSummary, Item, RecordOutcome } from './record-outcome.ts'
import type { Reader } from './read-back.ts'
import type { Defaults } from './receive-records.ts'
import type { Sender } from './send-batch.ts'
import { MAX_WAIT_SECONDS } from './throttle-state.ts'

/** How often at most the list is read again after a round with new records: more may be approved meanwhile. */
const MAX_ROUNDS = 5
/** After this number of failed readings in a row, the list is not read again. */
const MAX_TRIES = 3
/**
 * How many milliseconds the answer waits for the first records, so that an error of the list can become a problem. Then
 * the answer begins without them, because many proxies close a connection without bytes after 30 s. But as long as
 * Connect has not given a page, the answer waits for the same time again.
 */
const MAX_WAIT_MS = 10_000

/** For each page of the list: its records that were not found before. */
type Pages = AsyncIterable<readonly FoundRecord[]>

/**
 * Starts to read the list. Resolves when the first records are known or the list is empty. Looks every `maxMs`
 * milliseconds whether Connect has given a page, and if so resolves, too. Throws the error of the list if that comes
 * first.
 */
export async function beginListing (approved: ApprovedRecords, maxMs = MAX_WAIT_MS): Promise<{ pages: Pages }> {
  const pages = approved.read()
  const first = pages.next()
  // `closeFile` awaits this promise later. Until then a rejection must count as handled.
  first.catch(() => {})
  try {
    while (await within(first, maxMs) === null && !approved.isListed);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'UPSTREAM_INVALID') throw error
    throw new AppError('UPSTREAM_INVALID', `${error.message} Nothing was closed.`)
  }
  return { pages: startingWith(first, pages) }
}

async function * startingWith<Value> (
  first: Promise<IteratorResult<Value, void>>, others: AsyncIterable<Value>
): AsyncGenerator<Value, void, void> {
  const { done, value } = await first
  if (done === true) return
  yield value
  yield * others
}

/** `noteFailure` gets the error when the list cannot be read to its end and is not read again. */
export interface Listed { pages: Pages, noteFailure: (error: Error) => void }

/**
 * Closes the approved records of a usage file while the list of them is read: first those of `pages`, then those that
 * Connect lists afterwards. Yields outcomes and returns their counts. Ends when Connect lists no new record; or
 * earlier, with `hasMore` in the counts: after MAX_ROUNDS, when the caller has left or the service stops, and after a
 * call of `noteFailure`.
 */
export async function * closeFile (
  approved: ApprovedRecords, { pages, noteFailure }: Listed, billing: Defaults, connect: Sender & Reader,
  options: CloseOptions
): AsyncGenerator<RecordOutcome[], CloseSummary, void> {
  const total: CloseSummary = { requested: 0, closed: 0, refused: 0, unknown: 0 }
  let next = pages
  let [rounds, tries] = [0, 0]
  for (;;) {
    const round = { pages: next, found: 0, error: null, isLast: rounds === MAX_ROUNDS }
    const summary = yield * closeItems(itemsOf(round, billing), connect, options)
    for (const name of ['requested', 'closed', 'refused', 'unknown'] as const) total[name] += summary[name]
    if (round.error === null) {
      if (round.found === 0) return total
      ;[rounds, tries] = [rounds + 1, 0]
    } else {
      tries += 1
      if (tries === MAX_TRIES || !await waitToReadAgain(round.error, tries, connect)) {
        noteFailure(round.error)
        break
      }
    }
    if (round.isLast || connect.hasLeft() || connect.isStopping()) break
    next = approved.read()
  }
  return { ...total, hasMore: true }
}

interface Round {
  readonly pages: Pages
  found: number
  error: ConnectError | AppError | null
  /** True: the round only looks whether there is a new record, and closes none. */
  readonly isLast: boolean
}

async function * itemsOf (round: Round, billing: Defaults): AsyncGenerator<Item[], void, void> {
  try {
    for await (const page of round.pages) {
      round.found += page.length
      if (round.isLast && page.length > 0) return
      yield page.map(({ id, index }) =>
        itemOf(index, { id, externalBillingId: null, externalBillingNote: null }, billing))
    }
  } catch (error) {
    if (!(error instanceof ConnectError || error instanceof AppError)) throw error
    round.error = error
  }
}

/** Waits before the list is read again, and gives true. Gives false, without a wait, if it must not be read again. */
async function waitToReadAgain (error: ConnectError | AppError, tries: number, connect: Sender): Promise<boolean> {
  if (!(error instanceof ConnectError) || connect.hasLeft() || connect.isStopping()) return false
  if (error instanceof ConnectResponseError && error.status < 500 && error.status !== 429) return false
  const told = error instanceof ConnectResponseError ? error.retryAfterSeconds : null
  if (told !== null && told > MAX_WAIT_SECONDS) return false
  for (let left = told ?? tries; left > 0 && !connect.isStopping(); left--) {
    await connect.wait(Math.min(left, 1) * 1000)
  }
  return true
}
