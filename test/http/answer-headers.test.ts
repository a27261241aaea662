import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { asVendor, makeApp, startApp, startBoth, VENDOR_KEY } from '../helper.ts'
import { connectTo, type WireAnswer } from '../uploads/wire.ts'

const HOST = 'host: bff\r\n'
const KEY = `x-api-key: ${VENDOR_KEY}\r\n`
const JSON_BODY = 'content-type: application/json\r\n'

/** One request for every way an answer comes about, with the status it ends in. */
const WAYS: readonly (readonly [string, string, number])[] = [
  ['a success', `GET /v1/usage-files?limit=1 HTTP/1.1\r\n${HOST}${KEY}\r\n`, 200],
  ['a HEAD', `HEAD /v1/usage-files?limit=1 HTTP/1.1\r\n${HOST}${KEY}\r\n`, 200],
  ['health', `GET /health/ready HTTP/1.1\r\n${HOST}\r\n`, 200],
  ['metrics', `GET /metrics HTTP/1.1\r\n${HOST}\r\n`, 200],
  ['the document', `GET /openapi.json HTTP/1.1\r\n${HOST}\r\n`, 200],
  ['a page', `GET /docs HTTP/1.1\r\n${HOST}\r\n`, 200],
  ['a script', `GET /docs/static/swagger-ui.css HTTP/1.1\r\n${HOST}\r\n`, 200],
  ['an address that cannot be decoded', `GET /v1/usage-files/%zz HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a bad query', `GET /v1/usage-files?limit=x HTTP/1.1\r\n${HOST}${KEY}\r\n`, 400],
  [
    'a body that cannot be read',
    `POST /v1/usage-files HTTP/1.1\r\n${HOST}${KEY}${JSON_BODY}content-length: 1\r\n\r\n{`,
    400
  ],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['no Host', 'GET /health/live HTTP/1.1\r\n\r\n', 400],
  ['no credential', `GET /v1/usage-files HTTP/1.1\r\n${HOST}\r\n`, 401],
  ['no scope', `POST /v1/usage-records/UR-1/close HTTP/1.1\r\n${HOST}${KEY}\r\n`, 403],
  ['nothing there', `GET /nowhere HTTP/1.1\r\n${HOST}\r\n`, 404],
  ['nothing at Connect', `GET /v1/usage-files/UF-2020-01-0000-0000 HTTP/1.1\r\n${HOST}${KEY}\r\n`, 404],
  ['no such page', `GET /docs/static/nothing.js HTTP/1.1\r\n${HOST}\r\n`, 404],
  ['a wrong method', `PUT /v1/usage-files HTTP/1.1\r\n${HOST}\r\n`, 405],
  ['a tunnel', `CONNECT bff:443 HTTP/1.1\r\n${HOST}\r\n`, 405],
  [
    'a body that is too large',
    `POST /v1/usage-files HTTP/1.1\r\n${HOST}${KEY}${JSON_BODY}content-length: 2000000\r\n\r\n{`,
    413
  ],
  ['a part of a path that is too long', `GET /v1/usage-files/${'a'.repeat(300)} HTTP/1.1\r\n${HOST}\r\n`, 400],
  [
    'another type',
    `POST /v1/usage-files HTTP/1.1\r\n${HOST}${KEY}content-type: text/csv\r\ncontent-length: 1\r\n\r\nx`,
    415
  ],
  ['large headers', `GET / HTTP/1.1\r\n${HOST}x: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ['many headers', `GET / HTTP/1.1\r\n${HOST}${'x: y\r\n'.repeat(200)}\r\n`, 431]
]

const EXPECTED = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': /frame-ancestors 'none'/,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
}

function isGuarded (t: Test, { status, headers }: WireAnswer, what: string): void {
  t.match(headers, EXPECTED, what)
  t.notMatch(headers['content-security-policy'], /unsafe/, what)
  t.notOk('set-cookie' in headers || 'x-powered-by' in headers || 'server' in headers, what)
  if (status >= 400) t.match(headers['content-type'], /^application\/problem\+json/, what)
}

async function ask (t: Test, port: number, request: string): Promise<WireAnswer> {
  const client = await connectTo(t, port)
  await client.send(request)
  return request.startsWith('HEAD') ? await client.head() : await client.answer()
}

t.test('every answer has the headers that protect a browser', async (t) => {
  const { port } = await startBoth(t)
  for (const [what, request, status] of WAYS) {
    const answer = await ask(t, port, request)
    t.equal(answer.status, status, what)
    isGuarded(t, answer, what)
    t.notOk('strict-transport-security' in answer.headers, `${what}: plain http promises no https`)
    if (!/page|script/.test(what)) t.equal(answer.headers['cache-control'], 'no-store', what)
    if (!/page|script/.test(what)) {
      t.equal(
        answer.headers['content-security-policy'],
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
        what
      )
    }
  }
})

t.test('the answer to a request that times out has them, too', async (t) => {
  const { app } = await makeApp(t)
  app.server.headersTimeout = 50
  Object.assign(app.server, { connectionsCheckingInterval: 20 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (const begun of [`GET /health/live HTTP/1.1\r\n${HOST}`, 'G']) {
    const answer = await ask(t, port, begun)
    t.match(answer, { status: 408, headers: { connection: 'close' }, json: { code: 'REQUEST_TIMEOUT' } })
    isGuarded(t, answer, 'late')
  }
})

t.test('the answer to an unexpected error and an answer without a body have them, too', async (t) => {
  const throws = async (): Promise<never> => { throw new TypeError('secret') }
  const { port } = await startApp(t, {
    connect: {
      close: async () => {},
      stats: () => ({}),
      usageFiles: { list: throws, get: async () => ({ id: 'UF-2026-11-0000-0001', status: 'draft' }) }
    } as never
  })
  const failed = await ask(t, port, `GET /v1/usage-files HTTP/1.1\r\n${HOST}${KEY}\r\n`)
  t.equal(failed.status, 500)
  isGuarded(t, failed, '500')
  const {
    headers: { etag }
  } = await ask(t, port, `GET /v1/usage-files/UF-2026-11-0000-0001 HTTP/1.1\r\n${HOST}${KEY}\r\n`)
  const unchanged = await ask(
    t,
    port,
    `GET /v1/usage-files/UF-2026-11-0000-0001 HTTP/1.1\r\n${HOST}${KEY}if-none-match: ${etag}\r\n\r\n`
  )
  t.match(unchanged, { status: 304, headers: { 'cache-control': 'no-store', etag } })
  isGuarded(t, unchanged, '304')
})

t.test('over https the answer has HSTS', async (t) => {
  const HSTS = { 'strict-transport-security': 'max-age=31536000' }
  const { port } = await startBoth(t, {}, { env: { PUBLIC_URL: 'https://usage.example.com' } })
  for (const [what, request] of WAYS) t.match((await ask(t, port, request)).headers, HSTS, what)

  const live = { url: '/health/live', headers: { 'x-forwarded-proto': 'https' } }
  const behind = await makeApp(t, { env: { TRUST_PROXY: '127.0.0.0/8' } })
  t.match((await behind.app.inject(live)).headers, HSTS, 'a trusted proxy may say so')
  t.notOk(
    'strict-transport-security' in (await behind.app.inject({ ...live, remoteAddress: '192.0.2.7' })).headers,
    'nobody else'
  )
  const direct = await makeApp(t)
  t.notOk(
    'strict-transport-security' in (await direct.app.inject(live)).headers,
    'and nobody where no proxy is trusted'
  )
})

t.test('cookies are neither set nor read', async (t) => {
  const { origin } = await startBoth(t)
  const cookie = `x-api-key=${VENDOR_KEY}; X-API-Key=${VENDOR_KEY}; authorization=${VENDOR_KEY}; session=${VENDOR_KEY}`
  t.equal((await fetch(`${origin}/v1/usage-files`, { headers: { cookie } })).status, 401)
  for (const path of ['/v1/usage-files', '/docs', '/openapi.yaml', '/health/live', '/nowhere']) {
    const answer = await fetch(`${origin}${path}`, { headers: { ...asVendor, cookie } })
    t.same(answer.headers.getSetCookie(), [], path)
    t.notOk((await answer.text()).includes(VENDOR_KEY))
  }
})
