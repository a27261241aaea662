import { CHUNK_STATUSES, type UsageChunk } from '../../../schemas/usage-chunk.ts'
import type { Page, UsageRecordFilter } from '../../connect/filters.ts'
import type * as Connect from '../../connect/types.ts'
import type { Role } from '../../credentials/callers.ts'
import { digestOf, type Trace } from './attempt.ts'
import { chunkActions, type ChunkAction } from '../actions.ts'
import { confirmWrite, notShown } from './confirm-write.ts'
import { fieldsOf, identifier, oneOf, time } from '../mapping/normalize.ts'
import { readPages, type Window } from '../paging.ts'
import { sendWrite, type Obstacle, type Write } from './send-write.ts'
import { toUsageChunk } from '../mapping/usage-chunk.ts'

export interface ChunkActionPlan extends Omit<Write<Connect.UsageChunk>, 'obstacle' | 'trace' | 'isDone'> {
  isDone: ChunkEffect
  /** Of a chunk that shows the effect: whether it is that of this request. */
  isOurs?: (chunk: Connect.UsageChunk) => Promise<boolean>
  id: string
  action: ChunkAction
  role: Role
}

/** Does something to a chunk and gives the chunk as it is afterwards. */
export async function performChunkAction (plan: ChunkActionPlan): Promise<UsageChunk> {
  const { id, action, role, read, isDone, isOurs } = plan
  const answer = await sendWrite({
    ...plan,
    isDone: async (chunk) => {
      const done = isDone(chunk)
      return done === true && isOurs !== undefined && !await isOurs(chunk) ? null : done
    },
    trace: chunkTrace,
    obstacle: chunk => obstacle(chunk, action, role)
  })
  const chunk = await confirmWrite({
    whole: answer !== null && isWhole(id, answer) ? answer : null,
    answer,
    read,
    // A chunk is made again later than at once, if not in no time.
    isUndone: chunk => action !== 'regenerate' && isDone(chunk) === false
  })
  if (chunk === null && action === 'update' && (answer === null || isDone(answer) !== true)) throw notShown()
  return toUsageChunk(chunk ?? { ...answer, id }, role)
}

type ChunkEffect = (chunk: Connect.UsageChunk) => boolean | null

export const hasExternalId = (externalId: string): ChunkEffect => chunk =>
  chunk.external_id === undefined ? null : (identifier(chunk.external_id) ?? '') === externalId

/**
 * A chunk does not show the billing id it was closed with, so only a closing that was not there before counts as ours,
 * and one without a time tells nothing.
 */
export const isClosedSince = (before: Trace | null): ChunkEffect => (chunk) => {
  if (statusOf(chunk) !== 'closed') return statusOf(chunk) === null ? null : false
  const at = closedAt(chunk)
  if (before === null) return null
  if (at !== null && at !== before['closedAt']) return true
  return before['status'] === 'closed' ? false : null
}

/** A list of records that is longer is not searched to its end: the outcome stays unknown. */
const MAX_SEARCHED_PAGES = 50

/**
 * A chunk does not show the billing id it was closed with, but its records do: whether those that its closing closed
 * have this one. They are closed when the chunk is or right after, and records that were closed singly are closed
 * before it. So the first record that is found with such a time tells; where none has one, the record closed last does.
 * Reads page by page and holds one record; false for what cannot be told.
 */
export const isClosedWith =
  (billingId: string, list: (filter: UsageRecordFilter, window: Window) => Promise<Page<Connect.UsageRecord>>) =>
    async (chunk: Connect.UsageChunk): Promise<boolean> => {
      const [file, hub] = [
        identifier(fieldsOf(chunk.usagefile)?.['id']),
        identifier(fieldsOf(fieldsOf(chunk.binding)?.['hub'])?.['id'])
      ]
      if (file === null || hub === null) return false
      const filter = { 'usagefile.id': file, 'hub.id': hub, status: 'closed' } as const
      const chunkClosedAt = Date.parse(closedAt(chunk) ?? '')
      let last: Connect.UsageRecord | null = null
      let isKnown = false
      let firstId: unknown = null
      let pages = 0
      await readPages(
        async window => await list(filter, window),
        records => {
          for (const record of records) {
            if (last === null || closingTime(record) >= closingTime(last)) last = record
          }
          isKnown = last !== null && closingTime(last) >= chunkClosedAt
          pages += 1
          if (isKnown || pages === MAX_SEARCHED_PAGES) return 'enough'
          const isRepeated = records[0]?.id === firstId
          firstId = records[0]?.id
          return isRepeated ? 0 : records.length
        }
      )
      if (!isKnown && pages === MAX_SEARCHED_PAGES) return false
      return last !== null && identifier((last as Connect.UsageRecord).external_billing_id) === billingId
    }

const closingTime = (record: Connect.UsageRecord): number => Date.parse(time(record.closed_at) ?? '') || 0

/** Work that is over already leaves no trace that could be told from earlier work. */
export const isRegenerating =
  (before: Trace | null): ChunkEffect =>
    chunk =>
      before !== null &&
    ((statusOf(chunk) === 'draft' && before['status'] !== 'draft') ||
      (before['outdated'] === 'true' && chunk.outdated === false))

export function chunkTrace (chunk: Connect.UsageChunk): Trace {
  const events = Object.entries(fieldsOf(chunk.events) ?? {}).map(([name, event]): [string, unknown] => [
    name,
    fieldsOf(event)?.['at']
  ])
  return {
    status: statusOf(chunk),
    closedAt: closedAt(chunk),
    outdated: String(chunk.outdated === true),
    rest: digestOf(chunk.status, chunk.external_id, events.sort())
  }
}

function obstacle (chunk: Connect.UsageChunk, action: ChunkAction, role: Role): Obstacle | null {
  const status = statusOf(chunk)
  const actions = chunkActions(status, role)
  if (status === null || actions.includes(action)) return null
  return { detail: `The chunk is ${status}: ${action} is not possible now.`, extra: { currentStatus: status, actions } }
}

function isWhole (id: string, chunk: Connect.UsageChunk): boolean {
  return chunk.id === id && statusOf(chunk) !== null && fieldsOf(chunk.usagefile) !== null
}

function statusOf (chunk: Connect.UsageChunk): UsageChunk['status'] {
  return oneOf(CHUNK_STATUSES, chunk.status)
}

function closedAt (chunk: Connect.UsageChunk): string | null {
  return time(fieldsOf(fieldsOf(chunk.events)?.['closed'])?.['at'])
}
