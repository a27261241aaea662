import t from 'tap'
import { until } from '../helper.ts'
import { FILE_ID, startFixture } from '../uploads/fixture.ts'
import { watchLeftovers } from './leftovers.ts'
import { FAULTS } from './read-faults.ts'
import { ask, good, LIMITS, OTHER_ID, reset } from './reads-fixture.ts'

for (const { name, scripts, attempts, expected, timeoutMs = 10_000 } of FAULTS) {
  t.test(`${name}: ${expected.code ?? 'answered'} after ${attempts}`, async (t) => {
    const fixture = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: String(timeoutMs) }, limits: LIMITS })
    const { exchanges } = fixture.upstream
    const client = await fixture.client()
    // On a connection to Connect that was used before, as most are.
    fixture.onGet(good)
    t.match(await ask(client, OTHER_ID), { status: 200 })
    fixture.onGet(async exchange => { await scripts[Math.min(exchange.index, scripts.length) - 1]?.(exchange) })
    const startedAt = performance.now()
    const answer = await ask(client, FILE_ID)
    const ms = performance.now() - startedAt

    t.match(answer, { status: expected.status, headers: expected.headers ?? {} })
    if (expected.code === undefined) t.match(answer.json, { id: FILE_ID })
    else {
      t.match(answer, {
        headers: { 'content-type': /^application\/problem\+json/ },
        json: { code: expected.code, status: expected.status }
      })
    }
    t.notMatch(answer.text, /canary-/, 'nothing of the body is passed on')
    const asked = exchanges.slice(1)
    t.equal(asked.length, attempts, 'attempts')
    t.ok(asked.every(one => one.path.endsWith(FILE_ID)))
    const broken = asked.slice(0, -1).filter((_, i) => scripts[Math.min(i, scripts.length - 1)] === reset)
    for (const one of broken) {
      t.equal(
        exchanges.filter(({ socket }) => socket === one.socket).at(-1),
        one,
        'nothing more on a socket that failed'
      )
    }
    if (name.includes('a second')) t.ok(ms >= 990, `${ms} ms`)

    fixture.onGet(good)
    t.not(answer.headers['connection'], 'close')
    t.match(
      await ask(client, OTHER_ID),
      { status: 200, json: { id: OTHER_ID } },
      'the next request on the connection has its own answer'
    )
    await client.closed()
    await fixture.quiet()
    await until(() => fixture.upstream.openSockets() === 0, 'no socket to be left')
    t.same(fixture.logs.filter(({ level }) => level === 'fatal'), [])
  })
}

t.test('a fault of a read leaves nothing behind', async (t) => {
  const fixture = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' }, limits: LIMITS })
  const nothingLeft = await watchLeftovers(fixture)
  for (const { scripts } of FAULTS) {
    let seen = 0
    fixture.onGet(async (exchange) => { await scripts[Math.min(seen++, scripts.length - 1)]?.(exchange) })
    const client = await fixture.client()
    t.ok([200, 502, 503, 504].includes((await ask(client, FILE_ID)).status))
    client.socket.destroy()
  }
  await nothingLeft()
})
