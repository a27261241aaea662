import { header } from './stories.ts'

export const path = '/notifications/webhooks'
export const secret = 'a secret that both sides know'

export const registration = (url: string): Record<string, unknown> => ({
  label: 'Usage of Fallball',
  object_class: 'usage_file',
  type: 'event',
  product_id: header.product.id,
  external_url: url,
  jwt_secret: secret,
  http_method: 'POST',
  data: { stage: 'test' },
  headers: { 'x-handler': 'usage' }
})
