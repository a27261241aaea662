import t from 'tap'
import { NO_CALLERS } from '../../src/credentials/callers-file.ts'
import { asProvider as providerOf, asVendor as vendorOf } from '../../sandbox/test/helper.ts'
import { pending } from '../../sandbox/test/stories.ts'
import { makeKey, tokenOf } from '../credentials/issuer.ts'
import { WEBHOOK_SECRET, webhookToken } from '../credentials.ts'
import { asVendor, startApp, startBoth, testCallers, until, type StartedApp } from '../helper.ts'
import { fileIdOf, startFakeConnect } from './fake-connect.ts'

const PATH = '/v1/connect-webhooks/vendor'
const GAP = 40
/** A pause between two lists that a webhook makes much shorter, also on a busy machine, in milliseconds. */
const LONG_PAUSE = 700
const now = (): number => Math.floor(Date.now() / 1000)

interface CallOptions { path?: string, headers?: Record<string, string>, body?: string }

/** Calls the webhook of the vendor's account with a token. */
async function call (
  { origin }: StartedApp, token: string | null, { path = PATH, headers = {}, body = '{}' }: CallOptions = {}
): Promise<{ status: number, code: string | undefined, challenge: string | null }> {
  const response = await fetch(origin + path, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }), ...headers
    }
  })
  const text = await response.text()
  return {
    status: response.status,
    code: text === '' ? undefined : (JSON.parse(text) as { code: string }).code,
    challenge: response.headers.get('www-authenticate')
  }
}

t.test('a webhook that Connect sends makes the service look at once, so a waiter is answered sooner', async (t) => {
  const both = await startBoth(t, {}, { watchGapMs: LONG_PAUSE / 5 })
  const { sandbox, origin } = both
  const [vendor, provider] = [vendorOf(sandbox), providerOf(sandbox)]
  const id = await pending(vendor)
  const file = `${origin}/v1/usage-files/${id}`
  const tag = (await fetch(file, { headers: asVendor })).headers.get('etag') ?? ''
  const waited = fetch(file, { headers: { ...asVendor, prefer: 'wait=50', 'if-none-match': tag } })
  const listsAt = (): number[] => sandbox.ledger.entries
    .filter(({ method, path, query }) => method === 'GET' && path.endsWith('/usage/files') && query.includes(id))
    .map(({ at }) => Date.parse(at))
  const pauses = (): number[] => listsAt().map((at, n, all) => at - (all[n - 1] ?? at)).slice(1)
  const isQuiet = (): boolean => (pauses().at(-1) ?? 0) >= LONG_PAUSE
  await until(isQuiet, 'a service that asks less often because nothing happens', 30_000)
  const webhook = await vendor('POST', '/notifications/webhooks', {
    label: 'Usage',
    object_class: 'usage_file',
    type: 'event',
    product_id: 'PRD-276-377-545',
    external_url: `${origin}${PATH}`,
    jwt_secret: WEBHOOK_SECRET,
    http_method: 'POST'
  })
  t.equal(webhook.status, 201)
  const count = listsAt().length
  await until(() => listsAt().length > count, 'the next list')
  await provider('POST', `/usage/files/${id}/accept`)
  const answer = await waited
  t.equal((await answer.json() as { status: string }).status, 'accepted')
  // Without a webhook, no pause is shorter than the one before it.
  t.ok(pauses().at(-1)! < pauses().at(-2)! - GAP, `the last pauses: ${pauses().slice(-2).join(', ')} ms`)
  const told = async (): Promise<boolean> =>
    (await vendor('GET', `/notifications/webhooks/${webhook.json.id}`)).json.last_success !== undefined
  await until(told, 'a webhook that was taken')
})

t.test('it is off for an account without a secret, and for an account that there is not', async (t) => {
  const { entries } = testCallers()
  const off = await startApp(t, { callers: { entries } })
  const none = await startApp(t, { callers: NO_CALLERS })
  const on = await startApp(t)
  const answers = [
    await call(off, webhookToken()),
    await call(none, webhookToken()),
    await call(on, webhookToken(), { path: '/v1/connect-webhooks/nobody' }),
    await call(on, webhookToken(), { path: '/v1/connect-webhooks/__proto__' })
  ]
  for (const { status, code } of answers) t.same({ status, code }, { status: 404, code: 'NOT_FOUND' })
})

