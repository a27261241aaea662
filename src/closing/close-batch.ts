import { identifier } from '../usage/normalize.ts'
import type { Fate, Item } from './outcome.ts'
import type { Pace } from './pace.ts'
import type { Found, ReadBack } from './read-back.ts'
import { sendBatch, type Answer, type Sender } from './send-batch.ts'

/**
 * Closes a batch and learns the fate of every record in it. What the answer leaves open is read back; what is still
 * open then, without a word of refusal, is sent once more, and read back once more.
 *
 * The second send is safe as far as Connect refuses to close a record twice; that it does is not documented.
 */
export async function closeBatch (items: readonly Item[], pace: Pace, sender: Sender, readBack: ReadBack): Promise<Fate[]> {
  const fates = new Map<number, Fate>()
  const again = await judge(items, await sendBatch(items, pace, sender), fates, readBack)
  if (again.length > 0) {
    const answers = (await sendBatch(again, pace, sender)).map(answer => 'code' in answer ? { ...answer, message: SECOND_CALL[answer.code] ?? answer.message } : answer)
    const still = await judge(again, answers, fates, readBack)
    for (const item of still) fates.set(item.index, { outcome: 'refused', code: 'NOT_CLOSED', message: 'Connect left the record open, twice.' })
  }
  return items.map(item => fates.get(item.index) ?? unknown('Nothing is known of the record.'))
}

/** That nothing was taken is true of the second call only. */
const SECOND_CALL: Partial<Record<string, string>> = {
  UPSTREAM_THROTTLED: 'Connect left the record open, and is throttling further calls.',
  UPSTREAM_UNREACHABLE: 'Connect left the record open, and could not be reached again.',
  OVERLOADED: 'Connect left the record open, and too many calls to it were running for another one.'
}

/** Enters the fates that are certain, reads the doubtful records back, and gives those that are open for no stated reason. */
async function judge (items: readonly Item[], answers: readonly Answer[], fates: Map<number, Fate>, readBack: ReadBack): Promise<Item[]> {
  const doubtful = new Map<Item, string | null>()
  for (const [i, item] of items.entries()) {
    const answer = answers[i] ?? { outcome: 'doubtful', message: null }
    if (answer.outcome === 'doubtful') doubtful.set(item, answer.message)
    else fates.set(item.index, answer)
  }
  if (doubtful.size === 0) return []
  const found = await readBack.read([...doubtful.keys()].map(item => item.id))
  const open: Item[] = []
  for (const [item, message] of doubtful) {
    const fate = fateOf(item, found.get(item.id) ?? 'unreadable', message)
    if (fate === null) open.push(item)
    else fates.set(item.index, fate)
  }
  return open
}

/** Null: open, and nobody said why. */
function fateOf (item: Item, record: Found, message: string | null): Fate | null {
  if (record === 'unreadable') return unknown('Connect gave no clear answer, and the record cannot be read.')
  if (record === 'missing') {
    // A 404 alone may be that of a replica that lags, or of a gateway; with Connect's own words for the record it is one story.
    return message === null ? unknown('Connect gave no clear answer, and does not find the record.') : { outcome: 'refused', code: 'CONNECT_REJECTED', message }
  }
  if (identifier(record.status)?.toLowerCase() === 'closed') {
    const billingId = identifier(record.external_billing_id) ?? ''
    if (billingId === item.externalBillingId) return { outcome: 'closed' }
    return { outcome: 'refused', code: 'BILLING_CONFLICT', message: billingId === '' ? 'The record is closed without a billing id.' : `The record is closed with the billing id ${billingId}.` }
  }
  return message === null ? null : { outcome: 'refused', code: 'CONNECT_REJECTED', message }
}

function unknown (message: string): Fate {
  return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', message }
}
