import { CHUNK_STATUSES, type UsageChunk } from '../../schemas/usage-chunk.ts'
import type * as Connect from '../connect/types.ts'
import { chunkActions, type ChunkAction, type Role } from './actions.ts'
import { confirmWrite } from './confirm-write.ts'
import { fieldsOf, identifier, oneOf, time } from './normalize.ts'
import { sendWrite, type Obstacle, type Write } from './send-write.ts'
import { toUsageChunk } from './usage-chunk.ts'

export interface ChunkActionPlan extends Omit<Write<Connect.UsageChunk>, 'obstacle'> {
  id: string
  action: ChunkAction
  role: Role
}

/** Does something to a chunk and gives the chunk as it is afterwards. */
export async function performChunkAction (plan: ChunkActionPlan): Promise<UsageChunk> {
  const { id, action, role, read, isDone } = plan
  const answer = await sendWrite({ ...plan, obstacle: chunk => obstacle(chunk, action, role) })
  const chunk = await confirmWrite({
    whole: answer !== null && isWhole(id, answer) ? answer : null,
    read,
    // A chunk is made again later than at once, if not in no time.
    isUndone: chunk => action !== 'regenerate' && isDone(chunk) === false
  })
  return toUsageChunk(chunk ?? { ...answer, id }, role)
}

type ChunkEffect = (chunk: Connect.UsageChunk) => boolean | null

/** Connect trims what it stores. */
export const hasExternalId = (externalId: string): ChunkEffect => chunk =>
  chunk.external_id === undefined ? null : identifier(chunk.external_id)?.trim() === externalId.trim()

/**
 * A chunk does not show the billing id it was closed with, so only a closing that was not there before counts as ours,
 * and one without a time tells nothing.
 */
export const isClosedSince = (before: Connect.UsageChunk): ChunkEffect => (chunk) => {
  if (statusOf(chunk) !== 'closed') return statusOf(chunk) === null ? null : false
  const [then, now] = [closedAt(before), closedAt(chunk)]
  if (now !== null && now !== then) return true
  return statusOf(before) === 'closed' ? false : null
}

/** Work that is over already leaves no trace that could be told from earlier work. */
export const isRegenerating = (before: Connect.UsageChunk): ChunkEffect => chunk =>
  (statusOf(chunk) === 'draft' && statusOf(before) !== 'draft') || (before.outdated === true && chunk.outdated === false)

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
