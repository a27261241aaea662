import t from 'tap'
import { makeApp, startApp } from '../helper.ts'
import { startIssuer, tokenOf, type Issuer } from '../credentials/issuer.ts'
import { connectTo } from '../uploads/wire.ts'
import { bearer, callersWith, CONNECT_TOKEN, key, LIST, PARTNER_KEY, startFixture } from './auth-fixture.ts'

t.test('a token acts for the account that it names, with that account\'s Connect credential', async (t) => {
  const { get, tokens, callers } = await startFixture(t)
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

t.test('a token is read from Authorization only', async (t) => {
  const { get, callers } = await startFixture(t)
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
  const { get, tokens } = await startFixture(t)
  for (const headers of [bearer(await tokenOf(key)), bearer('x'), { authorization: 'Basic abc' }]) {
    const answer = await get({ ...headers, 'x-api-key': PARTNER_KEY })
    t.match(answer, { status: 401, code: 'UNAUTHENTICATED' })
    t.match(answer.payload, 'Two credentials')
  }
  t.same(tokens, [])
})

t.test('a Connect token is refused in every header, and never logged', async (t) => {
  const { get, logs } = await startFixture(t)
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
