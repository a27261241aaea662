import t from 'tap'
import { asProvider, asVendor, startApp, startBoth, type AppOptions } from '../helper.ts'
import { connectTo } from '../uploads/wire.ts'

const PORTAL = 'https://portal.example.com'
const env = { CORS_ORIGINS: `${PORTAL},http://localhost:5173` }
const EXPOSED = [
  'Location',
  'Link',
  'ETag',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotency-Replayed',
  'Preference-Applied',
  'Content-Disposition',
  'WWW-Authenticate',
  'Accept-Post',
  'Accept-Patch',
  'X-Request-Id'
]
const ALLOWED = [
  'Authorization',
  'X-API-Key',
  'Content-Type',
  'Idempotency-Key',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'baggage',
  'Accept',
  'If-None-Match',
  'Prefer',
  'Last-Event-ID'
]
const STRANGERS = [
  'https://evil.example',
  'null',
  'https://portal.example.com.evil.example',
  'http://portal.example.com',
  'https://portal.example.com:8443',
  'https://PORTAL.example.com',
  '*',
  `${PORTAL}/`
]

const corsOf = (headers: Headers): string[] => [...headers.keys()].filter(name => name.startsWith('access-control-'))
const listOf = (headers: Headers, name: string): string[] => (headers.get(name) ?? '').split(', ')

