import type { ClosedRecord, RecordToClose as ConnectRecordToClose } from '../connect/types.ts'
import { ConnectError, ConnectResponseError, hasGivenUp } from '../connect/errors.ts'
import { NOT_SHOWN, redactText } from '../connect/redact.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import type { Fate, Item } from './outcome.ts'
import { Throttles, type Hold, type Pace, type Waiting } from './pace.ts'

/** What sending a record came to: settled, or to be looked up. */
export type Answer = Fate | Doubt

export interface Doubt {
  outcome: 'doubtful'
  /** Connect's own, if any. */
  message: string | null
  /** No answer came to the call: it may still take effect, however long afterwards. */
  isSilent: boolean
  /**
   * Where the record is closed a call of ours may have done it: an earlier one held it, or the message is that of a
   * call that was refused as a whole.
   */
  mayBeOurs?: boolean
  /** The billing id, other than ours, that Connect's row says the record is closed with. */
  closedWith?: string
}

export interface Sender extends Waiting {
  /** Asks `isOpen` at the last moment before the call; null when it said no and nothing was sent. */
  bulkClose: (
    records: readonly ConnectRecordToClose[],
    isOpen: () => boolean
  ) => Promise<readonly ClosedRecord[] | null>
  /** Whether nothing more is to be sent because the service stops; what was sent is still looked after. */
  isStopping: () => boolean
}

/** Nothing left our side: the same call again costs nothing. */
const MAX_OVERLOADS = 10
const MAX_PAUSE_SECONDS = 5

/**
 * Sends a batch and gives one answer for each record, whatever Connect does. A call is repeated only when it cannot
 * have had an effect: it was refused as a whole (then in halves, down to the one record that is to blame), throttled,
 * or never left.
 */
export async function sendBatch (items: readonly Item[], pace: Pace, sender: Sender): Promise<Answer[]> {
  const throttles = new Throttles(pace)
  for (let attempt = 1; ; attempt++) {
    const wasSentBefore = items[0]?.wasSent === true
    const mayGo = (): boolean => {
      const isOpen = pace.isOpen() && !sender.isStopping()
      if (isOpen) for (const item of items) item.wasSent = true
      return isOpen
    }
    const hold = await pace.ready(sender, sender.isStopping)
    if (hold !== null) return items.map(() => notTaken(hold))
    if (items.length > pace.batchSize) return await sendHalves(items, pace, sender)
    try {
      const rows = await sender.bulkClose(items.map(item => new Row(item)), mayGo)
      if (rows === null) continue
      pace.answered()
      const answers = readAnswer(items, rows)
      return wasSentBefore ? answers.map(maybeOurs) : answers
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      if (error.sent === 'no') for (const item of items) item.wasSent = wasSentBefore
      if (throttles.note(error)) {
        if (throttles.isEnough) return items.map(() => notTaken('throttled'))
        continue
      }
      if (error instanceof ConnectResponseError && error.status < 500) {
        pace.answered()
        if (![400, 409, 413, 422].includes(error.status)) return items.map(() => refusal(error))
        if (items.length === 1) return [maybeOurs(said(wordsOf(error)))]
        if (error.status === 413) pace.shrinkTo(Math.ceil(items.length / 2))
        return await sendHalves(items, pace, sender)
      }
      if (error.kind !== 'overloaded') pace.lost()
      else if (attempt >= MAX_OVERLOADS) return items.map(() => OVERLOADED)
      if (error.sent !== 'no') return items.map(() => isSilence(error) ? SILENT : DOUBTFUL)
      if (error.kind === 'aborted') return items.map(() => notTaken('silent'))
      pace.pauseFor(Math.min(0.25 * 2 ** attempt, MAX_PAUSE_SECONDS))
    }
  }
}

async function sendHalves (items: readonly Item[], pace: Pace, sender: Sender): Promise<Answer[]> {
  const middle = Math.ceil(items.length / 2)
  const first = await sendBatch(items.slice(0, middle), pace, sender)
  return [...first, ...await sendBatch(items.slice(middle), pace, sender)]
}

/** A class for the reason that Item is one. */
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

const CLOSED: Answer = { outcome: 'closed' }
const DOUBTFUL: Answer = { outcome: 'doubtful', message: null, isSilent: false }
const SILENT: Answer = { outcome: 'doubtful', message: null, isSilent: true }
const OVERLOADED: Answer = {
  outcome: 'refused',
  code: 'OVERLOADED',
  message: 'Too many calls to Connect were running; it took none with this record.'
}

/**
 * Rows may be missing, in another order, twice or of ids that were never sent. Only one clear word settles a record.
 */
function readAnswer (items: readonly Item[], rows: readonly ClosedRecord[]): Answer[] {
  // As it nearly always is. The ids of a batch differ, so these rows do, too.
  if (rows.length === items.length && rows.every((row, i) => row.id === items[i]?.id)) {
    return items.map((item, i) => readRow(rows[i] ?? {}, item.externalBillingId))
  }
  const wanted = new Map(items.map(item => [item.id, item.externalBillingId]))
  const byId = new Map<string, Answer>()
  for (const row of rows) {
    const billingId = typeof row.id === 'string' ? wanted.get(row.id) : undefined
    if (typeof row.id !== 'string' || billingId === undefined) continue
    const answer = readRow(row, billingId)
    const before = byId.get(row.id)
    byId.set(row.id, before === undefined || before.outcome === answer.outcome ? answer : DOUBTFUL)
  }
  return items.map(item => byId.get(item.id) ?? DOUBTFUL)
}

/** A row that says `closed` and shows no billing id is about this call: Connect closes no record twice. */
function readRow (row: ClosedRecord, billingId: string): Answer {
  const message = firstWord(row.error_details) ?? firstWord(row.error_codes)
  // A text that cannot be shown is a refusal all the same.
  if (message !== null) return said(redactText(message, 300) || NOT_SHOWN)
  if (typeof row.status !== 'string' || row.status.toLowerCase() !== 'closed') return DOUBTFUL
  if (row.external_billing_id === undefined) return CLOSED
  const shown = identifier(row.external_billing_id)
  if (shown === billingId) return CLOSED
  return shown === null ? DOUBTFUL : { outcome: 'doubtful', message: null, isSilent: false, closedWith: shown }
}

function maybeOurs (answer: Answer): Answer {
  return answer.outcome === 'doubtful' ? { ...answer, mayBeOurs: true } : answer
}

function said (message: string): Doubt {
  return { outcome: 'doubtful', message, isSilent: false }
}

/** A gateway that gave up waiting does not speak for the server behind it. */
function isSilence (error: ConnectError): boolean {
  return error.status === null || hasGivenUp(error.status)
}

function firstWord (value: unknown): string | null {
  if (Array.isArray(value)) return value.map(firstWord).find(word => word !== null) ?? null
  return typeof value === 'string' && value !== '' ? value : null
}

function wordsOf (error: ConnectResponseError): string {
  return error.errors.join(' ') || `Connect answered ${error.status}.`
}

/** The whole call was refused, for a reason that smaller ones would meet as well. */
function refusal (error: ConnectResponseError): Answer {
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
      return maybeOurs(said(wordsOf(error)))
  }
}

/** Perhaps turned away before, with a 429; never dealt with. Whoever has left does not read it. */
function notTaken (hold: Hold): Answer {
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
