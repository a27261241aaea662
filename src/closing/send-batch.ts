import type { ClosedRecord, RecordToClose as ConnectRecordToClose } from '../connect/types.ts'
import { ConnectError, ConnectResponseError, hasGivenUp } from '../connect/errors.ts'
import { NOT_SHOWN, redactText } from '../connect/redact.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import type { Outcome, Item } from './record-outcome.ts'
import { ThrottleCounter, type Hold, type ThrottleState, type Waiting } from './throttle-state.ts'

/** What `sendBatch` tells about one record: its outcome, or a doubt. A record in doubt is read back. */
export type CloseReply = Outcome | Doubt

export interface Doubt {
  outcome: 'doubtful'
  /** Why Connect refused the record, or the whole call with it; null without a refusal, and after a 429. */
  message: string | null
  /** True: no answer of Connect came to the call, so the call may still take effect, however long afterwards. */
  isSilent: boolean
  /** True: if the record shows as closed, a call of this request may have closed it. */
  mayBeOurs?: boolean
  /** True: the call was too large for a gateway. A smaller call may follow if the record shows as open. */
  isTooLarge?: true
  /** The outcome if the record is read back and shows as open: no further call is made with it. */
  whenOpen?: Outcome
  /** The billing id with which the record is closed according to Connect's row, if it is not the one that was sent. */
  closedWith?: string
}

export interface Sender extends Waiting {
  /**
   * Closes records with one call, and gives the rows of Connect's answer. Asks `isOpen` before the call; if that gives
   * false, sends nothing and gives null. Throws ConnectError.
   */
  bulkClose: (
    records: readonly ConnectRecordToClose[],
    isOpen: () => boolean
  ) => Promise<readonly ClosedRecord[] | null>
}

/** From this try on, a call that gets no free connection is given up. Such a try sends nothing, so it does no harm. */
const MAX_OVERLOADS = 10
const MAX_PAUSE_SECONDS = 5

/**
 * Sends a batch and gives one reply for each record, in the order of the items. A call is sent again only if that can
 * do no harm:
 * - It did not leave this service.
 * - Connect refused it as a whole with 400, 409, 413 or 422: each half of the records is sent, down to the record that
 *   is the cause.
 * - Connect throttled it (429). That relies on Connect to close no record twice.
 *
 * `wasThrottled`: an earlier call with these items got a 429. If no call follows a 429, the reply is a doubt.
 */
export async function sendBatch (
  items: readonly Item[], throttle: ThrottleState, sender: Sender, wasThrottled = false
): Promise<CloseReply[]> {
  let mayBeDone = wasThrottled
  const stop = (reply: Outcome): CloseReply[] => items.map(() => mayBeDone ? { ...DOUBTFUL, whenOpen: reply } : reply)
  const throttles = new ThrottleCounter(throttle)
  for (let attempt = 1; ; attempt++) {
    const wasSentBefore = items[0]?.wasSent === true
    const mayGo = (): boolean => {
      const isOpen = throttle.isOpen() && !sender.isStopping()
      if (isOpen) for (const item of items) item.wasSent = true
      return isOpen
    }
    const hold = await throttle.ready(sender, sender.isStopping)
    if (hold !== null) return stop(notSent(hold))
    if (items.length > throttle.batchSize) return await sendHalves(items, throttle, sender, mayBeDone)
    try {
      const rows = await sender.bulkClose(items.map(item => new Row(item)), mayGo)
      if (rows === null) continue
      throttle.answered()
      const answers = readReplies(items, rows)
      return wasSentBefore ? answers.map(maybeOurs) : answers
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      if (error.sent === 'no') for (const item of items) item.wasSent = wasSentBefore
      if (throttles.note(error)) {
        if (error.sent !== 'no') mayBeDone = true
        if (throttles.isEnough) return stop(notSent('throttled'))
        continue
      }
      if (error.status === 413) throttle.shrinkTo(Math.ceil(items.length / 2))
      if (error instanceof ConnectResponseError && error.status < 500) {
        throttle.answered()
        if (![400, 409, 413, 422].includes(error.status)) return items.map(() => refusal(error))
        if (items.length === 1) return [maybeOurs(refusedWith(messageOf(error)))]
        return await sendHalves(items, throttle, sender, mayBeDone)
      }
      // A 413 without Connect's envelope comes from a gateway, and Connect may have got the call. So the records are
      // read back, and sent in smaller calls if they show as open. For one record there is no smaller call.
      if (error.status === 413 && items.length > 1) return items.map(() => TOO_LARGE)
      if (error.kind !== 'overloaded') throttle.lost()
      else if (attempt >= MAX_OVERLOADS) return stop(OVERLOADED)
      if (error.sent !== 'no') return items.map(() => hasNoAnswer(error) ? SILENT : DOUBTFUL)
      if (error.kind === 'aborted') return stop(notSent('silent'))
      throttle.pauseFor(Math.min(0.25 * 2 ** attempt, MAX_PAUSE_SECONDS))
    }
  }
}

