import { exportSPKI, importJWK, SignJWT, type CryptoKey } from 'jose'
import t from 'tap'
import { AUDIENCE, makeKey, seconds, tokenOf } from '../credentials/issuer.ts'
import { bearer, key, limitedFixture, PARTNER_KEY, startFixture } from './auth-fixture.ts'

t.test('the documented algorithms, types and audiences are accepted', async (t) => {
  const [ps, es] = [await makeKey('ps', 'PS256'), await makeKey('es', 'ES256')]
  const { get } = await startFixture(t, key, ps, es)
  for (const one of [key, ps, es]) t.match(await get(bearer(await tokenOf(one))), { status: 200 }, one.alg)
  for (const typ of [undefined, 'JWT', 'jwt', 'AT+JWT', 'application/at+jwt']) {
    t.match(await get(bearer(await tokenOf(key, {}, { typ: typ! }))), { status: 200 }, String(typ))
  }
  t.match(await get(bearer(await tokenOf(key, { aud: ['other', AUDIENCE] }))), { status: 200 })
  t.match(
    await get(bearer(await tokenOf(key, { exp: seconds(-20), nbf: seconds(20) }))),
    { status: 200 },
    'clocks may differ by half a minute'
  )
})

t.test('a bad token is a 401 without a reason, and the log names the reason', async (t) => {
  const { issuer, get, logs } = await startFixture(t)
  const other = await makeKey('one')
  const spki = new TextEncoder().encode(await exportSPKI(await importJWK(key.jwk, 'RS256') as CryptoKey))
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const [head = '', body = '', signature = ''] = (await tokenOf(key)).split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  const ed = await makeKey('ed', 'EdDSA')
  const cases: [string, string, string][] = [
    ['alg none', `${encode({ alg: 'none' })}.${body}.`, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    [
      'alg none with a signature',
      `${encode({ alg: 'none', kid: 'one' })}.${body}.${signature}`,
      'ERR_JOSE_ALG_NOT_ALLOWED'
    ],
    [
      'HS256 with the public key as its secret',
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(spki),
      'ERR_JOSE_ALG_NOT_ALLOWED'
    ],
    [
      'an algorithm that is not taken',
      await tokenOf({ ...key, alg: 'RS512', privateKey: (await makeKey('one', 'RS512')).privateKey }),
      'ERR_JOSE_ALG_NOT_ALLOWED'
    ],
    ['EdDSA', await tokenOf(ed), 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['another key under the same id', await tokenOf(other), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    [
      'a key of its own in the header',
      await tokenOf(other, {}, { jwk: other.jwk } as never),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'
    ],
    [
      'changed claims',
      `${head}.${encode({ ...claims, sub: 'admin' })}.${signature}`,
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'
    ],
    ['another issuer', await tokenOf(key, { iss: 'https://evil.example' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED iss'],
    ['another audience', await tokenOf(key, { aud: 'another-api' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED aud'],
    ['no audience', await tokenOf(key, { aud: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED aud'],
    ['expired', await tokenOf(key, { exp: seconds(-40) }), 'ERR_JWT_EXPIRED exp'],
    ['no expiry', await tokenOf(key, { exp: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED exp'],
    ['not valid yet', await tokenOf(key, { nbf: seconds(60) }), 'ERR_JWT_CLAIM_VALIDATION_FAILED nbf'],
    ['no subject', await tokenOf(key, { sub: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED sub'],
    ['an empty subject', await tokenOf(key, { sub: '' }), 'sub'],
    ['a subject that is no text', await tokenOf(key, { sub: 7 }), 'sub'],
    ['a token for something else', await tokenOf(key, {}, { typ: 'logout+jwt' }), 'typ'],
    [
      'a critical extension',
      `${encode({ alg: 'RS256', kid: 'one', crit: ['x'], x: 1 })}.${body}.${signature}`,
      'ERR_JOSE_NOT_SUPPORTED'
    ],
    ['an unknown key', await tokenOf({ ...key, kid: 'made-up' }), 'ERR_JWKS_NO_MATCHING_KEY'],
    ['no token', 'canary', 'ERR_JWS_INVALID'],
    ['two parts', `${head}.${body}`, 'ERR_JWS_INVALID'],
    ['an encrypted token', `${head}.${body}.${signature}.a.b`, 'ERR_JWS_INVALID'],
    ['a token of 9 KB', await tokenOf(key, { pad: 'x'.repeat(6_000) }), 'too long']
  ]
  for (const [what, token, reason] of cases) {
    const answer = await get(bearer(token))
    t.match(
      answer,
      { status: 401, code: 'UNAUTHENTICATED', challenge: 'Bearer realm="connect-usage-bff", error="invalid_token"' },
      what
    )
    t.match(
      answer.payload,
      what === 'expired' ? 'The token has expired.' : 'The token is not valid for this service.',
      what
    )
    t.equal(logs.filter(({ msg }) => msg === 'token refused').at(-1)?.['reason'], reason, what)
    t.notOk(
      answer.payload.includes(token.slice(0, 40)) || JSON.stringify(logs).includes(token.slice(-40)),
      `${what}: neither told nor logged`
    )
  }
  t.ok(issuer.asked() <= 2)
})

t.test('a token grants the scopes that it names and that its account can have', async (t) => {
  const { get } = await startFixture(t)
  const rules = '/v1/products/PRD-276-377-545/usage-rules'
  for (const scope of ['usage:read other:scope', ['usage:read', 7, 'other'], 'usage:write usage:read']) {
    t.match(await get(bearer(await tokenOf(key, { scope }))), { status: 200 }, JSON.stringify(scope))
  }
  for (const scope of [
    undefined,
    '',
    'usage:write',
    'usage:reader',
    'usage',
    7,
    { 'usage:read': true },
    ['usage:read usage:close']
  ]) {
    t.match(
      await get(bearer(await tokenOf(key, { scope }))),
      { status: 403, code: 'SCOPE_MISSING' },
      JSON.stringify(scope)
    )
  }
  t.match(await get(bearer(await tokenOf(key, { scope: 'usage:read' })), rules), { status: 200 })
})

t.test('a token for an unknown account is 403 ACCOUNT_UNKNOWN', async (t) => {
  const { get, tokens } = await startFixture(t)
  for (const account of [
    'nobody',
    undefined,
    '',
    7,
    null,
    ['acme'],
    '__proto__',
    'constructor',
    'ACME',
    'VA-100-200'
  ]) {
    t.match(
      await get(bearer(await tokenOf(key, { connect_account: account }))),
      { status: 403, code: 'ACCOUNT_UNKNOWN' },
      JSON.stringify(account)
    )
  }
  t.same(tokens, [])
})

t.test('each caller of a token has a stable id that fits into a log line', async (t) => {
  const { get, callers } = await startFixture(t)
  const subjects = [
    'billing',
    'user@example.com',
    'auth0|5f7c8ec7',
    'acme:billing',
    'a\nb',
    'a b',
    'x'.repeat(500),
    'x'.repeat(501),
    'SU-1:secret',
    'ünïcode'
  ]
  for (const headers of [
    { 'x-api-key': PARTNER_KEY },
    ...(await Promise.all([...subjects, ...subjects].map(async sub => bearer(await tokenOf(key, { sub })))))
  ]) {
    t.match(await get(headers), { status: 200 })
  }
  const ids = callers() as string[]
  t.equal(ids.length, 1 + 2 * subjects.length)
  t.same(ids.slice(1, 1 + subjects.length), ids.slice(1 + subjects.length), 'stable')
  t.equal(new Set(ids).size, 1 + subjects.length, 'unique')
  t.same(ids.slice(0, 4), ['billing', 'jwt:acme:billing', 'jwt:acme:user@example.com', 'jwt:acme:auth0|5f7c8ec7'])
  for (const id of ids) t.match(id, /^[\w.@|+~:-]{1,140}$/)
})

t.test('many invented key ids cause two fetches of the issuer\'s keys', async (t) => {
  const { get, issuer } = await startFixture(t)
  const storm = Array.from({ length: 1000 }, (_, i) => tokenOf({ ...key, kid: `made-up-${i}` }))
  const statuses = await Promise.all(storm.map(async token => (await get(bearer(await token))).status))
  t.same([...new Set(statuses)], [401])
  t.ok(issuer.asked() <= 2, `${issuer.asked()} questions`)
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
})

t.test('a rotated key is accepted at once', async (t) => {
  const { get, issuer } = await startFixture(t)
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
  const next = await makeKey('next')
  issuer.show(key, next)
  t.match(await get(bearer(await tokenOf(next))), { status: 200 })
})

t.test('while the issuer is down tokens cannot be checked, and partner keys work', async (t) => {
  const { get, issuer } = await startFixture(t)
  issuer.answer((request) => { request.socket.destroy() })
  const answer = await get(bearer(await tokenOf(key)))
  t.match(answer, { status: 503, code: 'ISSUER_UNAVAILABLE', retryAfter: /^[1-5]$/ })
  t.match(await get({ 'x-api-key': PARTNER_KEY }), { status: 200 })
})

t.test('expired tokens do not count as wrong credentials, and forged or foreign tokens do', async (t) => {
  const { get } = await limitedFixture(t, { RATE_LIMIT_PER_MINUTE: '600' })
  const expired = { exp: seconds(-40) }
  const ours = bearer(await tokenOf(key, expired))
  const statuses = async (headers: Record<string, string>, times: number) => new Set(await Promise.all(
    Array.from({ length: times }, async () => (await get(headers)).status)))
  t.same(await statuses(ours, 40), new Set([401]))
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
  const forged = bearer(await tokenOf(await makeKey('one'), expired))
  const forOthers = bearer(await tokenOf(key, { ...expired, aud: 'another-api' }))
  for (let i = 0; i < 15; i++) t.same([(await get(forged)).status, (await get(forOthers)).status], [401, 401])
  for (const wrong of [forged, forOthers]) t.match(await get(wrong), { status: 429, code: 'RATE_LIMITED' })
  t.match(await get(ours), { status: 401, code: 'UNAUTHENTICATED' }, 'from a blocked address, too')
  t.match(await get(bearer(await tokenOf(key))), { status: 200 }, 'and a valid one is taken')
  t.match(await get({ 'x-api-key': PARTNER_KEY }), { status: 200 })
})
