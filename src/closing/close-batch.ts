import type { UsageRecord } from '../connect/types.ts'
import { NOT_SHOWN, redactText } from '../connect/redact.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import type { Item, Outcome } from './outcome.ts'
import type { ThrottleState } from './throttle-state.ts'
import type { Found, ReadBack } from './read-back.ts'
import { sendBatch, type CloseReply, type Doubt, type Sender } from './send-batch.ts'

/**
 * Closes a batch and gives the outcome of every record in it, in the order of the items:
 *
 * 1. sends the batch;
 * 2. reads back the records whose outcome Connect's answer does not tell, and those of a call that Connect refused
 *    because of the account. Records of a call that was too large for a gateway are sent again in smaller calls, if
 *    they show as open;
 * 3. sends once more the records that show as open and that Connect did not refuse, and reads back as in step 2.
 *
 * A call without an answer may take effect much later. So a record of such a call is closed or unknown, and never
 * refused for being open. The second send is safe because Connect refuses to close a record twice. The sandbox does so;
 * Connect's documentation does not say.
 */
export async function closeBatch (
  items: readonly Item[],
  throttle: ThrottleState,
  sender: Sender,
  readBack: ReadBack
): Promise<Outcome[]> {
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
  return items.map(({ index }) => {
    const found = batch.outcomes.get(index) ?? unknown('Nothing is known of the record.')
    return batch.unanswered.has(index) && isAboutOpen(found)
      ? unknown('A call with the record had no answer; it was open since, and may be closed yet.')
      : found
  })
}

interface Batch {
  /** The outcomes so far, by the index of the record in the request. */
  outcomes: Map<number, Outcome>
  /** The indexes of the records that were in a call without an answer. */
  unanswered: Set<number>
  readBack: ReadBack
}

/**
 * Whether an outcome says that the record was not closed: every refusal but BILLING_CONFLICT, which says that it is
 * closed.
 */
function isAboutOpen (outcome: Outcome): boolean {
  return outcome.outcome === 'refused' && outcome.code !== 'BILLING_CONFLICT'
}

/**
 * The messages for refused records that were in an earlier call, by the code of the refusal. The usual message,
 * "Connect took no call", would be wrong for them. Refusals with other codes keep their message.
 */
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
 * Notes the outcomes that the replies tell. Reads back the other records, and those refused because of the account, and
 * notes what they show. Gives the records that show as open and that Connect did not refuse, in two lists: `tooLarge`
 * has those of a call that was too large for a gateway, `open` the others. `isLast`: no record is sent again after
 * this.
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
 * Reads some records by their ids, and puts them into `found`. They are the records that would be refused because of
 * their row in a list of Connect alone, and a list may be wrong. Such a row shows the record as closed with another
 * billing id or none. Or it shows the record as open after the last send, or after a refusal when a call of this
 * request may have closed the record (`mayBeOurs`). An open record that is sent again needs no read.
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

/**
 * Whether the outcome is the refusal of a call because of the account: Connect answered the whole call with 401 or 403.
 */
function isOfAccount (outcome: Outcome | undefined): boolean {
  if (outcome === undefined || !('code' in outcome)) return false
  return outcome.code === 'CONNECT_FORBIDDEN' || outcome.code === 'UPSTREAM_CREDENTIAL'
}

/**
 * Reads back the records that Connect refused because of the account, and notes the outcome of those that are closed or
 * unclear.
 */
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
  // Unknown, not refused: an earlier request may have closed the record.
  if (record === 'unreadable') return unknown(`${message} The record cannot be read: it may have been closed before.`)
  if (record === 'missing') return null
  if (isClosed(record)) return outcomeOfClosed(item, record, false)
  return statusOf(record) === null ? unknown(`${message} ${STATUS_HIDDEN}`) : null
}

/**
 * Gives the outcome of a record in doubt, by what it shows when it is read back. Null: the record is open, Connect did
 * not refuse it, and it may be sent once more.
 */
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
 * Gives the outcome of a record that is closed. `wasClosedBefore`: it is certain that the record was closed before this
 * request sent it. A record that shows no billing id has an unknown outcome: our own call may have closed it. It is a
 * conflict only if `wasClosedBefore` is true and the record has the field for the billing id.
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
