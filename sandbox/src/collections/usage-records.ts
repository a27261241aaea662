import { choice, date, searchable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Store } from '../state/store.ts'
import type { UsageRecord } from '../state/types.ts'
import { schemas } from './usage-files.ts'

const statuses = ['valid', 'invalid', 'approved', 'rejected', 'closed']

export const recordCollection = (store: Store): Collection<UsageRecord> => ({
  fields: {
    'asset.id': text(record => record.asset?.id),
    'asset.external_id': text(record => record.asset?.externalId),
    'asset.external_uid': text(record => record.asset?.externalUid),
    asset_id: text(record => record.asset?.id, searchable),
    asset_external_id: text(record => record.asset?.externalId),
    asset_external_uid: text(record => record.asset?.externalUid),
    created_time: date(record => record.createdAt, { ordering: true, fixed: true }),
    start_date: date(record => record.start),
    end_date: date(record => record.end),
    usage_start_time: date(record => record.start, { ordering: true, fixed: true }),
    'hub.id': text(record => record.chunk?.hub.id),
    part_usage_file__hub__id: text(record => record.chunk?.hub.id),
    'item.id': text(record => record.item?.id),
    item_id: text(record => record.item?.id),
    'product.id': text(record => record.file.contract.product.id),
    product_id: text(record => record.file.contract.product.id, searchable),
    status: choice(statuses, record => record.status, { ordering: true, nullable: true }),
    usage_file: text(record => record.file.id, searchable),
    'usagefile.id': text(record => record.file.id, searchable),
    'usagefile.schema': choice(schemas, record => record.file.contract.product.schema, searchable)
  },
  narrow: (field, value) =>
    field === 'usagefile.id' || field === 'usage_file' ? (store.files.get(value)?.records ?? []) : null
})
