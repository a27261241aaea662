import { choice, searchable, sortable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Chunk } from '../state/types.ts'

export const chunkCollection: Collection<Chunk> = {
  fields: {
    id: text((chunk) => chunk.id, searchable),
    'binding.hub.id': text((chunk) => chunk.hub.id, searchable),
    'provider.id': text((chunk) => chunk.file.contract.provider.id, searchable),
    status: choice(['draft', 'ready', 'closed', 'failed'], (chunk) => chunk.status),
    'usagefile.id': text((chunk) => chunk.file.id, sortable)
  }
}
