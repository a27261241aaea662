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
  /** Makes an Idempotency-Key. */
  newKey: () => string
}

/** The codes of temporary refusals: the record was not closed, and the same request may close it later. */
const PASSING: ReadonlyArray<RecordOutcome['code']> =
  ['DRAINING', 'OVERLOADED', 'UPSTREAM_THROTTLED', 'UPSTREAM_UNREACHABLE']

/**
 * Closes records and yields one outcome for each; `index` is the place of the record in `records`, counted from 0. It
 * sends those records again that have no outcome because a connection broke, whose outcome is unknown, or that were
 * refused temporarily. A repeat with the same records has the same Idempotency-Key; with fewer records it has a new
 * one. When `retryMs` go by without progress, it throws the `UsageApiError` of the last request; if that did not fail,
 * it yields the outcomes of the last answer as they are. It throws at once for a request that a repeat does not help.
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
 * Closes all approved records of a usage file, and yields one outcome for each; `index` counts the outcomes from 0. It
 * repeats the request as `closeRecords` does. Closed records are yielded at once, others at the end. When a connection
 * breaks, the outcome of a closed record may be lost. A repeat does not find that record, so it is never yielded.
 * Throws `UsageApiError` at the end when the last request failed, or when approved records may be left.
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

/**
 * Yields the outcomes of an answer and returns its summary. Throws `UsageApiError` when the last line is no summary:
 * then the answer was cut off.
 */
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

/**
 * Gives the place in `records` of the record of an outcome. `open` are the places of the records that were sent. Throws
 * `UsageApiError` for an outcome that does not fit the record at its place.
 */
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
