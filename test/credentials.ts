import { createHmac } from 'node:crypto'
import { SCOPES_BY_ROLE, type Actor } from '../src/credentials/callers.ts'

export const VENDOR_KEY = 'test-vendor-key-0123456789'
export const PROVIDER_KEY = 'test-provider-key-0123456789'
/** The secret of the webhooks of both accounts. */
export const WEBHOOK_SECRET = 'canary-webhook-secret-0123456789'

/** A caller of each role with all scopes of the role. */
export const VENDOR: Actor = { role: 'vendor', scopes: SCOPES_BY_ROLE.vendor }
export const PROVIDER: Actor = { role: 'provider', scopes: SCOPES_BY_ROLE.provider }

/** Signs a token as Connect does for the call of a webhook. */
export function webhookToken (
  claims: object = { iat: Math.floor(Date.now() / 1000) }, secret = WEBHOOK_SECRET, head: object = { alg: 'HS256' }
): string {
  const signed = [head, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
