import { UsageApiError } from './errors.ts'
import { cutOff, linesOf } from './lines.ts'
import { failureOf, Patience, type RetryOptions } from './retries.ts'
import type { RecordOutcome, Schemas } from './types.ts'

export interface RecordToClose {
  id: string
  externalBillingId: string
  externalBillingNote?: string | null
}

type Summary = Schemas['CloseSummary']

interface CloseOptions extends RetryOptions {
  newKey: () => string
}

/** The codes of temporary refusals: the record was not closed, and a later request may close it. */
const PASSING: ReadonlyArray<RecordOutcome['code']> =
  ['DRAINING', 'OVERLOADED', 'UPSTREAM_THROTTLED', 'UPSTREAM_UNREACHABLE']

/**
 * Yields one outcome for each record, with the place of the record in `records` as `index`. Sends records again that
 * were refused temporarily, or whose outcome is unknown or missing. A request for the same records has the same
 * Idempotency-Key, one for fewer records a new key. At the end of the repeats (see Patience) it throws the error of the
 * last request; if that did not fail, it yields the last outcomes of the records that are left.
 */
export async function * closeRecords (
  records: readonly RecordToClose[],
  send: (records: readonly RecordToClose[], key: string) => Promise<Response>,
  options: CloseOptions
): AsyncGenerator<RecordOutcome, void, void> {
  const patience = new Patience(options)
  let open = records.map((_, index) => index)
  let key = options.newKey()
  while (open.length > 0) {
    const done = new Set<number>()
    const doubtful = new Map<number, RecordOutcome>()
    let failure: UsageApiError | null = null
    try {
      for await (const outcome of outcomesOf(await send(open.map(index => records[index]!), key))) {
        const index = indexOf(outcome, open, records)
        if (isOpen(outcome)) doubtful.set(index, { ...outcome, index })
        else if (!done.has(index)) {
          done.add(index)
          patience.renew()
          yield { ...outcome, index }
        }
      }
    } catch (cause) {
      failure = failureOf(cause, options.signal)
    }
    if (done.size > 0) {
      open = open.filter(index => !done.has(index))
      key = options.newKey()
    }
    if (open.length === 0 || await patience.pause(failure)) continue
    if (failure !== null) throw failure
    yield * doubtful.values()
    return
  }
}

/**
 * Yields closed records at once, others at the end, with numbers from 0 as `index`. A repeat does not find the records
 * that are closed. So a record has no outcome if an earlier request closed it, but its outcome was lost or unknown.
 * Throws at the end when the last request failed, or when approved records may be left.
 */
export async function * closeFileRecords (
  send: (key: string) => Promise<Response>, options: CloseOptions
): AsyncGenerator<RecordOutcome, void, void> {
  const patience = new Patience(options)
  const key = options.newKey()
  let index = 0
  for (;;) {
    const others: RecordOutcome[] = []
    let failure: UsageApiError | null = null
    try {
      const outcomes = outcomesOf(await send(key))
      let next = await outcomes.next()
      for (; next.done !== true; next = await outcomes.next()) {
        if (next.value.outcome !== 'closed') others.push(next.value)
        else {
          patience.renew()
          yield { ...next.value, index: index++ }
        }
      }
      if (next.value.hasMore === true) failure = mayBeLeft()
    } catch (cause) {
      failure = failureOf(cause, options.signal)
    }
    if ((failure !== null || others.some(isOpen)) && await patience.pause(failure)) continue
    for (const outcome of others) yield { ...outcome, index: index++ }
    if (failure !== null) throw failure
    return
  }
}

function isOpen ({ outcome, code }: RecordOutcome): boolean {
  return outcome === 'unknown' || (outcome === 'refused' && PASSING.includes(code))
}

/** Returns the summary, which is the last line. Throws `UsageApiError` without one: the answer was cut off. */
async function * outcomesOf (response: Response): AsyncGenerator<RecordOutcome, Summary, void> {
  let found: Summary | undefined
  for await (const line of linesOf(response)) {
    const { summary, ...outcome } = line as RecordOutcome & { summary?: Summary }
    found = summary
    if (summary === undefined) yield outcome
  }
  if (found === undefined) throw cutOff()
  return found
}

/** Gives the place of an outcome's record in `records`. `open` has the places of the records that were sent. */
function indexOf (outcome: RecordOutcome, open: readonly number[], records: readonly RecordToClose[]): number {
  const index = open[outcome.index]
  if (index !== undefined && records[index]?.id === outcome.id) return index
  const detail = `An outcome is for ${outcome.id}, which was not sent at that place.`
  throw new UsageApiError('ANSWER_INVALID', detail, { status: 200 })
}

function mayBeLeft (): UsageApiError {
  const detail = 'Approved records may be left: the service could not list all of them. Close the records again.'
  return new UsageApiError('OUTCOME_UNKNOWN', detail, { status: 504 })
}
