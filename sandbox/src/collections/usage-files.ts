import { choice, searchable, sortable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { UsageFile } from '../state/types.ts'

export const schemas = ['tr', 'pr', 'qt', 'cr']
const statuses = ['draft', 'uploading', 'uploaded', 'invalid', 'processing', 'ready', 'rejected', 'pending', 'accepted',
  'closed', 'deleted']

export const fileCollection: Collection<UsageFile> = {
  fields: {
    id: text((file) => file.id, sortable),
    name: text((file) => file.name, searchable),
    external_id: text((file) => file.externalId ?? '', searchable),
    status: choice(statuses, (file) => file.status, { ordering: true }),
    schema: choice(schemas, (file) => file.contract.product.schema, sortable),
    environment: choice(['test', 'preview', 'production'], (file) => file.contract.environment, sortable),
    'created.at': { lookups: 'dateRange', get: (file) => file.events.created?.at, ordering: true },
    'contract.id': text((file) => file.contract.id, searchable),
    'contract.name': text((file) => file.contract.name, sortable),
    'marketplace.id': text((file) => file.contract.marketplace.id, searchable),
    'marketplace.name': text((file) => file.contract.marketplace.name, sortable),
    'product.id': text((file) => file.contract.product.id, searchable),
    'product.name': text((file) => file.contract.product.name, sortable),
    'provider.id': text((file) => file.contract.provider.id, searchable),
    'provider.name': text((file) => file.contract.provider.name, sortable),
    'vendor.id': text((file) => file.contract.product.vendor.id, searchable),
    'vendor.name': text((file) => file.contract.product.vendor.name, sortable),
    distribution_contract_id: text((file) => file.contract.id, searchable),
    marketplace_id: text((file) => file.contract.marketplace.id, searchable),
    product_id: text((file) => file.contract.product.id, searchable),
    provider_id: text((file) => file.contract.provider.id, searchable),
    vendor_id: text((file) => file.contract.product.vendor.id, searchable)
  }
}
