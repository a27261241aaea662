import { readFileSync } from 'node:fs'
import t from 'tap'
import { asVendor, makeApp, startApp, startBoth } from '../helper.ts'

t.test('liveness needs no credential and does not depend on Connect', async (t) => {
  const { app } = await makeApp(t)
  const answer = await app.inject('/health/live')
  t.equal(answer.statusCode, 200)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  t.same(answer.json(), { status: 'ok', version })
})

t.test('readiness shows how the last call to Connect ended, and stays ready', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const ready = async (): Promise<unknown> => await (await fetch(`${origin}/health/ready`)).json()
  const list = async (): Promise<number> =>
    (await fetch(`${origin}/v1/usage-files?limit=1`, { headers: asVendor })).status
  t.same(await ready(), { status: 'ok', store: 'ok', connect: 'unknown' })
  t.equal(await list(), 200)
  t.same(await ready(), { status: 'ok', store: 'ok', connect: 'ok' })
  sandbox.faults.add({ match: { path: '/usage/files' }, times: 0, fault: { type: 'status', code: 503 } })
  t.equal(await list(), 502)
  t.same(await ready(), { status: 'ok', store: 'ok', connect: 'failing' })
  sandbox.faults.clear()
  t.equal(
    (await fetch(`${origin}/v1/usage-files/UF-2020-01-0000-0000`, { headers: asVendor })).status,
    404,
    'a refusal is an answer'
  )
  t.same(await ready(), { status: 'ok', store: 'ok', connect: 'ok' })
})

t.test('an instance whose store does not answer is alive and not ready', async (t) => {
  const { app } = await makeApp(t)
  await app.store.close()
  const ready = await app.inject('/health/ready')
  t.equal(ready.statusCode, 503)
  t.same(ready.json(), { status: 'unavailable', store: 'failing', connect: 'unknown' })
  t.equal((await app.inject('/health/live')).statusCode, 200)
})

t.test('when a stop begins readiness fails and requests are refused', async (t) => {
  const { app, origin } = await startApp(t)
  app.startDraining()
  const ready = await fetch(`${origin}/health/ready`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'draining' })
  t.equal((await fetch(`${origin}/health/live`)).status, 200)
  const refused = await fetch(`${origin}/v1/usage-files`, { headers: asVendor })
  t.equal(refused.status, 503)
  t.ok(refused.headers.get('retry-after'))
  t.match(await refused.json(), { code: 'DRAINING' })
})
