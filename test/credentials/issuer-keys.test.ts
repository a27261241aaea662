import { flattenedVerify } from 'jose'
import t, { type Test } from 'tap'
import { createIssuerKeys, KeysUnavailableError } from '../../src/credentials/issuer-keys.ts'
import { makeKey, startIssuer, tokenOf, type SigningKey } from './issuer.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const one = await makeKey('one')
const two = await makeKey('two')
const unknown = { ...one, kid: 'made-up' }

async function startFixture (t: Test, ...shown: SigningKey[]) {
  const issuer = await startIssuer(t, ...shown)
  let time = 0
  const warnings: object[] = []
  const find = createIssuerKeys(issuer.jwksUri, { warn: (fields) => { warnings.push(fields) } }, () => time)
  /** What becomes of a token signed with this key: `good`, or the error's code or name. */
  const verify = async (key: SigningKey): Promise<string> => {
    const [header = '', payload = '', signature = ''] = (await tokenOf(key)).split('.')
    try {
      await flattenedVerify({ protected: header, payload, signature }, find)
      return 'good'
    } catch (error) {
      return error instanceof KeysUnavailableError
        ? `unavailable ${error.retryAfterSeconds}`
        : (error as { code: string }).code
    }
  }
  return { issuer, verify, warnings, pass: (ms: number) => { time += ms } }
}

t.test('the keys are fetched once and kept for ten minutes', async (t) => {
  const { issuer, verify, pass } = await startFixture(t, one)
  t.same(await Promise.all(Array.from({ length: 50 }, async () => await verify(one))), Array(50).fill('good'))
  pass(9 * MINUTE)
  t.equal(await verify(one), 'good')
  t.equal(issuer.asked(), 1)
  pass(MINUTE)
  t.equal(await verify(one), 'good')
  t.equal(issuer.asked(), 2)
})

t.test('a key that the issuer removes is refused after the next fetch', async (t) => {
  const { issuer, verify, pass } = await startFixture(t, one, two)
  t.equal(await verify(two), 'good')
  issuer.show(one)
  pass(10 * MINUTE)
  t.equal(await verify(two), 'ERR_JWKS_NO_MATCHING_KEY')
})

t.test('a new key is accepted at once, and many invented key ids cause two fetches in all', async (t) => {
  const { issuer, verify, pass } = await startFixture(t, one)
  t.equal(await verify(one), 'good')
  issuer.show(one, two)
  t.equal(await verify(two), 'good')
  t.equal(issuer.asked(), 2)
  pass(30 * SECOND)
  const storm = await startFixture(t, one)
  const outcomes = [...await Promise.all(Array.from({ length: 500 }, async () => await storm.verify(unknown)))]
  for (let i = 0; i < 500; i += 1) outcomes.push(await storm.verify({ ...unknown, kid: `made-up-${i}` }))
  t.same([...new Set(outcomes)], ['ERR_JWKS_NO_MATCHING_KEY'])
  t.equal(storm.issuer.asked(), 2)
  storm.pass(29 * SECOND)
  t.equal(await storm.verify(unknown), 'ERR_JWKS_NO_MATCHING_KEY')
  t.equal(storm.issuer.asked(), 2)
  storm.pass(SECOND)
  storm.issuer.show(two)
  t.equal(await storm.verify(two), 'good')
  t.equal(storm.issuer.asked(), 3)
})

t.test(
  'the last keys serve for a day while the issuer is down, and a key they lack can be neither good nor bad',
  async t => {
    const { issuer, verify, pass, warnings } = await startFixture(t, one)
    t.equal(await verify(one), 'good')
    issuer.answer((_request, response) => {
      response.writeHead(500).end('down')
    })
    pass(10 * MINUTE)
    t.equal(await verify(one), 'good')
    t.equal(await verify(one), 'good')
    t.equal(issuer.asked(), 2, 'a failure is not repeated at once')
    t.equal(await verify(two), 'unavailable 30')
    t.equal(issuer.asked(), 2)
    pass(HOUR)
    t.equal(await verify(one), 'good')
    t.equal(issuer.asked(), 3)
    pass(22 * HOUR + 49 * MINUTE)
    t.equal(await verify(one), 'good')
    pass(MINUTE)
    t.match(await verify(one), /^unavailable/)
    t.ok(warnings.length >= 3)
    issuer.answer(null)
    pass(30 * SECOND)
    t.equal(await verify(one), 'good')
  }
)