t.test('a preflight of a listed origin is answered without a credential, with the methods of the address', async t => {
  const { origin } = await startApp(t, { env })
  for (const [path, methods] of [
    ['/v1/usage-files', ['GET', 'HEAD', 'POST']],
    ['/v1/usage-files/UF-1?include=chunks', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/v1/usage-files/UF-1/upload', ['POST']],
    ['/v1/products/PRD-1/usage-rules/UR-1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/health/ready', ['GET', 'HEAD']]
  ] as const) {
    const answer = await fetch(`${origin}${path}`, {
      method: 'OPTIONS',
      headers: { origin: PORTAL, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-evil' }
    })
    t.equal(answer.status, 204, path)
    t.equal(await answer.text(), '')
    t.equal(answer.headers.get('access-control-allow-origin'), PORTAL)
    t.same(listOf(answer.headers, 'access-control-allow-methods').sort(), methods)
    t.same(listOf(answer.headers, 'access-control-allow-headers'), ALLOWED, 'not what was asked for')
    t.match(answer.headers.get('vary'), /Origin/)
    t.equal(answer.headers.get('access-control-max-age'), '600')
    t.equal(answer.headers.get('access-control-allow-credentials'), null)
    t.ok(answer.headers.get('x-request-id'))
  }
  const nowhere = await fetch(`${origin}/v1/nowhere`, {
    method: 'OPTIONS',
    headers: { origin: PORTAL, 'access-control-request-method': 'GET' }
  })
  t.equal(nowhere.status, 404, 'there is nothing to ask about')
})

t.test('a page of a listed origin can read all answers, errors included', async (t) => {
  const { origin } = await startBoth(t, {}, { env })
  const json = { 'content-type': 'application/json' }
  const requests: [number, string, RequestInit][] = [
    [200, '/v1/usage-files?limit=1', { headers: asVendor }],
    [200, '/health/live', {}],
    [400, '/v1/usage-files?limit=x', { headers: asVendor }],
    [400, '/v1/usage-files/%zz', { headers: asVendor }],
    [401, '/v1/usage-files', {}],
    [403, '/v1/usage-files', { method: 'POST', headers: { ...asProvider, ...json }, body: '{}' }],
    [404, '/nowhere', {}],
    [404, '/v1/usage-files/UF-2020-01-0000-0000', { headers: asVendor }],
    [405, '/v1/usage-files', { method: 'PUT' }],
    [413, '/v1/usage-files', { method: 'POST', headers: { ...asVendor, ...json }, body: ' '.repeat(1_100_000) }],
    [400, `/v1/usage-files/${'a'.repeat(300)}`, {}],
    [415, '/v1/usage-files', { method: 'POST', headers: { ...asVendor, 'content-type': 'text/csv' }, body: 'x' }]
  ]
  for (const [status, path, init] of requests) {
    const ask = async (from?: string): Promise<Response> =>
      await fetch(`${origin}${path}`, {
        ...init,
        headers: { ...init.headers, ...(from !== undefined && { origin: from }) }
      })
    const what = `${status} ${path.slice(0, 40)}`
    const { headers, ...answer } = await ask(PORTAL).then(one => ({ headers: one.headers, status: one.status }))
    t.equal(answer.status, status, what)
    t.equal(headers.get('access-control-allow-origin'), PORTAL, what)
    t.same(listOf(headers, 'access-control-expose-headers'), EXPOSED, what)
    t.match(headers.get('vary'), /Origin/, what)
    t.equal(headers.get('access-control-allow-credentials'), null, what)
    for (const stranger of [undefined, ...STRANGERS]) {
      const other = await ask(stranger)
      t.same([other.status, corsOf(other.headers)], [status, []], `${what} for ${stranger ?? 'nobody'}`)
      t.match(other.headers.get('vary'), /Origin/, 'or a cache would give it to the portal')
    }
  }
})

t.test('such a page can read 500, 503 and the refusal of an unread upload, too', async (t) => {
  const options: AppOptions = {
    env,
    connect: {
      close: async () => {},
      stats: () => ({}),
      usageFiles: {
        list: async () => {
          throw new TypeError('secret')
        }
      }
    } as never
  }
  const { origin, port, app } = await startApp(t, options)
  const list = async (): Promise<Response> =>
    await fetch(`${origin}/v1/usage-files`, { headers: { ...asVendor, origin: PORTAL } })
  const failed = await list()
  t.same([failed.status, failed.headers.get('access-control-allow-origin')], [500, PORTAL])
  const client = await connectTo(t, port)
  await client.sendHead({
    path: '/v1/usage-files/UF-2026-11-0000-0001/upload',
    key: null,
    headers: { origin: PORTAL, 'content-type': 'application/octet-stream', 'content-length': '1000' }
  })
  t.match(await client.answer(), { status: 401, headers: { 'access-control-allow-origin': PORTAL } })
  app.startDraining()
  const draining = await list()
  t.same([draining.status, draining.headers.get('access-control-allow-origin')], [503, PORTAL])
})

t.test('a preflight of an unlisted origin is handled as any OPTIONS request', async (t) => {
  const preflight = async (origin: string, from: string): Promise<[number, string[]]> => {
    const answer = await fetch(`${origin}/v1/usage-files`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST' }
    })
    return [answer.status, corsOf(answer.headers)]
  }
  const listed = await startApp(t, { env })
  for (const path of ['/v1/usage-files', '/v1/usage-files?name=%25', '/v1/usage-files/UF-1', '/health/live']) {
    for (const headers of [{}, { origin: 'https://evil.example' }]) {
      const answer = await fetch(`${listed.origin}${path}`, { method: 'OPTIONS', headers })
      t.match(answer.headers.get('allow'), 'GET', path)
      t.match(await answer.json(), { status: 405, code: 'METHOD_NOT_ALLOWED', requestId: String }, path)
      t.match(answer.headers.get('content-type'), /^application\/problem\+json/, path)
    }
  }
  const refused = listed.logs.filter(({ msg }) => /^preflight refused/.test(String(msg)))
  t.same(refused.map(({ origin }) => origin), Array<string>(4).fill('https://evil.example'), 'the log names the origin')
  for (const stranger of STRANGERS) t.same(await preflight(listed.origin, stranger), [405, []], stranger)
  const { origin } = await startApp(t)
  t.same(await preflight(origin, PORTAL), [405, []])
  const answer = await fetch(`${origin}/health/live`, { headers: { origin: PORTAL } })
  t.same([corsOf(answer.headers), answer.headers.get('vary')], [[], null])
  t.equal(
    (await fetch(`${listed.origin}/v1/usage-files`, { method: 'OPTIONS', headers: { origin: PORTAL } })).status,
    204,
    'and one that asks nothing is answered'
  )
})
