import { requestIdOf, UsageApiError } from './errors.ts'
import { cutOff, linesOf } from './lines.ts'
import { CallerError, failureOf, Patience, type RetryOptions } from './retries.ts'
import type { RecordOutcome, Schemas } from './types.ts'

export interface RecordToClose {
  id: string
  externalBillingId: string
  externalBillingNote?: string | null
}

type Summary = Schemas['CloseSummary']

export interface CloseOptions extends RetryOptions {
  newKey: () => string
}

export type SendRecords = (records: readonly RecordToClose[], key: string) => Promise<Response>

/** The last outcomes of records that a repeat may close, by a key of the record. */
type Held<Key> = Map<Key, RecordOutcome>

/** The codes of temporary refusals: the record was not closed, and a later request may close it. */
const PASSING: ReadonlyArray<RecordOutcome['code']> =
  ['DRAINING', 'OVERLOADED', 'UPSTREAM_THROTTLED', 'UPSTREAM_UNREACHABLE']

/**
 * Yields one outcome for each record, with the place of the record in `records` as `index`. Sends records again that
 * were refused temporarily, or whose outcome is unknown or missing. A request for the same records has the same
 * Idempotency-Key, one for fewer records a new key. At the end of the repeats (see Patience) it yields the last
 * outcomes of the records that are left. Then it throws the error of the last request, if that failed: a record may
 * have no outcome only then. `told` has outcomes of an earlier request, each for the record at the same place.
 */
export async function * closeRecords (
  records: readonly RecordToClose[], send: SendRecords, options: CloseOptions, told: readonly RecordOutcome[] = []
): AsyncGenerator<RecordOutcome, void, void> {
  const held: Held<number> = new Map(told.entries())
  yield * withHeld(finalOutcomes(records, send, held, options), held)
}

async function * finalOutcomes (
  records: readonly RecordToClose[], send: SendRecords, held: Held<number>, options: CloseOptions
): AsyncGenerator<RecordOutcome, void, void> {
  const patience = new Patience(options)
  let open = records.map((_, index) => index)
  let key = options.newKey()
  while (open.length > 0) {
    const done = new Set<number>()
    const untold = refusedOf(held)
    let failure: UsageApiError | null = null
    try {
      const response = await send(open.map(index => records[index]!), key)
      for await (const outcome of outcomesOf(response)) {
        const index = indexOf(outcome, open, records, response)
        if (done.has(index)) continue
        untold.delete(index)
        if (isOpen(outcome)) held.set(index, { ...outcome, index })
        else {
          done.add(index)
          held.delete(index)
          yield { ...outcome, index }
          patience.renew()
        }
      }
    } catch (cause) {
      doubt(held, untold, cause)
      failure = failureOf(cause, options.signal)
    }
    if (done.size > 0) {
      open = open.filter(index => !done.has(index))
      key = options.newKey()
    }
    if (open.length === 0 || await patience.pause(failure)) continue
    if (failure !== null) throw failure
    return
  }
}

/**
 * Yields one outcome for each record that the service told of: closed records at once, others at the end, with numbers
 * from 0 as `index`. A repeat of `send` does not find records that are closed. So, after a complete answer, `closeTold`
 * sends those records again whose outcome is unknown or a temporary refusal. Throws at the end when the last request
 * failed, or when approved records may be left.
 */
export async function * closeFileRecords (
  send: (key: string) => Promise<Response>,
  closeTold: (told: readonly RecordOutcome[]) => AsyncIterable<RecordOutcome>, options: CloseOptions
): AsyncGenerator<RecordOutcome, void, void> {
  const held: Held<string> = new Map()
  async function * outcomes (): AsyncGenerator<RecordOutcome, void, void> {
    yield * closedOfFile(send, held, options)
    const open = [...held.values()].filter(isOpen)
    for (const { id } of open) held.delete(id)
    yield * closeTold(open)
  }
  let index = 0
  for await (const outcome of withHeld(outcomes(), held)) yield { ...outcome, index: index++ }
}

async function * closedOfFile (
  send: (key: string) => Promise<Response>, held: Held<string>, options: CloseOptions
): AsyncGenerator<RecordOutcome, void, void> {
  const patience = new Patience(options)
  const key = options.newKey()
  for (;;) {
    const untold = refusedOf(held)
    let failure: UsageApiError | null = null
    try {
      const onSummary = ({ hasMore }: Summary): void => { if (hasMore === true) failure = mayBeLeft() }
      for await (const outcome of outcomesOf(await send(key), onSummary)) {
        untold.delete(outcome.id)
        if (outcome.outcome !== 'closed') held.set(outcome.id, outcome)
        else {
          held.delete(outcome.id)
          yield outcome
          patience.renew()
        }
      }
    } catch (cause) {
      doubt(held, untold, cause)
      failure = failureOf(cause, options.signal)
    }
    if (failure === null) return
    if (!await patience.pause(failure)) throw failure
  }
}

/** Yields `outcomes`, then what is held at their end, also when they end with an error. */
async function * withHeld<Key> (
  outcomes: AsyncIterable<RecordOutcome>, held: Held<Key>
): AsyncGenerator<RecordOutcome, void, void> {
  let failure: { cause: unknown } | null = null
  try {
    yield * outcomes
  } catch (cause) {
    failure = { cause }
  }
  yield * held.values()
  if (failure !== null) throw failure.cause
}

/** The keys of records that were refused temporarily. */
function refusedOf<Key> (held: Held<Key>): Set<Key> {
  return new Set([...held].filter(([, told]) => told.outcome === 'refused' && isOpen(told)).map(([key]) => key))
}

/** A failed request may have closed the `untold` records, unless it was not sent or the service answered a problem. */
function doubt<Key> (held: Held<Key>, untold: Iterable<Key>, cause: unknown): void {
  if (cause instanceof CallerError || (cause instanceof UsageApiError && cause.problem !== null)) return
  for (const key of untold) {
    const { id, index } = held.get(key)!
    const message = 'A request to close the record failed before it told the outcome.'
    held.set(key, { id, index, outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message })
  }
}

function isOpen ({ outcome, code }: RecordOutcome): boolean {
  return outcome === 'unknown' || (outcome === 'refused' && PASSING.includes(code))
}

/** The summary is the last line. Throws `UsageApiError` without one: the answer was cut off. */
async function * outcomesOf (
  response: Response, onSummary: (summary: Summary) => void = () => {}
): AsyncGenerator<RecordOutcome, void, void> {
  let found: Summary | undefined
  for await (const line of linesOf(response)) {
    const { summary, ...outcome } = line as RecordOutcome & { summary?: Summary }
    found = summary
    if (summary === undefined) yield outcome
  }
  if (found === undefined) throw cutOff(response)
  onSummary(found)
}

/**
 * Gives the place of an outcome's record in `records`. `open` has the places of the records that were sent. Throws
 * `UsageApiError` when the record of the outcome was not sent at that place.
 */
function indexOf (
  outcome: RecordOutcome, open: readonly number[], records: readonly RecordToClose[], response: Response
): number {
  const index = open[outcome.index]
  if (index !== undefined && records[index]?.id === outcome.id) return index
  const detail = `An outcome is for ${outcome.id}, which was not sent at that place.`
  const { status } = response
  throw new UsageApiError('ANSWER_INVALID', detail, { status, requestId: requestIdOf(response) })
}

function mayBeLeft (): UsageApiError {
  const detail = 'Approved records may be left: the service could not list all of them. Close the records again.'
  return new UsageApiError('OUTCOME_UNKNOWN', detail, { status: 504 })
}
