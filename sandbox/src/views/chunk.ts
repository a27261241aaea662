import type { Chunk } from '../state/types.ts'
import { accountView, bindingView, eventsView, fileReference, marketplaceView } from './common.ts'
import type { View } from './common.ts'

export function chunkView (chunk: Chunk): View {
  const { contract } = chunk.file
  let accepted = 0
  let closed = 0
  let billed = 0
  for (const { status, billingId } of chunk.records) {
    if (status === 'approved') accepted += 1
    if (status === 'closed') closed += 1
    if (status === 'closed' && billingId !== null) billed += 1
  }
  return {
    id: chunk.id,
    status: chunk.status,
    outdated: chunk.outdated !== null,
    usagefile: fileReference(chunk.file),
    binding: bindingView(chunk.hub),
    marketplace: marketplaceView(contract.marketplace),
    provider: accountView(contract.provider),
    external_id: chunk.externalId ?? '',
    error: chunk.error === null ? undefined : { detail: chunk.error },
    events: eventsView(chunk.events),
    stats: { uploaded: chunk.records.length, validated: 0, pending: 0, accepted, closed, billed }
  }
}
