import { CHUNK_STATUSES, type UsageChunk } from '../../../schemas/usage-chunk.ts'
import type { CloseUsageRecordBody } from '../../../schemas/usage-record.ts'
import type * as Connect from '../../connect/types.ts'
import { chunkActions, type ChunkAction } from '../actions.ts'
import { fieldsOf, identifier, oneOf, time } from '../mapping/normalize.ts'
import { toUsageChunk } from '../mapping/usage-chunk.ts'
import { instant } from './compare.ts'
import { digestOf, type Snapshot } from './snapshot.ts'
import { isClosedWith } from './chunk-billing.ts'
import { billingBody } from './close-record.ts'
import { notShown } from './confirm-success.ts'
import type { SimpleWrite } from './engine.ts'

interface ChunkInput { readonly chunkId: string }
type ChunkWrite<Given> = SimpleWrite<ChunkInput & Given, Connect.UsageChunk, UsageChunk>

function chunkWrite<Given = unknown> (
  action: ChunkAction,
  write: Pick<ChunkWrite<Given>, 'operationId' | 'send' | 'shows' | 'denies'> & Partial<ChunkWrite<Given>>
): ChunkWrite<Given> {
  return {
    toldBy: 'status, fields and times of the chunk',
    nextRequestSends: 'when it is as before',
    resend: 'nothing',
    readsFirst: false,
    explainsLostRefusals: false,
    read: async ({ connect, input, context }) => await connect.usageChunks.get(input.chunkId, context),
    snapshot: chunkSnapshot,
    obstacle: (chunk, { context: { actor } }) => {
      const status = statusOf(chunk)
      const actions = chunkActions(status, actor)
      if (status === null || actions.includes(action)) return null
      const detail = `The chunk is ${status}: ${action} is not possible now.`
      return { detail, extra: { currentStatus: status, actions } }
    },
    isWhole: (answer, { input }) =>
      answer.id === input.chunkId && statusOf(answer) !== null && fieldsOf(answer.usagefile) !== null,
    show: (chunk, { context }) => toUsageChunk(chunk, context.actor),
    showUnread: (answer, { context, input }) => toUsageChunk({ ...answer, id: input.chunkId }, context.actor),
    ...write
  }
}

/** Changes the external id of a chunk. An empty text removes the external id: Connect takes no null here. */
export const UPDATE_CHUNK = chunkWrite<{ readonly externalId: string }>('update', {
  operationId: 'updateUsageChunk',
  resend: 'a failure',
  send: async ({ connect, input }, context) =>
    await connect.usageChunks.update(input.chunkId, { external_id: input.externalId }, context),
  shows: (chunk, { input }) => hasExternalId(chunk, input.externalId),
  denies: (chunk, { input }) => hasExternalId(chunk, input.externalId) === false,
  showUnread: (answer, { context, input }) => {
    if (answer === null || hasExternalId(answer, input.externalId) !== true) throw notShown()
    return toUsageChunk({ ...answer, id: input.chunkId }, context.actor)
  }
})

/**
 * A chunk does not show with which billing id it was closed. So when it shows a new closing, its usage records are
 * read. If they do not show this billing id, nothing tells the outcome.
 */
export const CLOSE_CHUNK = chunkWrite<{ readonly billing: CloseUsageRecordBody }>('close', {
  operationId: 'closeUsageChunk',
  readsFirst: true,
  send: async ({ connect, input }, context) =>
    await connect.usageChunks.close(input.chunkId, billingBody(input.billing), context),
  shows: async (chunk, { connect, input, context, before }) => {
    const isClosed = isClosedSince(chunk, before)
    if (isClosed !== true) return isClosed
    const isOurs = await isClosedWith(chunk, input.billing.externalBillingId, async (filter, window) =>
      await connect.usageRecords.list({ filter, sort: ['created_time'], ...window }, context))
    return isOurs ? true : null
  },
  // A closed chunk stays closed, so after a success Connect must show `closed`, and not the closing from before.
  denies: (chunk, { before }) => statusOf(chunk) !== 'closed' || isClosedSince(chunk, before) === false
})

/**
 * Connect may begin the work later, so no state of the chunk contradicts a success. Finished work looks like earlier
 * work, so only a chunk that became `draft`, or is no longer `outdated`, shows the effect.
 */
export const REGENERATE = chunkWrite('regenerate', {
  operationId: 'regenerateUsageChunk',
  toldBy: 'work that is under way',
  nextRequestSends: 'no',
  readsFirst: true,
  send: async ({ connect, input }, context) => await connect.usageChunks.regenerate(input.chunkId, context),
  shows: (chunk, { before }) => before !== null &&
    ((statusOf(chunk) === 'draft' && before['status'] !== 'draft') ||
      (before['outdated'] === 'true' && chunk.outdated === false)),
  denies: () => false
})

export const CHUNK_WRITES = [UPDATE_CHUNK, CLOSE_CHUNK, REGENERATE]

function hasExternalId (chunk: Connect.UsageChunk, externalId: string): boolean | null {
  return chunk.external_id === undefined ? null : (identifier(chunk.external_id) ?? '') === externalId
}

/** Whether a chunk shows a closing that was not there before. Null when the chunk cannot tell. */
function isClosedSince (chunk: Connect.UsageChunk, before: Snapshot | null): boolean | null {
  if (statusOf(chunk) !== 'closed') return statusOf(chunk) === null ? null : false
  const at = closedAt(chunk)
  if (before === null) return null
  const earlier = before['closedAt'] ?? null
  if (at !== null && (earlier === null || earlier < at)) return true
  return before['status'] === 'closed' ? false : null
}

function chunkSnapshot (chunk: Connect.UsageChunk): Snapshot {
  const events = Object.entries(fieldsOf(chunk.events) ?? {}).map(([name, event]): [string, unknown] => [
    name,
    instant(fieldsOf(event)?.['at'])
  ])
  return {
    status: statusOf(chunk),
    closedAt: closedAt(chunk),
    outdated: String(chunk.outdated === true),
    rest: digestOf(chunk.status, chunk.external_id, events.sort())
  }
}

function statusOf (chunk: Connect.UsageChunk): UsageChunk['status'] {
  return oneOf(CHUNK_STATUSES, chunk.status)
}

function closedAt (chunk: Connect.UsageChunk): string | null {
  const at = fieldsOf(fieldsOf(chunk.events)?.['closed'])?.['at']
  return time(at) === null ? null : instant(at)
}
