import type { UsageRecord } from '../connect/types.ts'
import { NOT_SHOWN, redactText } from '../connect/redact.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import type { Found, ReadBack } from './read-back.ts'
import { outcomeOf, type Item, type Outcome, type RecordOutcome } from './record-outcome.ts'
import { sendBatch, type CloseReply, type Doubt, type Sender } from './send-batch.ts'
import type { ThrottleState } from './throttle-state.ts'

/**
 * Closes a batch and gives the outcome of every record in it, in the order of the items. Reads back the records
 * whose outcome is in doubt after a call. Sends those again that show as open, unless Connect refused them or no call
 * may go.
 *
 * A batch becomes smaller in three ways. `sendBatch` halves it where Connect refuses a call as a whole, and where the
 * throttle state allows only smaller calls. Here, after a call that was too large for a gateway, its open records are
 * sent again, and `sendBatch` then makes smaller calls of them.
 *
 * A call without an answer may take effect much later. So if a record of such a call is open at the end, its outcome is
 * unknown, not refused. To send a record again is safe if Connect refuses to close a record twice: the sandbox does,
 * Connect's documentation does not say.
 */
export async function closeBatch (
  items: readonly Item[],
  throttle: ThrottleState,
  sender: Sender,
  readBack: ReadBack
): Promise<RecordOutcome[]> {
  const batch: Batch = { outcomes: new Map(), unanswered: new Set(), readBack }
  const again: Item[] = []
  for (let toSend = items; toSend.length > 0;) {
    const { open, tooLarge } = await settle(toSend, await sendBatch(toSend, throttle, sender), batch)
    again.push(...open)
    toSend = tooLarge
  }
  if (again.length > 0) {
    const replies = (await sendBatch(again, throttle, sender)).map(asSecondReply)
    const { open, tooLarge } = await settle(again, replies, batch, true)
    for (const item of [...open, ...tooLarge]) {
      batch.outcomes.set(item.index, {
        outcome: 'refused',
        code: 'NOT_CLOSED',
        message: 'Connect left the record open, twice.'
      })
    }
  }
  return items.map(({ id, index }) => {
    const found = batch.outcomes.get(index) ?? unknown('Nothing is known of the record.')
    return outcomeOf(id, index, batch.unanswered.has(index) && isAboutOpen(found)
      ? unknown('A call with the record had no answer; it was open since, and may be closed yet.')
      : found)
  })
}

interface Batch {
  /** The outcomes so far, by `index` of the item. */
  outcomes: Map<number, Outcome>
  /** `index` of each item that was in a call without an answer. */
  unanswered: Set<number>
  readBack: ReadBack
}

/** Every refusal but BILLING_CONFLICT says that the record is not closed. */
function isAboutOpen (outcome: Outcome): boolean {
  return outcome.outcome === 'refused' && outcome.code !== 'BILLING_CONFLICT'
}

/** For refused records that were in an earlier call: the usual "Connect took no call" would be wrong for them. */
const MESSAGES_OF_SECOND_SEND: Partial<Record<string, string>> = {
  UPSTREAM_THROTTLED: 'Connect left the record open, and is throttling further calls.',
  UPSTREAM_UNREACHABLE: 'Connect left the record open, and could not be reached again.',
  OVERLOADED: 'Connect left the record open, and too many calls to it were running for another one.',
  DRAINING: 'Connect left the record open, and this instance of the service is stopping. Send it again.'
}

function asSecondReply<Reply extends CloseReply> (reply: Reply): Reply {
  return 'code' in reply ? { ...reply, message: MESSAGES_OF_SECOND_SEND[reply.code] ?? reply.message } : reply
}

/**
 * Notes the outcomes of the records, from the replies or from what the records show when they are read back. Gives the
 * records without an outcome, which show as open: `tooLarge` has those of a call that was too large for a gateway,
 * `open` the others. `isLast`: none of these records is sent again.
 */
async function settle (
  items: readonly Item[], replies: readonly CloseReply[], batch: Batch, isLast = false
): Promise<{ open: Item[], tooLarge: Item[] }> {
  const { outcomes, unanswered, readBack } = batch
  const doubts = new Map<Item, Doubt>()
  for (const [i, item] of items.entries()) {
    const reply = replies[i] ?? { outcome: 'doubtful', message: null, isSilent: true }
    if (reply.outcome === 'doubtful') doubts.set(item, reply)
    else outcomes.set(item.index, reply)
  }
  await readBackRefused(items.filter(item => isOfAccount(outcomes.get(item.index))), batch)
  const open: Item[] = []
  const tooLarge: Item[] = []
  if (doubts.size === 0) return { open, tooLarge }
  const found = await readBack.read([...doubts.keys()].map(item => item.id))
  await readDoubtfulRows(doubts, found, readBack, isLast)
  for (const [item, doubt] of doubts) {
    if (doubt.isSilent) unanswered.add(item.index)
    const outcome = outcomeOfDoubt(item, found.get(item.id) ?? 'unreadable', doubt)
    if (outcome !== null) outcomes.set(item.index, outcome)
    else if (doubt.isTooLarge === true) tooLarge.push(item)
    else open.push(item)
  }
  return { open, tooLarge }
}