t.test('without keys no token can be checked, and the issuer is asked every five seconds', async (t) => {
  const { issuer, verify, pass } = await startFixture(t, one)
  issuer.answer((request) => { request.socket.destroy() })
  t.same(await Promise.all([verify(one), verify(one), verify(unknown)]), Array(3).fill('unavailable 5'))
  t.equal(issuer.asked(), 1)
  pass(4 * SECOND)
  t.equal(await verify(one), 'unavailable 1')
  t.equal(issuer.asked(), 1)
  issuer.answer(null)
  pass(SECOND)
  t.equal(await verify(one), 'good')
})

t.test('an answer that is not a key set is ignored', async (t) => {
  for (const [what, status, headers, body, said] of [
    ['a redirect', 302, { location: '/elsewhere' }, '', /answered 302/],
    ['a page', 200, {}, '<html>', /JSON|token/],
    ['an empty set', 200, {}, '{"keys":[]}', /holds no key/],
    ['null', 200, {}, 'null', /holds no key/],
    ['a list of no keys', 200, {}, '{"keys":[1,null,"x",[],{}]}', /holds no key/],
    ['a flood', 200, {}, `{"keys":[{"x":"${'y'.repeat(300_000)}"}]}`, /larger than/]
  ] as const) {
    const { issuer, verify, warnings } = await startFixture(t, one)
    issuer.answer((_request, response) => { response.writeHead(status, headers).end(body) })
    t.equal(await verify(one), 'unavailable 5', what)
    t.match((warnings[0] as { err?: Error }).err?.message, said, what)
    t.equal(issuer.asked(), 1, what)
  }
})

t.test('an issuer that never ends its answer times out', async (t) => {
  const { issuer, verify, warnings } = await startFixture(t, one)
  issuer.answer((_request, response) => { response.writeHead(200).write('{"keys":[') })
  const limits: number[] = []
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  t.intercept(AbortSignal, 'timeout', {
    value: (ms: number) => {
      limits.push(ms)
      return timeout(100)
    }
  })
  t.equal(await verify(one), 'unavailable 5')
  t.same(limits, [5 * SECOND])
  t.match((warnings[0] as { err?: Error }).err?.name, 'TimeoutError')
})

t.test('after a failure that took long, the pause begins at its end', async (t) => {
  const { issuer, verify, pass } = await startFixture(t, one)
  issuer.answer((request) => {
    pass(5 * SECOND)
    request.socket.destroy()
  })
  t.equal(await verify(one), 'unavailable 5')
  t.equal(await verify(one), 'unavailable 5')
  t.equal(issuer.asked(), 1)
})

t.test('members of a key set that are no usable keys make no other key unusable', async (t) => {
  const plain = await startFixture(t, one)
  const { keys } = await (await fetch(plain.issuer.jwksUri)).json() as { keys: object[] }
  const broken = { kty: 'EC', crv: 'P-256', x: '!!', y: 'AA', kid: two.kid, alg: 'ES256' }
  const { issuer, verify } = await startFixture(t, one)
  issuer.answer((_request, response) => {
    response.writeHead(200).end(JSON.stringify({ keys: [null, 7, {}, { kty: 'XX', kid: 'one' }, broken, ...keys] }))
  })
  t.equal(await verify(one), 'good')
  t.not(await verify(two), 'good')
})

t.test('an issuer may list a key twice, or two keys under one id', async (t) => {
  const sameId = { ...await makeKey('one'), kid: 'one' }
  const { verify } = await startFixture(t, one, one, sameId)
  t.equal(await verify(one), 'good')
  t.equal(await verify(sameId), 'good')
  t.equal(await verify({ ...two, kid: 'one' }), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
})

t.test('a key set may begin with a byte order mark', async (t) => {
  const plain = await startFixture(t, one)
  const set = await (await fetch(plain.issuer.jwksUri)).text()
  const { issuer, verify } = await startFixture(t, one)
  issuer.answer((_request, response) => { response.writeHead(200).end(`\ufeff${set}`) })
  t.equal(await verify(one), 'good')
})