t.test('only a recent token counts that the secret of the account has signed with HS256', async (t) => {
  const connect = await startFakeConnect(t)
  const app = await startApp(t, { env: { CONNECT_BASE_URL: connect.baseUrl } })
  for (const claims of [
    { iat: now() }, { iat: now() - 590 }, { iat: now() + 20 }, { exp: now() + 60 }, { exp: now() - 20 },
    { iat: now(), exp: now() + 86_400 }
  ]) {
    t.equal((await call(app, webhookToken(claims))).status, 204, JSON.stringify(claims))
  }
  const [head, body] = webhookToken().split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
  const wrong: [string, string | null][] = [
    ['no token', null],
    ['the secret itself', WEBHOOK_SECRET],
    ['another secret', webhookToken(undefined, `${WEBHOOK_SECRET}x`)],
    ['no signature', `${head}.${body}.`],
    ['alg none', unsigned],
    ['another algorithm', webhookToken(undefined, WEBHOOK_SECRET, { alg: 'HS512' })],
    ['a private key', await tokenOf(await makeKey('one'), {})],
    ['an old token', webhookToken({ iat: now() - 700 })],
    ['a token that has ended', webhookToken({ iat: now() - 60, exp: now() - 40 })],
    ['a token of tomorrow', webhookToken({ iat: now() + 86_400 })],
    ['a token that lives for a year', webhookToken({ exp: now() + 31_536_000 })],
    ['a token that lives for ever', webhookToken({})],
    ['a token before its time', webhookToken({ iat: now(), nbf: now() + 300 })]
  ]
  for (const [name, token] of wrong) {
    const { status, code, challenge } = await call(app, token)
    t.same({ status, code }, { status: 401, code: 'UNAUTHENTICATED' }, name)
    t.equal(challenge, 'Bearer realm="connect-usage-bff"', name)
  }
  t.equal((await call(app, null, { headers: asVendor })).status, 401, 'a key of a caller')
  t.equal(connect.calls.length, 0, 'nothing waits, so nothing is asked')
})

t.test('wrong tokens are counted, and so are the calls', async (t) => {
  const app = await startApp(t, { env: { RATE_LIMIT_PER_MINUTE: '20' } })
  const statuses: number[] = []
  for (let n = 0; n < 12; n += 1) statuses.push((await call(app, webhookToken(undefined, `${n}`.repeat(40)))).status)
  t.same(statuses, [...Array(10).fill(401), 429, 429])
  statuses.length = 0
  for (let n = 0; n < 22; n += 1) statuses.push((await call(app, webhookToken())).status)
  t.same(statuses, [...Array(20).fill(204), 429, 429], 'a valid token counts all the same')
})

t.test('the body is bounded, and nothing in it is used', async (t) => {
  const id = fileIdOf(1)
  const connect = await startFakeConnect(t, [{ id, status: 'processing' }])
  const app = await startApp(t, { watchGapMs: GAP, env: { CONNECT_BASE_URL: connect.baseUrl } })
  const waited = fetch(`${app.origin}/v1/usage-files/${id}`, { headers: { ...asVendor, prefer: 'wait=20' } })
  await until(() => app.app.watching.waiting === 1, 'a waiter')
  for (const [body, status] of [
    ['', 204], ['null', 204], ['[]', 204], [JSON.stringify({ id, status: 'ready', account_id: 'VA-9' }), 204],
    ['{"x":', 400], [JSON.stringify({ x: 'x'.repeat(20_000) }), 413]
  ] as const) {
    t.equal((await call(app, webhookToken(), { body })).status, status, body.slice(0, 20))
  }
  t.equal((await call(app, webhookToken(), { headers: { 'content-type': 'text/xml' } })).status, 415)
  t.equal((await call(app, webhookToken(), { path: `${PATH}?fileId=${id}` })).status, 400)
  t.equal(app.app.watching.waiting, 1)
  connect.set(id, { status: 'ready' })
  t.equal((await (await waited).json() as { status: string }).status, 'ready')
  t.equal((await fetch(app.origin + PATH)).status, 405)
})

t.test('a flood of webhooks does not make the service ask more often than it may', async (t) => {
  const id = fileIdOf(1)
  const connect = await startFakeConnect(t, [{ id, status: 'processing' }])
  const app = await startApp(t, { watchGapMs: 200, env: { CONNECT_BASE_URL: connect.baseUrl } })
  const waited = fetch(`${app.origin}/v1/usage-files/${id}`, { headers: { ...asVendor, prefer: 'wait=2' } })
  await until(() => app.app.watching.waiting === 1, 'a waiter')
  const token = webhookToken()
  while (app.app.watching.waiting > 0) await call(app, token)
  await waited
  const times = connect.lists().map(({ at }) => at)
  t.ok(times.length >= 4)
  t.ok((times.length - 2) * 200 <= times.at(-1)! - times[0]!, `${times.length} lists`)
})
