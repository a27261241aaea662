import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { asProvider, asVendor, startSandbox, until } from './helper.ts'
import type { Call, Teardown } from './helper.ts'
import { accepted, draft, header, ready } from './stories.ts'
import { path, registration, secret } from './webhooks-fixture.ts'

interface Received { method: string, headers: IncomingMessage['headers'], body: Record<string, unknown> | null }
interface Receiver { url: string, calls: Received[], isAt: (count: number) => Promise<void> }

type Answer = (response: ServerResponse, count: number) => void

/** A webhook handler on a port of its own. */
async function startReceiver (t: Teardown, answer: Answer = (response) => response.end('ok')): Promise<Receiver> {
  const calls: Received[] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    calls.push({ method: request.method ?? '', headers: request.headers, body: body === '' ? null : JSON.parse(body) })
    server.emit('call')
    answer(response, calls.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const isAt = async (count: number): Promise<void> => {
    const signal = AbortSignal.timeout(10_000)
    while (calls.length < count) await once(server, 'call', { signal })
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls, isAt }
}

/** The claims of a bearer token that the secret signed; throws for any other. */
function verified (received: Received | undefined, secret: string): { iat: number } {
  const [, head = '', claims = '', signature] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(received?.headers.authorization ?? '') ?? []
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString())
  if (alg !== 'HS256') throw new Error(`signed with ${alg}`)
  if (createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url') !== signature) {
    throw new Error('wrong signature')
  }
  return JSON.parse(Buffer.from(claims, 'base64url').toString())
}

async function register (call: Call, url: string, changes: Record<string, unknown> = {}): Promise<string> {
  const answer = await call('POST', path, { ...registration(url), ...changes })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.json.id
}

t.test('domain 6, 10.3.12: each change of a file is told to those who see it, signed and without its id', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const [ofVendor, ofProvider] = [await startReceiver(t), await startReceiver(t)]
  const id = await register(vendor, ofVendor.url)
  await register(provider, ofProvider.url, { jwt_secret: 'another' })
  const before = Math.floor(Date.now() / 1000)
  const file = await accepted(vendor, provider)
  await ofVendor.isAt(6)
  await ofProvider.isAt(2)
  const [first] = ofVendor.calls
  t.ok(verified(first, secret).iat >= before)
  t.throws(() => verified(first, 'another'), { message: 'wrong signature' })
  t.match(first, { method: 'POST', headers: { 'content-type': 'application/json', 'x-handler': 'usage' } })
  t.match(first?.body, {
    webhook_id: id,
    webhook_name: 'Usage of Fallball',
    object_class: 'usage_file',
    account_id: 'VA-100-200',
    product_id: header.product.id,
    api_url: sandbox.baseUrl,
    triggered_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/,
    last_success_at: null,
    last_failure_at: null,
    processing_timeout: 600
  })
  t.same(Object.keys(first?.body ?? {}).sort(), ['account_id', 'api_url', 'last_failure_at', 'last_success_at',
    'object_class', 'processing_timeout', 'product_id', 'triggered_at', 'webhook_id', 'webhook_name'])
  t.notMatch(JSON.stringify(ofVendor.calls), file)
  t.type(ofVendor.calls[1]?.body?.['last_success_at'], 'string')
  t.ok(verified(ofProvider.calls[0], 'another'))
  t.equal(ofProvider.calls[0]?.body?.['account_id'], 'PA-400-500')

  await vendor('POST', `${path}/${id}/trigger`)
  await ofVendor.isAt(7)
  await sandbox.app.close()
  t.equal(ofVendor.calls.length, 7, 'draft, uploading, processing, ready, pending, accepted, and the trigger')
  t.equal(ofProvider.calls.length, 2, 'pending and accepted')
})

