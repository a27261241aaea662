import type { UsageRecord } from '../connect/types.ts'
import { NOT_SHOWN, redactText } from '../connect/redact.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import type { Fate, Item } from './outcome.ts'
import type { Pace } from './pace.ts'
import type { Found, ReadBack } from './read-back.ts'
import { sendBatch, type Answer, type Doubt, type Sender } from './send-batch.ts'

/**
 * Closes a batch and learns the fate of every record in it. What the answer leaves open is read back; what is still
 * open then, without a word of refusal, is sent once more, and read back once more. A call that ended in silence may
 * take effect long afterwards: whatever it held is closed or unknown, never refused for being open.
 *
 * The second send is safe as far as Connect refuses to close a record twice; that it does is not documented.
 */
export async function closeBatch (
  items: readonly Item[],
  pace: Pace,
  sender: Sender,
  readBack: ReadBack
): Promise<Fate[]> {
  const batch: Batch = { fates: new Map(), silent: new Set(), readBack }
  const again = await judge(items, await sendBatch(items, pace, sender), batch)
  if (again.length > 0) {
    const still = await judge(again, (await sendBatch(again, pace, sender)).map(secondAnswer), batch)
    for (const item of still) {
      batch.fates.set(item.index, {
        outcome: 'refused',
        code: 'NOT_CLOSED',
        message: 'Connect left the record open, twice.'
      })
    }
  }
  return items.map(({ index }) => {
    const fate = batch.fates.get(index) ?? unknown('Nothing is known of the record.')
    return batch.silent.has(index) && isAboutOpen(fate)
      ? unknown('A call with the record had no answer; it was open since, and may be closed yet.')
      : fate
  })
}

interface Batch {
  fates: Map<number, Fate>
  /** Indexes of records that a call held which ended in silence. */
  silent: Set<number>
  readBack: ReadBack
}

/** A record that is closed, in whatever way, stays so; every other refusal stands on its being open. */
function isAboutOpen (fate: Fate): boolean {
  return fate.outcome === 'refused' && fate.code !== 'BILLING_CONFLICT'
}

/** That nothing was taken is true of the second call only. */
const SECOND_CALL: Partial<Record<string, string>> = {
  UPSTREAM_THROTTLED: 'Connect left the record open, and is throttling further calls.',
  UPSTREAM_UNREACHABLE: 'Connect left the record open, and could not be reached again.',
  OVERLOADED: 'Connect left the record open, and too many calls to it were running for another one.',
  DRAINING: 'Connect left the record open, and this instance of the service is stopping. Send it again.'
}

function secondAnswer (answer: Answer): Answer {
  return 'code' in answer ? { ...answer, message: SECOND_CALL[answer.code] ?? answer.message } : answer
}

/**
 * Enters the fates that are certain, reads the doubtful records back, and gives those that are open for no stated
 * reason.
 */
async function judge (
  items: readonly Item[], answers: readonly Answer[], { fates, silent, readBack }: Batch
): Promise<Item[]> {
  const doubtful = new Map<Item, Doubt>()
  for (const [i, item] of items.entries()) {
    const answer = answers[i] ?? { outcome: 'doubtful', message: null, isSilent: true }
    if (answer.outcome === 'doubtful') doubtful.set(item, answer)
    else fates.set(item.index, answer)
  }
  await lookAtRefused(items.filter(item => isOfAccount(fates.get(item.index))), fates, readBack)
  if (doubtful.size === 0) return []
  const found = await readBack.read([...doubtful.keys()].map(item => item.id))
  const open: Item[] = []
  for (const [item, doubt] of doubtful) {
    if (doubt.isSilent) silent.add(item.index)
    const fate = fateOf(item, found.get(item.id) ?? 'unreadable', doubt)
    if (fate === null) open.push(item)
    else fates.set(item.index, fate)
  }
  return open
}

/**
 * A call that was refused because of the account should have had no effect. One of its records is read: where that is
 * closed the rest is read, too; where it cannot be read nothing is known of any.
 */
async function lookAtRefused (items: readonly Item[], fates: Map<number, Fate>, readBack: ReadBack): Promise<void> {
  const [first] = items
  if (first === undefined) return
  const record = (await readBack.read([first.id])).get(first.id)
  if (record === 'unreadable') {
    for (const item of items) fates.set(item.index, unknown(unreadable(fates.get(item.index))))
    return
  }
  if (!isClosed(record)) return
  const found = await readBack.read(items.map(item => item.id))
  for (const item of items) {
    const record = found.get(item.id)
    if (isClosed(record)) fates.set(item.index, fateOfClosed(item, record, false))
  }
}

/** An earlier request may have closed the records, and nobody can see that now. */
function unreadable (refusal: Fate | undefined): string {
  const message = refusal !== undefined && 'message' in refusal ? refusal.message : 'Connect refused the call.'
  return `${message} The record cannot be read: it may have been closed before.`
}

function isOfAccount (fate: Fate | undefined): boolean {
  return (
    fate !== undefined && 'code' in fate && (fate.code === 'CONNECT_FORBIDDEN' || fate.code === 'UPSTREAM_CREDENTIAL')
  )
}

/** Null: open, and Connect said nothing about why. */
function fateOf (item: Item, record: Found, { message, closedWith, mayBeOurs }: Doubt): Fate | null {
  if (typeof record === 'string' && closedWith !== undefined) return conflict(closedWith)
  if (record === 'unreadable') return unknown('Connect gave no clear answer, and the record cannot be read.')
  if (record === 'missing') {
    // A 404 alone may be that of a replica that lags, or of a gateway; with Connect's own words for the record it is
    // one story.
    return message === null
      ? unknown('Connect gave no clear answer, and does not find the record.')
      : { outcome: 'refused', code: 'NOT_FOUND', message }
  }
  if (isClosed(record)) {
    // Refused by name at the first send: the record was closed before that.
    const wasClosedBefore = message !== null && mayBeOurs !== true
    const fate = fateOfClosed(item, record, wasClosedBefore)
    return fate.outcome === 'closed' && wasClosedBefore ? { ...fate, already: true } : fate
  }
  return message === null ? null : { outcome: 'refused', code: 'CONNECT_REJECTED', message }
}

function isClosed (record: Found | undefined): record is UsageRecord {
  return typeof record === 'object' && identifier(record.status)?.toLowerCase() === 'closed'
}

/** A record that shows no billing id may have been closed by our own call, unless it was closed before that. */
function fateOfClosed (item: Item, record: UsageRecord, wasClosedBefore: boolean): Fate {
  const billingId = identifier(record.external_billing_id)
  if (billingId === item.externalBillingId) return { outcome: 'closed' }
  if (billingId !== null || (wasClosedBefore && record.external_billing_id !== undefined)) return conflict(billingId)
  return unknown('The record is closed without a billing id, and Connect did not say that it refused this one.')
}

function conflict (billingId: string | null): Fate {
  const how =
    billingId === null ? 'without a billing id' : `with the billing id ${redactText(billingId, 255) || NOT_SHOWN}`
  return { outcome: 'refused', code: 'BILLING_CONFLICT', message: `The record is closed ${how}.` }
}

function unknown (message: string): Fate {
  return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message }
}