/**
 * A row of a list may be wrong. So some records that were found in a list are read by their ids, too, and put into
 * `found`: those that show as closed without the billing id of the request; and those that show as open after the last
 * send, or although Connect refused them and this request may have closed them.
 */
async function readDoubtfulRows (
  doubts: ReadonlyMap<Item, Doubt>, found: Map<string, Found>, readBack: ReadBack, isLast: boolean
): Promise<void> {
  const ids: string[] = []
  for (const [{ id, externalBillingId }, { message, mayBeOurs }] of doubts) {
    const record = found.get(id) ?? 'unreadable'
    if (!readBack.isListed(record)) continue
    const isRefusedByRow = isClosed(record)
      ? identifier(record.external_billing_id) !== externalBillingId
      : isLast || (message !== null && mayBeOurs === true)
    if (isRefusedByRow) ids.push(id)
  }
  for (const [id, record] of await readBack.readAlone(ids)) found.set(id, record)
}

/** Whether Connect refused the whole call with the record because of the account (401 or 403). */
function isOfAccount (outcome: Outcome | undefined): boolean {
  if (outcome === undefined || !('code' in outcome)) return false
  return outcome.code === 'CONNECT_FORBIDDEN' || outcome.code === 'UPSTREAM_CREDENTIAL'
}

async function readBackRefused (items: readonly Item[], { outcomes, readBack }: Batch): Promise<void> {
  const found = await readBack.readRefused(items.map(item => item.id))
  for (const item of items) {
    const refusal = outcomes.get(item.index)
    const outcome = refusal === undefined
      ? null
      : outcomeOfRefused(item, found.get(item.id) ?? 'unreadable', refusal)
    if (outcome !== null) outcomes.set(item.index, outcome)
  }
}

/** Gives the outcome that a record shows after a refusal because of the account; null when the refusal stands. */
function outcomeOfRefused (item: Item, record: Found, refusal: Outcome): Outcome | null {
  const message = 'message' in refusal ? refusal.message : ''
  if (record === 'unreadable') return unknown(`${message} The record cannot be read: it may have been closed before.`)
  if (record === 'missing') return null
  if (isClosed(record)) return outcomeOfClosed(item, record, false)
  return statusOf(record) === null ? unknown(`${message} ${STATUS_HIDDEN}`) : null
}

/** Gives the outcome of a record in doubt. Null: the record shows as open, and `doubt` gives no reason for that. */
function outcomeOfDoubt (item: Item, record: Found, doubt: Doubt): Outcome | null {
  const { message, closedWith, mayBeOurs, whenOpen } = doubt
  if (typeof record === 'string' && closedWith !== undefined) return conflict(item, closedWith, false)
  if (record === 'unreadable') return unknown('Connect gave no clear answer, and the record cannot be read.')
  if (record === 'missing') {
    // A 404 alone may come from a replica that lags, or from a gateway. If Connect also refused the record, there is no
    // such record.
    return message === null
      ? unknown('Connect gave no clear answer, and does not find the record.')
      : { outcome: 'refused', code: 'NOT_FOUND', message }
  }
  if (isClosed(record)) {
    // True: Connect refused the record itself, at its first send. So the record was closed before this request sent it.
    const wasClosedBefore = message !== null && mayBeOurs !== true
    const outcome = outcomeOfClosed(item, record, wasClosedBefore)
    return outcome.outcome === 'closed' && wasClosedBefore ? { ...outcome, already: true } : outcome
  }
  if (statusOf(record) === null) return unknown(`Connect gave no clear answer. ${STATUS_HIDDEN}`)
  if (whenOpen !== undefined) return asSecondReply(whenOpen)
  return message === null ? null : { outcome: 'refused', code: 'CONNECT_REJECTED', message }
}

const STATUS_HIDDEN = 'The record does not show whether it is closed.'

function isClosed (record: Found | undefined): record is UsageRecord {
  return typeof record === 'object' && statusOf(record) === 'closed'
}

/**
 * A closed record that shows no billing id is a conflict only if it was certainly closed before this request sent it
 * (`wasClosedBefore`) and has the field for the billing id. Else its outcome is unknown.
 */
function outcomeOfClosed (item: Item, record: UsageRecord, wasClosedBefore: boolean): Outcome {
  const billingId = identifier(record.external_billing_id)
  if (billingId === item.externalBillingId) return { outcome: 'closed' }
  if (billingId !== null || (wasClosedBefore && record.external_billing_id !== undefined)) {
    return conflict(item, billingId, wasClosedBefore)
  }
  return unknown('The record is closed without a billing id, and Connect did not say that it refused this one.')
}

function conflict (item: Item, billingId: string | null, wasClosedBefore: boolean): Outcome {
  item.mayBeClosed = !wasClosedBefore
  const how =
    billingId === null ? 'without a billing id' : `with the billing id ${redactText(billingId, 255) || NOT_SHOWN}`
  return { outcome: 'refused', code: 'BILLING_CONFLICT', message: `The record is closed ${how}.` }
}

function unknown (message: string): Outcome {
  return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message }
}
