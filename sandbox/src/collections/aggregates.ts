import { choice, searchable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Aggregate } from '../state/aggregates.ts'

export const aggregateCollection: Collection<Aggregate> = {
  fields: {
    'asset.id': text(({ asset }) => asset.id, searchable),
    'asset.external_uid': text(({ asset }) => asset.externalUid, searchable),
    'item.id': text(({ item }) => item.id, searchable),
    'item.local_id': text(({ item }) => item.localId, searchable),
    'item.type': choice(['Reservation', 'PPU'], ({ item }) => item.type, searchable)
  }
}
