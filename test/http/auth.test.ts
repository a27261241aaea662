import { exportSPKI, importJWK, SignJWT, type CryptoKey } from 'jose'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { parseCallers } from '../../src/credentials/callers-file.ts'
import { makeApp, startApp, startUpstream } from '../helper.ts'
import {
  AUDIENCE,
  ISSUER,
  makeKey,
  seconds,
  startIssuer,
  tokenOf,
  type Issuer,
  type SigningKey
} from '../credentials/issuer.ts'
import { connectTo } from '../uploads/wire.ts'

const LIST = '/v1/usage-files?limit=1'
const PARTNER_KEY = 'partner-key-of-billing'
const CONNECT_TOKEN = 'SU-400-500-600:canary-connect'
const key = await makeKey('one')
const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

function callersWith (jwksUri: string) {
  const { callers, faults } = parseCallers(
    JSON.stringify({
      accounts: {
        acme: { role: 'provider', accountId: 'PA-400-500', apiKey: CONNECT_TOKEN },
        fallback: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'SU-100-200-300:vendor' },
        'vendor-again': { role: 'vendor', accountId: 'VA-100-200', apiKey: 'SU-100-200-300:vendor-again' }
      },
      callers: [
        {
          id: 'billing',
          account: 'acme',
          scopes: ['usage:read'],
          keys: [{ id: 'k', sha256: sha256Hex(PARTNER_KEY), expiresAt: null }]
        }
      ],
      jwt: { issuer: ISSUER, audience: AUDIENCE, jwksUri, accountClaim: 'connect_account', scopeClaim: 'scope' }
    }),
    () => ''
  )
  if (faults.length > 0) throw new Error(faults.join())
  return callers
}

async function stage (t: Test, ...shown: SigningKey[]) {
  return await limitedStage(t, {}, ...shown)
}

async function limitedStage (t: Test, env: Record<string, string>, ...shown: SigningKey[]) {
  const issuer = await startIssuer(t, ...(shown.length > 0 ? shown : [key]))
  const tokens: unknown[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    tokens.push(request.headers.authorization)
    response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' }).end('[]')
  })
  const callers = callersWith(issuer.jwksUri)
  const { app, logs } = await makeApp(t, { callers, env: { CONNECT_BASE_URL: baseUrl, ...env } })
  const get = async (headers: Record<string, string>, url = LIST) => {
    const { statusCode, headers: answered, payload } = await app.inject({ url, headers })
    return {
      status: statusCode,
      challenge: answered['www-authenticate'],
      retryAfter: answered['retry-after'],
      code: statusCode === 200 ? null : (JSON.parse(payload) as { code: string }).code,
      payload
    }
  }
  return {
    issuer,
    app,
    logs,
    get,
    tokens,
    callers: () => logs.filter(({ msg }) => msg === 'request').map(({ caller }) => caller)
  }
}

t.test('a token acts for the account that it names, with that account\'s Connect credential', async (t) => {
  const { get, tokens, callers } = await stage(t)
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
  t.match(
    await get(bearer(await tokenOf(key, { connect_account: 'PA-400-500' }))),
    { status: 200 },
    'by the id that Connect gave the account'
  )
  t.match(await get({ authorization: `bearer  ${await tokenOf(key, { connect_account: 'fallback' })}` }), {
    status: 200
  })
  t.same(tokens, [`ApiKey ${CONNECT_TOKEN}`, `ApiKey ${CONNECT_TOKEN}`, 'ApiKey SU-100-200-300:vendor'])
  t.same(callers(), ['jwt:acme:user-1', 'jwt:acme:user-1', 'jwt:fallback:user-1'])
})

