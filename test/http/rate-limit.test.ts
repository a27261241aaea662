import t from 'tap'
import { SCOPES_BY_ROLE, sha256Hex as hash } from '../../src/credentials/callers.ts'
import { asProvider, asVendor, makeApp, startApp, until } from '../helper.ts'
import { createLocalCounter, type HitCounter } from '../../src/limits/hit-counter.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { connectTo } from '../uploads/wire.ts'

const connect = () => fakeConnect({ usageFiles: { list: () => ({ items: [], total: 0 }) } }).connect
const LIST = '/v1/usage-files'

t.test('a caller sees how many requests are left, and waits after the last one', async (t) => {
  const { app } = await makeApp(t, { connect: connect(), env: { RATE_LIMIT_PER_MINUTE: '3' } })
  for (const left of [2, 1, 0]) {
    const answer = await app.inject({ url: LIST, headers: asVendor })
    t.match(answer, {
      statusCode: 200,
      headers: { 'ratelimit-policy': '"default";q=3;w=60', ratelimit: new RegExp(`^"default";r=${left};t=(60|59)$`) }
    })
    t.same(Object.keys(answer.headers).filter(name => /^x-rate/.test(name)), [])
  }
  const refused = await app.inject({ url: LIST, headers: asVendor })
  t.match(refused, {
    statusCode: 429,
    headers: {
      'retry-after': /^(60|59)$/,
      'ratelimit-policy': '"default";q=3;w=60',
      ratelimit: /^"default";r=0;t=(60|59)$/,
      'content-type': /^application\/problem\+json/
    }
  })
  t.match(refused.json(), { code: 'RATE_LIMITED', status: 429 })
  t.equal(refused.headers['ratelimit']?.toString().split('t=')[1], refused.headers['retry-after'])
  t.equal((await app.inject({ url: LIST, headers: asProvider })).statusCode, 200, 'each caller has a limit of its own')
  for (const url of ['/health/live', '/health/ready', '/openapi.json']) {
    const answer = await app.inject({ url, headers: asVendor })
    t.same([answer.statusCode, answer.headers['ratelimit']], [200, undefined], `${url} is nobody's`)
  }
})

t.test('a request that is refused for another reason counts, too, when the caller is known', async (t) => {
  const { app } = await makeApp(t, { connect: connect(), env: { RATE_LIMIT_PER_MINUTE: '4' } })
  const statuses: number[] = []
  for (const [method, url] of [
    ['GET', `${LIST}?limit=x`],
    ['POST', '/v1/usage-records/UR-1/close'],
    ['POST', LIST],
    ['HEAD', LIST],
    ['GET', LIST]
  ] as const) {
    statuses.push((await app.inject({ method, url, headers: asVendor })).statusCode)
  }
  t.same(statuses, [400, 403, 400, 200, 429])
})

t.test('a caller past its limit is refused before its body is read', async (t) => {
  const { port } = await startApp(t, { connect: connect(), env: { RATE_LIMIT_PER_MINUTE: '1' } })
  const client = await connectTo(t, port)
  await client.sendHead({ method: 'GET', path: LIST })
  t.match(await client.answer(), { status: 200 })
  await client.sendHead({
    path: `${LIST}/UF-2026-11-0000-0001/upload`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': '50000000' }
  })
  t.match(await client.answer(), { status: 429, headers: { connection: 'close' }, json: { code: 'RATE_LIMITED' } })
  await until(client.isClosed, 'the end of the connection')
})

t.test('the count begins again when the window ends', async (t) => {
  let at = 0
  const { app } = await makeApp(t, {
    connect: connect(),
    counter: createLocalCounter(10, () => at),
    env: { RATE_LIMIT_PER_MINUTE: '1' }
  })
  const ask = async (): Promise<number> => (await app.inject({ url: LIST, headers: asVendor })).statusCode
  t.same([await ask(), await ask()], [200, 429])
  at = 60_000
  t.same([await ask(), await ask()], [200, 429])
})

t.test('all keys of a caller share its limit', async (t) => {
  const { app } = await makeApp(t, { connect: connect(), callers: twoKeys(), env: { RATE_LIMIT_PER_MINUTE: '2' } })
  const ask = async (key: string): Promise<number> =>
    (await app.inject({ url: LIST, headers: { 'x-api-key': key } })).statusCode
  t.same([await ask('one'), await ask('two'), await ask('one')], [200, 200, 429])
})

