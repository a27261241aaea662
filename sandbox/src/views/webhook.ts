import type { Webhook, WebhookCall, User } from '../state/types.ts'
import type { View } from './common.ts'

/** Gives the JSON of a webhook. It has the secret, too, by which a connector finds its own webhook. */
export const webhookView = (webhook: Webhook): View => ({
  id: webhook.id,
  type: 'event',
  object_class: 'usage_file',
  label: webhook.label,
  active: webhook.active,
  external_url: webhook.url,
  jwt_secret: webhook.secret,
  description: webhook.description,
  http_method: webhook.method,
  product: { id: webhook.product.id, name: webhook.product.name, icon: webhook.product.icon },
  data: webhook.data,
  headers: webhook.headers,
  api_url: webhook.apiUrl,
  account: { id: webhook.account.id, name: webhook.account.name },
  created_at: webhook.created.at,
  created_by: userView(webhook.created.by),
  modified_at: webhook.modified?.at ?? null,
  modified_by: userView(webhook.modified?.by ?? null),
  earliest_possible_trigger: null,
  stats: {
    events: webhook.stats.events,
    triggers: webhook.stats.triggers,
    success_triggers: webhook.stats.success,
    failure_triggers: webhook.stats.failure,
    failure_since_last_success: webhook.stats.failureSinceLastSuccess
  },
  last_event: webhook.lastEvent,
  last_success: callView(webhook.lastSuccess),
  last_failure: callView(webhook.lastFailure)
})

const userView = (user: User | null): View | undefined => user ? { id: user.id, name: user.name } : undefined

const callView = (call: WebhookCall | null): View | undefined => call === null
  ? undefined
  : {
      time: call.time,
      response: {},
      duration: call.duration,
      status: call.error === '' ? 'success' : 'failure',
      status_code: call.statusCode,
      errors: call.error
    }