async function sendHalves (
  items: readonly Item[], throttle: ThrottleState, sender: Sender, wasThrottled: boolean
): Promise<CloseReply[]> {
  const middle = Math.ceil(items.length / 2)
  const first = await sendBatch(items.slice(0, middle), throttle, sender, wasThrottled)
  return [...first, ...await sendBatch(items.slice(middle), throttle, sender, wasThrottled)]
}

/** A class, not a literal: V8 soon makes long-lived literals in its old generation, which it rarely cleans. */
class Row implements ConnectRecordToClose {
  readonly id: string
  readonly external_billing_id: string
  declare external_billing_note?: string

  constructor (item: Item) {
    this.id = item.id
    this.external_billing_id = item.externalBillingId
    if (item.externalBillingNote !== null) this.external_billing_note = item.externalBillingNote
  }
}

const CLOSED: Outcome = { outcome: 'closed' }
const DOUBTFUL: Doubt = { outcome: 'doubtful', message: null, isSilent: false }
const SILENT: CloseReply = { outcome: 'doubtful', message: null, isSilent: true }
const TOO_LARGE: CloseReply = { outcome: 'doubtful', message: null, isSilent: false, isTooLarge: true }
const OVERLOADED: Outcome = {
  outcome: 'refused',
  code: 'OVERLOADED',
  message: 'Too many calls to Connect were running; it took none with this record.'
}

/** Rows may come in any order. A record without a row, or with two rows of different outcomes, is in doubt. */
function readReplies (items: readonly Item[], rows: readonly ClosedRecord[]): CloseReply[] {
  // The usual case: one row for each item, in the same order. The ids of a batch are all different.
  if (rows.length === items.length && rows.every((row, i) => row.id === items[i]?.id)) {
    return items.map((item, i) => readRow(rows[i] ?? {}, item.externalBillingId))
  }
  const wanted = new Map(items.map(item => [item.id, item.externalBillingId]))
  const byId = new Map<string, CloseReply>()
  for (const row of rows) {
    const billingId = typeof row.id === 'string' ? wanted.get(row.id) : undefined
    if (typeof row.id !== 'string' || billingId === undefined) continue
    const answer = readRow(row, billingId)
    const before = byId.get(row.id)
    byId.set(row.id, before === undefined || before.outcome === answer.outcome ? answer : DOUBTFUL)
  }
  return items.map(item => byId.get(item.id) ?? DOUBTFUL)
}

/** A `closed` row without a field for the billing id is believed: that relies on Connect to close no record twice. */
function readRow (row: ClosedRecord, billingId: string): CloseReply {
  const message = firstText(row.error_details) ?? firstText(row.error_codes)
  // A row with a text is a refusal, even when the text must not be shown.
  if (message !== null) return refusedWith(redactText(message, 300) || NOT_SHOWN)
  if (statusOf(row) !== 'closed') return DOUBTFUL
  if (row.external_billing_id === undefined) return CLOSED
  const shown = identifier(row.external_billing_id)
  if (shown === billingId) return CLOSED
  return shown === null ? DOUBTFUL : { outcome: 'doubtful', message: null, isSilent: false, closedWith: shown }
}

function maybeOurs (answer: CloseReply): CloseReply {
  return answer.outcome === 'doubtful' ? { ...answer, mayBeOurs: true } : answer
}

function refusedWith (message: string): Doubt {
  return { outcome: 'doubtful', message, isSilent: false }
}

/** Whether no answer came from Connect: none at all, or only that of a gateway that stopped waiting for Connect. */
function hasNoAnswer (error: ConnectError): boolean {
  return error.status === null || hasGivenUp(error.status)
}

function firstText (value: unknown): string | null {
  if (Array.isArray(value)) return value.map(firstText).find(word => word !== null) ?? null
  return typeof value === 'string' && value !== '' ? value : null
}

function messageOf (error: ConnectResponseError): string {
  return error.errors.join(' ') || `Connect answered ${error.status}.`
}

/** Gives the reply for each record of a call that Connect refused for a reason that smaller calls would have, too. */
function refusal (error: ConnectResponseError): CloseReply {
  switch (error.status) {
    case 401:
      return {
        outcome: 'refused',
        code: 'UPSTREAM_CREDENTIAL',
        message: 'Connect refused the credential of this service.'
      }
    case 403:
      return { outcome: 'refused', code: 'CONNECT_FORBIDDEN', message: 'Connect does not allow this to the account.' }
    default:
      return maybeOurs(refusedWith(messageOf(error)))
  }
}

/** Gives the outcome of a record with which no further call is made. */
function notSent (hold: Hold): Outcome {
  if (hold === 'stopping') {
    return {
      outcome: 'refused',
      code: 'DRAINING',
      message: 'This instance of the service is stopping, and Connect took no call with this record. Send it again.'
    }
  }
  return hold === 'throttled'
    ? {
        outcome: 'refused',
        code: 'UPSTREAM_THROTTLED',
        message: 'Connect is throttling, and took no call with this record.'
      }
    : {
        outcome: 'refused',
        code: 'UPSTREAM_UNREACHABLE',
        message: 'Connect could not be reached or does not answer, and took no call with this record.'
      }
}
