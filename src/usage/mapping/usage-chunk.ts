import { CHUNK_STATUSES, type UsageChunk } from '../../../schemas/usage-chunk.ts'
import { USAGE_SCHEMAS } from '../../../schemas/common.ts'
import type * as Connect from '../../connect/types.ts'
import type { Actor } from '../../credentials/callers.ts'
import { chunkActions } from '../actions.ts'
import { createdAt, readEvents } from './events.ts'
import {
  errorDetail, fieldsOf, iconReference, identifier, oneOf, reference, requiredId, stats, text, type Fields
} from './normalize.ts'
import { chunkPath } from './paths.ts'

export function toUsageChunk (chunk: Connect.UsageChunk, actor: Actor): UsageChunk {
  const given = chunk as Fields
  const file = fieldsOf(given['usagefile'])
  const binding = fieldsOf(given['binding'])
  const id = requiredId(given, 'chunk')
  const status = oneOf(CHUNK_STATUSES, given['status'])
  const events = readEvents(given)
  const hasWorkbook = status === 'ready' || status === 'closed'
  return {
    id,
    fileId: identifier(file?.['id']),
    fileName: text(file?.['name']),
    schema: oneOf(USAGE_SCHEMAS, file?.['schema']),
    status,
    outdated: given['outdated'] === true,
    externalId: identifier(given['external_id']),
    hub: reference(binding?.['hub']),
    hubExternalId: identifier(binding?.['external_id']),
    marketplace: iconReference(given['marketplace']),
    provider: iconReference(given['provider']),
    errorDetail: errorDetail(given),
    stats: stats(given['stats']),
    events,
    actions: chunkActions(status, actor),
    files: { chunk: hasWorkbook ? `${chunkPath(id)}/file` : null },
    createdAt: createdAt(events)
  }
}
