import t from 'tap'
import { asProvider, makeApp, startBoth } from '../helper.ts'

t.test('without a token only the same machine gets the page, and never through a proxy', async (t) => {
  const { app, logs } = await makeApp(t)
  const page = await app.inject('/metrics')
  t.equal(page.statusCode, 200)
  t.match(page.headers, { 'content-type': /^text\/plain; version=0\.0\.4/, 'cache-control': 'no-store' })
  t.match(page.body, /^# HELP usage_bff_http_requests_total /m)
  for (const remoteAddress of ['::1', '::ffff:127.0.0.1', '127.8.0.1']) {
    t.equal((await app.inject({ url: '/metrics', remoteAddress })).statusCode, 200, remoteAddress)
  }
  for (const remoteAddress of ['10.0.0.1', '::2', '128.0.0.1', '::ffff:10.0.0.1']) {
    t.match((await app.inject({ url: '/metrics', remoteAddress })).json(), { status: 401, code: 'UNAUTHENTICATED' })
  }
  for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']) {
    t.equal((await app.inject({ url: '/metrics', headers: { [name]: '127.0.0.1' } })).statusCode, 401, name)
  }
  t.ok(logs.every(({ level }) => level === 'info'))
})

t.test('with a token the holder gets the page from any address', async (t) => {
  const { app } = await makeApp(t, { env: { METRICS_TOKEN: 'canary-metrics-token', RATE_LIMIT_PER_MINUTE: '200' } })
  const ask = async (authorization?: string, remoteAddress = '127.0.0.1') =>
    (
      await app.inject({
        url: '/metrics',
        remoteAddress,
        ...(authorization !== undefined && { headers: { authorization } })
      })
    ).statusCode
  t.equal(await ask('Bearer canary-metrics-token', '10.0.0.1'), 200)
  t.equal(await ask('bearer  canary-metrics-token'), 200)
  t.match((await app.inject({ url: '/metrics' })).headers, { 'www-authenticate': /^Bearer / })
  for (const wrong of [
    undefined,
    'Bearer',
    'Bearer ',
    'Bearer canary-metrics-toke',
    'Basic canary-metrics-token',
    'canary-metrics-token'
  ]) { t.equal(await ask(wrong), 401, String(wrong)) }
  for (let i = 0; i < 30; i += 1) await ask('Bearer canary-guess')
  t.equal(await ask('Bearer canary-guess'), 429, 'nobody guesses for long')
  t.equal(await ask('Bearer canary-metrics-token'), 200, 'the right one is not refused for the guesses of others')
})

t.test('the page is served while the instance stops', async (t) => {
  const { app } = await makeApp(t)
  app.startDraining()
  t.equal((await app.inject('/metrics')).statusCode, 200)
})

t.test('a complete story leaves no label with unbounded values', async (t) => {
  const { app, origin } = await startBoth(t)
  const list = (await (await fetch(`${origin}/v1/usage-files`, { headers: asProvider })).json()) as {
    items: { id: string }[]
  }
  for (const { id } of list.items) {
    await (await fetch(`${origin}/v1/usage-files/${id}?include=chunks`, { headers: asProvider })).text()
  }
  const text = await app.metrics.text()
  t.ok(list.items.length > 1)
  t.ok(text.split('\n').length < 400, `${text.split('\n').length} lines`)
})
