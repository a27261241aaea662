import type { ClosedRecord, RecordToClose as ConnectRecordToClose } from '../connect/types.ts'
import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import type { Fate, Item } from './outcome.ts'

/** What Connect's answer to a batch says of one record: settled, or to be looked up, with Connect's words if any. */
export type Answer = Fate | { outcome: 'doubtful', message: string | null }

export interface Sender {
  bulkClose: (records: readonly ConnectRecordToClose[]) => Promise<readonly ClosedRecord[]>
  /** Resolves to true after so many ms, or to false at once when the caller has left. */
  wait: (ms: number) => Promise<boolean>
}

/** What the batches of one request share: how many records a call may hold, and when the next one may go. */
export class Pace {
  batchSize: number
  #resumeAt = 0

  constructor (batchSize: number) {
    this.batchSize = batchSize
  }

  /** Connect found a call too large. */
  shrinkTo (size: number): void {
    this.batchSize = Math.max(1, Math.min(this.batchSize, size))
  }

  /** Connect asked for a pause: it holds for every batch, not just for the one that was told. */
  pauseFor (seconds: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, performance.now() + seconds * 1000)
  }

  async ready (sender: Sender): Promise<void> {
    for (let left = this.#resumeAt - performance.now(); left > 0; left = this.#resumeAt - performance.now()) {
      if (!await sender.wait(left)) return
    }
  }
}

const MAX_WAIT_SECONDS = 120
const MAX_TRIES = 8

/**
 * Sends a batch and gives one answer for each record, whatever Connect does. A call is repeated only when it cannot
 * have had an effect: it was refused as a whole (then in halves, down to the one record that is to blame), throttled,
 * or never left.
 */
export async function sendBatch (items: readonly Item[], pace: Pace, sender: Sender): Promise<Answer[]> {
  if (items.length > pace.batchSize) return await sendHalves(items, pace, sender)
  for (let attempt = 1; ; attempt++) {
    await pace.ready(sender)
    try {
      return readAnswer(items, await sender.bulkClose(items.map(toConnect)))
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      if (error instanceof ConnectResponseError && [400, 409, 413, 422].includes(error.status)) {
        if (items.length === 1) return [{ outcome: 'doubtful', message: error.errors.join(' ') || `Connect answered ${error.status}.` }]
        if (error.status === 413) pace.shrinkTo(Math.ceil(items.length / 2))
        return await sendHalves(items, pace, sender)
      }
      const delay = attempt < MAX_TRIES ? retryDelay(error, attempt) : null
      if (delay === null) return items.map(() => answerFor(error))
      pace.pauseFor(delay)
    }
  }
}

async function sendHalves (items: readonly Item[], pace: Pace, sender: Sender): Promise<Answer[]> {
  const middle = Math.ceil(items.length / 2)
  const first = await sendBatch(items.slice(0, middle), pace, sender)
  return [...first, ...await sendBatch(items.slice(middle), pace, sender)]
}

function toConnect (item: Item): ConnectRecordToClose {
  return {
    id: item.id,
    external_billing_id: item.externalBillingId,
    ...(item.externalBillingNote !== null && { external_billing_note: item.externalBillingNote })
  }
}

/** Rows may be missing, in another order, twice or of ids that were never sent. Only one clear word settles a record. */
function readAnswer (items: readonly Item[], rows: readonly ClosedRecord[]): Answer[] {
  const byId = new Map<string, Answer>()
  for (const row of rows) {
    if (typeof row.id !== 'string') continue
    const answer = readRow(row)
    const before = byId.get(row.id)
    byId.set(row.id, before === undefined || before.outcome === answer.outcome ? answer : { outcome: 'doubtful', message: null })
  }
  return items.map(item => byId.get(item.id) ?? { outcome: 'doubtful', message: null })
}

function readRow (row: ClosedRecord): Answer {
  const words = [row.error_details, row.error_codes].flat().filter((text): text is string => typeof text === 'string' && text !== '')
  if (words.length > 0) return { outcome: 'doubtful', message: (words[0] ?? '').slice(0, 300) }
  return row.status?.toLowerCase() === 'closed' ? { outcome: 'closed' } : { outcome: 'doubtful', message: null }
}

/** Seconds until the same call may go again, or null when it must not. */
function retryDelay (error: ConnectError, attempt: number): number | null {
  if (error instanceof ConnectResponseError && error.status === 429) {
    const told = error.retryAfterSeconds ?? attempt
    return told <= MAX_WAIT_SECONDS ? told : null
  }
  return error.sent === 'no' && error.kind !== 'aborted' && attempt <= 3 ? attempt * 0.5 : null
}

/** A call that ended badly and is not repeated. */
function answerFor (error: ConnectError): Answer {
  if (error instanceof ConnectResponseError) {
    switch (error.status) {
      case 401: return { outcome: 'refused', code: 'UPSTREAM_CREDENTIAL', message: 'Connect refused the credential of this service.' }
      case 403: return { outcome: 'refused', code: 'CONNECT_FORBIDDEN', message: 'Connect does not allow this to the account.' }
      case 429: return { outcome: 'refused', code: 'UPSTREAM_THROTTLED', message: 'Connect is throttling; nothing was sent for this record.' }
    }
    return { outcome: 'doubtful', message: error.status < 500 ? `Connect answered ${error.status}.` : null }
  }
  if (error.sent !== 'no') return { outcome: 'doubtful', message: null }
  return error.kind === 'overloaded'
    ? { outcome: 'refused', code: 'OVERLOADED', message: 'Too many calls to Connect were running; nothing was sent for this record.' }
    : { outcome: 'refused', code: 'UPSTREAM_UNREACHABLE', message: 'Connect could not be reached; nothing was sent for this record.' }
}
