import { badRequest, ConnectError, notFound, wrongState } from '../connect-error.ts'
import { eventBy } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { seesProduct } from './access.ts'
import { asObject, textField } from './header.ts'
import type { Body } from './header.ts'
import { addEffect, newWebhookId } from './store.ts'
import type { Account, Actor, Webhook } from './types.ts'

type Settings = 'product' | 'label' | 'description' | 'url' | 'secret' | 'method' | 'active' | 'data' | 'headers'
type Fields = Partial<Pick<Webhook, Settings>>

export function findWebhook (sandbox: Sandbox, account: Account, id: string): Webhook {
  const webhook = sandbox.store.webhooks.get(id)
  if (!webhook || webhook.account !== account) throw notFound('Webhook')
  return webhook
}

export function createWebhook (sandbox: Sandbox, actor: Actor, input: unknown, apiUrl: string): Webhook {
  const fields = readFields(sandbox, actor.account, asObject(input))
  const { label, product, url, secret } = fields
  if (label === undefined) throw missing('label')
  if (!product) throw missing('product_id')
  if (url === undefined) throw missing('external_url')
  if (secret === undefined) throw missing('jwt_secret')
  const webhook: Webhook = {
    description: '',
    method: 'POST',
    active: true,
    data: {},
    headers: {},
    ...fields,
    label,
    product,
    url,
    secret,
    id: newWebhookId(sandbox.store),
    account: actor.account,
    apiUrl,
    created: eventBy(sandbox, actor),
    modified: null,
    lastEvent: null,
    lastSuccess: null,
    lastFailure: null,
    stats: { events: 0, triggers: 0, success: 0, failure: 0, failureSinceLastSuccess: 0 }
  }
  sandbox.store.webhooks.set(webhook.id, webhook)
  addEffect(sandbox.store, webhook.id, 'created')
  return webhook
}

/** Changes the members that the body gives. Connectors send `active` alone to switch a webhook on. */
export function updateWebhook (sandbox: Sandbox, actor: Actor, webhook: Webhook, input: unknown): void {
  Object.assign(webhook, readFields(sandbox, actor.account, asObject(input)), { modified: eventBy(sandbox, actor) })
  addEffect(sandbox.store, webhook.id, 'updated')
}

export function deleteWebhook (sandbox: Sandbox, webhook: Webhook): void {
  webhook.active = false
  sandbox.store.webhooks.delete(webhook.id)
  addEffect(sandbox.store, webhook.id, 'deleted')
}

/** Calls a webhook once, even if no file has changed. Throws a 400 for one that is not active. */
export function triggerWebhook (sandbox: Sandbox, webhook: Webhook): void {
  if (!webhook.active) throw wrongState('Webhook is not active.')
  webhook.stats.triggers += 1
  sandbox.webhookCalls.add(webhook)
  addEffect(sandbox.store, webhook.id, 'triggered')
}

const missing = (name: string): ConnectError => badRequest(`${name}: This field is required.`)

function readFields (sandbox: Sandbox, account: Account, body: Body): Fields {
  // Connect has more object classes and types of webhooks. Only these concern usage.
  requireChoice(body, 'object_class', ['usage_file'])
  requireChoice(body, 'type', ['event'])
  const method = requireChoice(body, 'http_method', ['GET', 'POST'] as const)
  const fields: Fields = {}
  const label = textField(body, 'label', 100)
  const description = textField(body, 'description', 2000)
  const secret = textField(body, 'jwt_secret', 100)
  const url = textField(body, 'external_url', 4096)
  const productId = textField(body, 'product_id', 100)
  if (method) fields.method = method
  if (label != null) fields.label = label === '' ? fail('label: This field may not be blank.') : label
  if (description != null) fields.description = description
  if (secret != null) fields.secret = secret === '' ? fail('jwt_secret: This field may not be blank.') : secret
  if (url != null) fields.url = isCallable(url) ? url : fail('external_url: Enter a valid URL.')
  if (productId != null) {
    const product = sandbox.store.products.get(productId)
    if (!product || !seesProduct(sandbox.store, account, product)) {
      throw badRequest(`product_id: ${productId} does not exist.`)
    }
    fields.product = product
  }
  if (body['active'] !== undefined) {
    fields.active = typeof body['active'] === 'boolean' ? body['active'] : fail('active: Must be a valid boolean.')
  }
  if (body['data'] !== undefined) fields.data = asObject(body['data'])
  if (body['headers'] !== undefined) fields.headers = headersOf(body['headers'])
  return fields
}

function fail (message: string): never {
  throw badRequest(message)
}

function requireChoice<T extends string> (body: Body, name: string, choices: readonly T[]): T | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  return choices.find((one) => one === value) ?? fail(`${name}: Not a valid choice.`)
}

/** Whether a webhook can be called at an address: http or https, without credentials, which `fetch` refuses. */
function isCallable (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}

function headersOf (input: unknown): Record<string, string> {
  const headers = asObject(input)
  for (const value of Object.values(headers)) {
    if (typeof value !== 'string') throw badRequest('headers: Not a valid string.')
  }
  try {
    return Object.fromEntries(new Headers(headers as Record<string, string>))
  } catch {
    throw badRequest('headers: Not a valid header.')
  }
}
