import { Type } from 'typebox'
import { pattern } from './patterns.ts'

export const WebhookParams = Type.Object({
  account: Type.String({
    ...pattern('^[\\w.-]{1,64}$', 'must be the name of an account'),
    description: 'Name of the account in the callers file of this service.',
    examples: ['acme']
  })
}, { additionalProperties: false })

const WebhookCall = Type.Object({}, {
  title: 'ConnectWebhookCall',
  additionalProperties: true,
  description: 'What Connect sends. It names no usage file, and nothing in it is used.',
  examples: [{
    webhook_id: 'WB-000-000-001',
    webhook_name: 'Usage',
    object_class: 'usage_file',
    account_id: 'PA-400-500',
    product_id: 'PRD-276-377-545',
    triggered_at: '2026-11-02T09:15:00+00:00'
  }]
})

export const webhookBody = {
  description: 'The call of the webhook, at most 16 KiB.', content: { 'application/json': { schema: WebhookCall } }
}
