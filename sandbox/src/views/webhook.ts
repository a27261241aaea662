import type { Webhook } from '../state/types.ts'
import type { View } from './common.ts'

/** With its secret: a connector finds its own webhook by it. */
export const webhookView = (webhook: Webhook): View => ({
  id: webhook.id,
  label: webhook.label,
  description: webhook.description,
  type: 'event',
  object_class: 'usage_file',
  product: { id: webhook.product.id, name: webhook.product.name },
  external_url: webhook.url,
  jwt_secret: webhook.secret,
  http_method: webhook.method,
  active: webhook.active,
  data: webhook.data,
  headers: webhook.headers,
  last_success_at: webhook.lastSuccessAt,
  last_failure_at: webhook.lastFailureAt
})
