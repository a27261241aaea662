import { choice, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Aggregate } from '../state/aggregates.ts'
import type { Chunk, Reconciliation, UsageRule, Webhook } from '../state/types.ts'
import type { Category } from '../workbooks/types.ts'

const searchable = { search: true }
const sortable = { search: true, ordering: true }

export const chunkCollection: Collection<Chunk> = {
  fields: {
    id: text((chunk) => chunk.id, searchable),
    'binding.hub.id': text((chunk) => chunk.hub.id, searchable),
    'provider.id': text((chunk) => chunk.file.contract.provider.id, searchable),
    status: choice(['draft', 'ready', 'closed', 'failed'], (chunk) => chunk.status),
    'usagefile.id': text((chunk) => chunk.file.id, sortable)
  }
}

export const reconciliationCollection: Collection<Reconciliation> = {
  fields: {
    'binding.hub.id': text((one) => one.chunk?.hub.id, searchable),
    'partusagefile.id': text((one) => one.chunk?.id, sortable),
    'partusagefile.provider.id': text((one) => one.chunk?.file.contract.provider.id, searchable),
    'usagefile.id': text((one) => one.file?.id, sortable)
  }
}

export const aggregateCollection: Collection<Aggregate> = {
  fields: {
    'asset.id': text(({ asset }) => asset.id, searchable),
    'asset.external_uid': text(({ asset }) => asset.externalUid, searchable),
    'item.id': text(({ item }) => item.id, searchable),
    'item.local_id': text(({ item }) => item.localId, searchable),
    'item.type': choice(['Reservation', 'PPU'], ({ item }) => item.type, searchable)
  }
}

export const ruleCollection: Collection<UsageRule> = {
  fields: {
    id: text((rule) => rule.id, searchable),
    action: choice(['accept', 'reject', 'manual'], (rule) => rule.action, searchable),
    'item.id': text((rule) => rule.item?.id, sortable),
    'item.name': text((rule) => rule.item?.name, searchable),
    rule: text((rule) => rule.rule, searchable),
    scope: choice(['record', 'file'], (rule) => rule.scope, searchable),
    status: choice(['active', 'deleted'], (rule) => rule.status, searchable)
  }
}

/** The values are any text. Like choices, they cannot be compared with null() or empty(). */
export const categoryCollection: Collection<Category> = {
  fields: {
    id: { lookups: 'choice', get: (category) => category.id, search: true },
    name: { lookups: 'choice', get: (category) => category.name, search: true, ordering: true }
  }
}

const freeText = (get: (webhook: Webhook) => string): Collection<Webhook>['fields'][string] =>
  ({ lookups: 'choice', get, search: true })

export const webhookCollection: Collection<Webhook> = {
  fields: {
    active: choice(['true', 'false'], (webhook) => String(webhook.active), { ordering: true }),
    description: text((webhook) => webhook.description, searchable),
    id: text((webhook) => webhook.id, searchable),
    label: freeText((webhook) => webhook.label),
    'product.id': text((webhook) => webhook.product.id, searchable),
    'product.name': freeText((webhook) => webhook.product.name),
    type: choice(['event'], () => 'event', { ordering: true })
  }
}
