import { choice, freeText, searchable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Webhook } from '../state/types.ts'

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
