import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import {
  PROVIDER_KEY, asProvider, callerCalled, makeApp, startApp, startUpstream, testCallers, until
} from '../../helper.ts'
import { connectTo, type WireClient } from '../../uploads/wire.ts'
import { CLOSE, NDJSON, lines, parseLines, startFixture, type Fixture } from './fixture.ts'
import { BATCH, bothNdjson } from './open-close.ts'

/** Sends and gives the answer as soon as it begins, unread. */
async function open (
  fixture: Pick<Fixture, 'origin'>,
  body: string,
  headers: Record<string, string>
): Promise<IncomingMessage> {
  const call = request(fixture.origin + CLOSE, { method: 'POST', headers: { 'x-api-key': PROVIDER_KEY, ...headers } })
  call.on('error', () => {})
  call.end(body)
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  return answer
}

t.test('outcomes arrive before the last batch is sent', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(60)
  fixture.plan({ match: BATCH, times: 0, fault: { type: 'delay', ms: 30 } })
  const answer = await open(fixture, lines(ids), bothNdjson)
  const [first] = await once(answer, 'data') as [Buffer]
  t.match(JSON.parse(first.toString().split('\n')[0] ?? ''), { outcome: 'closed' })
  t.ok(fixture.batches().length < 12, `${fixture.batches().length} batches of 12 by then`)
  let whole = first.toString()
  for await (const chunk of answer as AsyncIterable<Buffer>) whole += chunk.toString()
  t.equal(parseLines(whole).summary.closed, 60)
})

t.test('a caller that does not read stops the sending', async (t) => {
  let batches = 0
  const upstream = await startUpstream(t, (call, answer) => {
    batches += 1
    void text(call).then((body) => {
      answer.writeHead(206, { 'content-type': 'application/json' })
      answer.end(JSON.stringify((JSON.parse(body) as { id: string }[]).map(({ id }) => ({ id, status: 'closed' }))))
    })
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: upstream.baseUrl, CLOSE_BATCH_SIZE: '200' } })
  // More than the sockets in between can hold.
  const ids = Array.from({ length: 150_000 }, (_, n) => `UR-2026-10-9999-9999-${String(n).padStart(12, '0')}`)
  const answer = await open({ origin }, lines(ids), bothNdjson)
  answer.pause()
  let seen = -1
  let still = 0
  await until(async () => {
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    still = batches === seen ? still + 1 : 0
    seen = batches
    return still >= 10
  }, 'the sending to stop', 20_000)
  t.ok(seen > 4 && seen < 750, `${seen} of 750 batches`)
  answer.resume()
  await once(answer, 'end')
  t.equal(batches, 750, 'it goes on as soon as the caller does')
})

t.test('a slow list and a caller that does not read lose their slots', async (t) => {
  const upstream = await startUpstream(t, (call, answer) => {
    void text(call).then((body) => {
      answer.writeHead(206, { 'content-type': 'application/json' })
      answer.end(JSON.stringify((JSON.parse(body) as { id: string }[]).map(({ id }) => ({ id, status: 'closed' }))))
    })
  })
  const { origin, port, logs } = await startApp(t, {
    env: { CONNECT_BASE_URL: upstream.baseUrl, UPLOAD_IDLE_TIMEOUT_MS: '500' }
  })
  const drip = await connectTo(t, port)
  await drip.sendHead({ path: CLOSE, key: PROVIDER_KEY, headers: { ...bothNdjson, 'content-length': '1000000' } })
  const dripping = setInterval(() => { drip.socket.write('\n') }, 50)
  t.teardown(() => { clearInterval(dripping) })
  drip.socket.on('error', () => {})
  const refused = await drip.answer()
  clearInterval(dripping)
  t.match(refused, { status: 408 })

  const ids = Array.from({ length: 150_000 }, (_, n) => `UR-2026-10-9999-9999-${String(n).padStart(12, '0')}`)
  const answer = await open({ origin }, lines(ids), bothNdjson)
  answer.on('error', () => {})
  answer.pause()
  const closed = 'the connection was closed: the caller does not read the outcomes'
  await until(() => logs.some(({ msg }) => msg === closed), 'the end', 20_000)
  answer.resume()
  await until(() => answer.destroyed, 'the end of the answer')
  t.notOk(answer.complete)
})

for (const [name, accept] of [['NDJSON', NDJSON], ['JSON', 'application/json']] as const) {
  t.test(`a caller that leaves ends the sending, and what was sent is seen through (${name})`, async (t) => {
    const fixture = await startFixture(t)
    const { ids } = await fixture.approved(200)
    fixture.plan({ match: BATCH, times: 0, fault: { type: 'delay', ms: 20 } })
    const answer = await open(fixture, lines(ids), { 'content-type': NDJSON, accept })
    await until(() => fixture.batches().length >= 4, 'some batches')
    answer.destroy()
    await fixture.quiet()
    const sent = fixture.batches().length
    t.ok(sent < 20, `${sent} of 40 batches`)
    t.equal(fixture.sandbox.summary().closedRecords, sent * 5, 'each of them to its end')
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    t.equal(fixture.batches().length, sent)
  })
}

t.test('eight bulk closes run at once, and the ninth gets 503', async (t) => {
  const callers = { entries: [...testCallers().entries, callerCalled('a', 'provider'), callerCalled('b', 'provider')] }
  const fixture = await startFixture(t, { callers })
  const { ids } = await fixture.approved(1)
  const half = async (key: string): Promise<WireClient[]> => await Promise.all(Array.from({ length: 4 }, async () => {
    const client = await connectTo(t, fixture.port)
    await client.sendHead({ path: CLOSE, key, headers: { ...bothNdjson, 'content-length': '1000' } })
    await client.sendBody(Buffer.from('\n'))
    return client
  }))
  const refusal = async (key: string): Promise<Response> => {
    let answer = await fixture.close(lines(ids), { ...bothNdjson, 'x-api-key': key })
    await until(async () => {
      if (answer.status !== 200) return true
      await answer.text()
      answer = await fixture.close(lines(ids), { ...bothNdjson, 'x-api-key': key })
      return answer.status !== 200
    }, 'one more to be refused')
    t.ok(answer.headers.get('retry-after'))
    return answer
  }
  const clients = await half('a-key')
  const own = await refusal('a-key')
  t.match(
    { status: own.status, json: await own.json() },
    { status: 429, json: { code: 'RATE_LIMITED', detail: 'A caller may have 4 lists of records under way at once.' } },
    'one caller has half of it'
  )
  t.equal((await fixture.close(lines(ids), bothNdjson)).status, 200, 'the rest is for others')
  clients.push(...await half('b-key'))
  const all = await refusal(PROVIDER_KEY)
  t.match(
    { status: all.status, json: await all.json() },
    { status: 503, json: { code: 'OVERLOADED', detail: /^There is no room for/ } }
  )
  for (const client of clients) client.socket.destroy()
  await fixture.quiet()
  await until(
    async () => (await fixture.close(lines(ids), { ...bothNdjson, 'x-api-key': 'a-key' })).status === 200,
    'room again'
  )
})

t.test('a full disk is reported as a full disk, not as a faulty upload', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-lists-'))
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  const { app } = await makeApp(t)
  rmSync(folder, { recursive: true })
  const answer = await app.inject({
    method: 'POST',
    url: CLOSE,
    headers: { ...asProvider, 'content-type': NDJSON },
    payload: '{}'
  })
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  t.match(answer.json(), {
    status: 503,
    code: 'OVERLOADED',
    detail: 'There is no room on disk for the list of records; try again later.'
  })
})