t.test('many wrong credentials of a client lead to 429, and valid ones of the same address work', async (t) => {
  const { app, logs } = await makeApp(t, {
    connect: connect(),
    env: { RATE_LIMIT_PER_MINUTE: '400', TRUST_PROXY: '10.0.0.1' }
  })
  const ask = async (headers: Record<string, string>, remoteAddress = '192.0.2.7') =>
    await app.inject({ url: LIST, headers, remoteAddress })
  const wrong = { 'x-api-key': 'guess-next' }
  for (let i = 0; i < 50; i += 1) t.equal((await ask({})).statusCode, 401)
  for (let i = 0; i < 20; i += 1) {
    t.equal(
      (await ask(i % 2 === 0 ? { 'x-api-key': `guess-${i}` } : { authorization: `Bearer guess-${i}` })).statusCode,
      401,
      'no credential is no guess, these are'
    )
  }
  const refused = await ask({ 'x-api-key': 'guess-21' })
  t.match(refused, { statusCode: 429, headers: { 'retry-after': /^\d+$/ } })
  t.match(refused.json(), { code: 'RATE_LIMITED' })
  t.match(
    refused.headers,
    { 'ratelimit-policy': '"credentials";q=20;w=60', ratelimit: /^"credentials";r=0;t=\d+$/ },
    'another limit than that of callers'
  )
  t.equal((await ask(asVendor)).statusCode, 200, 'a good key is not refused for the guesses of others')
  t.equal((await ask({})).statusCode, 401, 'nor is none at all taken for one')
  t.equal((await ask(wrong)).statusCode, 429, 'a good one lifts no limit')
  t.equal((await ask(wrong, '192.0.2.8')).statusCode, 401)
  t.equal(
    (await ask({ ...wrong, 'x-forwarded-for': '192.0.2.8' })).statusCode,
    429,
    'nobody can say to be somebody else'
  )
  t.equal(
    (await ask({ ...wrong, 'x-forwarded-for': '192.0.2.9' }, '10.0.0.1')).statusCode,
    401,
    'behind a trusted proxy the client counts, not the proxy'
  )
  t.equal((await ask({ ...wrong, 'x-forwarded-for': '192.0.2.7' }, '10.0.0.1')).statusCode, 429)
  t.match(logs.filter(({ level }) => level === 'warn'), [{ client: '192.0.2.7', msg: 'too many wrong credentials' }])
  t.notMatch(JSON.stringify(logs), /guess-/)
})

t.test('a client over IPv6 cannot avoid the limit with another of its addresses', async (t) => {
  const { app } = await makeApp(t, { connect: connect(), env: { RATE_LIMIT_PER_MINUTE: '1' } })
  const ask = async (remoteAddress: string): Promise<number> =>
    (await app.inject({ url: LIST, headers: { 'x-api-key': 'guess' }, remoteAddress })).statusCode
  for (let i = 1; i <= 10; i += 1) t.equal(await ask(`2001:db8:1:2::${i}`), 401)
  t.equal(await ask('2001:db8:1:2:ffff::'), 429)
  t.equal(await ask('2001:db8:1:3::1'), 401)
})

t.test(
  'a store that fails or hangs lifts no limit and closes nothing: this instance counts alone, and says so once',
  async t => {
    for (const hit of [
      async () => {
        throw new Error('the store is gone')
      },
      async () => await new Promise<never>(() => {})
    ]) {
      const store = { hit, health: async () => {}, close: async () => {} } as never
      const { app, logs } = await makeApp(t, { connect: connect(), store, env: { RATE_LIMIT_PER_MINUTE: '2' } })
      const statuses: number[] = []
      for (let i = 0; i < 3; i += 1) statuses.push((await app.inject({ url: LIST, headers: asVendor })).statusCode)
      t.same(statuses, [200, 200, 429])
      t.match(
        logs.filter(({ level }) => level === 'warn'),
        [{ msg: 'rate limits count by instance: the store does not answer' }]
      )
    }
  }
)

t.test('instances that share a counter share the limit', async (t) => {
  const shared: HitCounter = { hit: async () => ({ count: 600, resetMs: 1_500 }) }
  const { app } = await makeApp(t, { connect: connect(), counter: shared, env: { RATE_LIMIT_PER_MINUTE: '600' } })
  t.match(await app.inject({ url: LIST, headers: asVendor }), {
    statusCode: 200,
    headers: { ratelimit: '"default";r=0;t=2' }
  })
})

function twoKeys () {
  const account = { name: 'acme', role: 'vendor' as const, accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:x' }
  const key = (id: string, sha256: string) => ({ id, sha256, expiresAt: null })
  return {
    entries: [
      { id: 'billing', account, scopes: SCOPES_BY_ROLE.vendor, keys: [key('a', hash('one')), key('b', hash('two'))] }
    ]
  }
}