t.test('the documented algorithms, types and audiences are accepted', async (t) => {
  const [ps, es] = [await makeKey('ps', 'PS256'), await makeKey('es', 'ES256')]
  const { get } = await stage(t, key, ps, es)
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
  const { issuer, get, logs } = await stage(t)
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

t.test('a token is read from Authorization only', async (t) => {
  const { get, callers } = await stage(t)
  const token = await tokenOf(key)
  for (const name of ['access_token', 'token', 'Authorization']) {
    t.match(await get({}, `${LIST}&${name}=${encodeURIComponent(`Bearer ${token}`)}`), { status: 401 }, name)
  }
  t.match(await get({ cookie: `access_token=${token}` }), { status: 401 })
  t.match(await get({ 'x-api-key': token }), { status: 401 })
  t.match(await get({ authorization: token }), { status: 401 })
  t.match(await get({ authorization: `Basic ${token}` }), { status: 401 })
  t.match(await get({}), {
    status: 401,
    challenge: 'X-API-Key realm="connect-usage-bff", Bearer realm="connect-usage-bff"'
  })
  t.same(new Set(callers()), new Set([undefined]))
})

t.test('two credentials in one request are refused, also when they belong to the same caller', async (t) => {
  const { get, tokens } = await stage(t)
  for (const headers of [bearer(await tokenOf(key)), bearer('x'), { authorization: 'Basic abc' }]) {
    const answer = await get({ ...headers, 'x-api-key': PARTNER_KEY })
    t.match(answer, { status: 401, code: 'UNAUTHENTICATED' })
    t.match(answer.payload, 'Two credentials')
  }
  t.same(tokens, [])
})

t.test('a token grants the scopes that it names and that its account can have', async (t) => {
  const { get } = await stage(t)
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
  const { get, tokens } = await stage(t)
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
  const { get, callers } = await stage(t)
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
  const { get, issuer } = await stage(t)
  const storm = Array.from({ length: 1000 }, (_, i) => tokenOf({ ...key, kid: `made-up-${i}` }))
  const statuses = await Promise.all(storm.map(async token => (await get(bearer(await token))).status))
  t.same([...new Set(statuses)], [401])
  t.ok(issuer.asked() <= 2, `${issuer.asked()} questions`)
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
})

t.test('a rotated key is accepted at once', async (t) => {
  const { get, issuer } = await stage(t)
  t.match(await get(bearer(await tokenOf(key))), { status: 200 })
  const next = await makeKey('next')
  issuer.show(key, next)
  t.match(await get(bearer(await tokenOf(next))), { status: 200 })
})

t.test('while the issuer is down tokens cannot be checked, and partner keys work', async (t) => {
  const { get, issuer } = await stage(t)
  issuer.answer((request) => { request.socket.destroy() })
  const answer = await get(bearer(await tokenOf(key)))
  t.match(answer, { status: 503, code: 'ISSUER_UNAVAILABLE', retryAfter: /^[1-5]$/ })
  t.match(await get({ 'x-api-key': PARTNER_KEY }), { status: 200 })
})

t.test('a Connect token is refused in every header, and never logged', async (t) => {
  const { get, logs } = await stage(t)
  const plain = await makeApp(t)
  for (const headers of [
    { authorization: `ApiKey ${CONNECT_TOKEN}` },
    { authorization: `apikey ${CONNECT_TOKEN}` },
    { authorization: CONNECT_TOKEN },
    { authorization: `Bearer ${CONNECT_TOKEN}` },
    { 'x-api-key': CONNECT_TOKEN },
    { 'x-api-key': `ApiKey ${CONNECT_TOKEN}` },
    { 'x-api-key': PARTNER_KEY, authorization: `ApiKey ${CONNECT_TOKEN}` }
  ]) {
    for (const answer of [
      await get(headers),
      (await plain.app.inject({ url: LIST, headers })).json<{ status: number; detail: string }>()
    ]) {
      t.match(answer, { status: 401 })
      t.match(JSON.stringify(answer), 'does not take Connect tokens')
      t.notMatch(JSON.stringify(answer), /canary/)
    }
  }
  const named = encodeURIComponent(CONNECT_TOKEN)
  for (const url of [
    `${LIST}&apiKey=${CONNECT_TOKEN}`,
    `/v1/usage-files/${CONNECT_TOKEN}`,
    `/v1/usage-files/${named}`,
    `${LIST}&${CONNECT_TOKEN}=1`,
    `${LIST}&${named}=1`
  ]) {
    const answer = await get({ 'x-api-key': PARTNER_KEY, 'x-request-id': CONNECT_TOKEN }, url)
    t.match(answer, { status: 400 })
    t.notMatch(JSON.stringify(answer), /canary/, 'nor said back')
  }
  t.notMatch(JSON.stringify([...logs, ...plain.logs]), /canary/)
})

t.test('the body of an unknown caller is not read', async (t) => {
  const issuer: Issuer = await startIssuer(t, key)
  const { port } = await startApp(t, { callers: callersWith(issuer.jwksUri) })
  for (const credential of [
    'x-api-key: nobody',
    `authorization: Bearer ${await tokenOf({ ...key, kid: 'made-up' })}`,
    'x: y'
  ]) {
    const client = await connectTo(t, port)
    await client.send(
      `POST /v1/usage-files HTTP/1.1\r\nhost: bff\r\n${credential}\r\ncontent-type: application/json\r\n` +
      'content-length: 1000000\r\n\r\n{'
    )
    t.match(await client.answer(), { status: 401, json: { code: 'UNAUTHENTICATED' } }, credential.slice(0, 20))
  }
})

t.test('expired tokens do not count as wrong credentials, and forged or foreign tokens do', async (t) => {
  const { get } = await limitedStage(t, { RATE_LIMIT_PER_MINUTE: '600' })
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