t.test('a receiver that fails is called once, and told so with the next call', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const receiver = await startReceiver(t, (response, count) => {
    if (count === 1) response.writeHead(500).end()
    else if (count === 2) response.writeHead(307, { location: '/elsewhere' }).end()
    else response.end()
  })
  const id = await register(vendor, receiver.url)
  const read = async () => await vendor('GET', `${path}/${id}`)
  const seen = async (key: 'last_success' | 'last_failure') => await until(read, ({ json }) => json[key] !== undefined)
  await draft(vendor)
  const failed = await seen('last_failure')
  t.match(failed.json.last_failure, { status: 'failure', status_code: 500, errors: /500/, response: {} })
  t.equal(failed.json.last_success, undefined)
  for (let n = 0; n < 2; n += 1) await vendor('POST', `${path}/${id}/trigger`)
  t.match((await seen('last_success')).json, {
    stats: { events: 1, triggers: 2, success_triggers: 1, failure_triggers: 2, failure_since_last_success: 0 }
  })
  t.equal(receiver.calls.length, 3, 'neither tried again nor redirected')
  t.match(receiver.calls.map(({ body }) => body?.['last_failure_at']), [null, String, String])
  await vendor('PUT', `${path}/${id}`, { external_url: 'http://127.0.0.1:1/' })
  t.equal((await vendor('POST', `${path}/${id}/trigger`)).status, 200, 'nobody listens there')
})

t.test('a receiver that is silent holds up nothing and nobody', async (t) => {
  const sandbox = await startSandbox(t, { webhookTimeoutMs: 100 })
  const vendor = asVendor(sandbox)
  const silent = await startReceiver(t, () => {})
  const quick = await startReceiver(t)
  const id = await register(vendor, silent.url)
  await register(vendor, quick.url)
  await ready(vendor)
  await quick.isAt(4)
  t.ok(silent.calls.length < 4)
  await until(async () => await vendor('GET', `${path}/${id}`), ({ json }) => json.last_failure !== undefined)
  await silent.isAt(4)
})

t.test('what waits is bounded, and a stop waits for no receiver', async (t) => {
  const sandbox = await startSandbox(t, { webhookTimeoutMs: 600_000 })
  const vendor = asVendor(sandbox)
  const held: ServerResponse[] = []
  const receiver = await startReceiver(t, (response, count) => {
    if (count === 1 || count === 102) held.push(response)
    else response.end()
  })
  const id = await register(vendor, receiver.url)
  for (let n = 0; n < 150; n += 1) await vendor('POST', `${path}/${id}/trigger`)
  held[0]?.end()
  await receiver.isAt(101)
  await until(async () => await vendor('GET', `${path}/${id}`), ({ json }) => json.last_success !== undefined)
  await vendor('POST', `${path}/${id}/trigger`)
  await receiver.isAt(102)
  const start = performance.now()
  await sandbox.app.close()
  t.ok(performance.now() - start < 5_000)
  t.equal(receiver.calls.length, 102, 'one under way, a hundred waiting, and the last')
})

t.test('a webhook that is off, deleted or gone with a reset is not called, though its call waited', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const held: ServerResponse[] = []
  const receiver = await startReceiver(t, (response, count) => {
    if (count === 1) held.push(response)
    else response.end()
  })
  const off = await register(vendor, receiver.url, { active: false })
  await draft(vendor)
  t.equal((await vendor('POST', `${path}/${off}/trigger`)).status, 400)
  await vendor('PUT', `${path}/${off}`, { active: true })
  await draft(vendor)
  await draft(vendor)
  await receiver.isAt(1)
  t.equal((await vendor('DELETE', `${path}/${off}`)).status, 204)
  held[0]?.end()
  const next = await startReceiver(t)
  await register(vendor, next.url)
  await draft(vendor)
  await next.isAt(1)
  t.equal(receiver.calls.length, 1)
  await sandbox.reset()
  t.same((await vendor('GET', path)).list, [])
  await draft(vendor)
  await sandbox.app.close()
  t.equal(next.calls.length, 1)
})

t.test('GET carries the token and no body', async (t) => {
  const sandbox = await startSandbox(t)
  const receiver = await startReceiver(t)
  await register(asVendor(sandbox), `${receiver.url}?of=usage`, { http_method: 'GET' })
  await draft(asVendor(sandbox))
  await receiver.isAt(1)
  t.match(receiver.calls[0], { method: 'GET', body: null })
  t.ok(verified(receiver.calls[0], secret))
})
