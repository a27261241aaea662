import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import {
  PROVIDER_KEY,
  VENDOR_KEY,
  asProvider,
  callerCalled,
  makeApp,
  startApp,
  startUpstream,
  testCallers,
  until
} from '../../helper.ts'
import { connectTo, type WireClient } from '../../uploads/wire.ts'
import { CLOSE, NDJSON, asDocument, lines, parseLines, startStage, type Stage, type Summary } from './stage.ts'

const BATCH = { method: 'POST', path: '/usage/records/close-records' }
const bothNdjson = { 'content-type': NDJSON, accept: NDJSON }

/** Sends and gives the answer as soon as it begins, unread. */
async function open (
  stage: Pick<Stage, 'origin'>,
  body: string,
  headers: Record<string, string>
): Promise<IncomingMessage> {
  const call = request(stage.origin + CLOSE, { method: 'POST', headers: { 'x-api-key': PROVIDER_KEY, ...headers } })
  call.on('error', () => {})
  call.end(body)
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  return answer
}

t.test('both forms of the body and both forms of the answer work', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(48)
  const parts = [0, 12, 24, 36].map(from => ids.slice(from, from + 12))
  const all: Summary = { requested: 12, closed: 12, refused: 0, unknown: 0 }

  const first = await stage.close(lines(parts[0]!), bothNdjson)
  t.same(
    [first.status, first.headers.get('content-type'), first.headers.get('cache-control')],
    [200, NDJSON, 'no-store']
  )
  const { outcomes, summary } = parseLines(await first.text())
  t.same(outcomes, parts[0]!.map((id, index) => ({ id, index, outcome: 'closed' })))
  t.same(summary, all)

  const second = await stage.close(asDocument(parts[1]!))
  t.equal(second.headers.get('content-type'), 'application/json; charset=utf-8')
  t.same(await second.json(), { failures: [], summary: all })

  t.same(
    parseLines(await (await stage.close(asDocument(parts[2]!), { accept: `text/html, ${NDJSON};q=0.9` })).text())
      .summary,
    all
  )
  t.same(
    await (
      await stage.close(lines(parts[3]!), {
        'content-type': 'Application/X-NDJSON; charset=utf-8',
        accept: `${NDJSON};q=0, */*`
      })
    ).json(),
    { failures: [], summary: all }
  )

  const { closes } = stage.sandbox.summary()
  t.same(closes, Object.fromEntries(ids.map(id => [id, 1])))
  t.ok(stage.batches().every(count => count <= 5))
  await stage.quiet()
})

t.test('a repeated request closes nothing twice', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(23)
  for (let time = 0; time < 2; time++) {
    const { outcomes, summary } = parseLines(await (await stage.close(lines(ids), bothNdjson)).text())
    t.same(summary, { requested: 23, closed: 23, refused: 0, unknown: 0 })
    const told = ids.map((id, index) => ({ id, index, outcome: 'closed', ...(time === 1 && { already: true }) }))
    t.same(outcomes.sort((a, b) => Number(a['index']) - Number(b['index'])), told, 'what was closed before says so')
  }
  t.same(stage.sandbox.summary().closes, Object.fromEntries(ids.map(id => [id, 1])))
  const { outcomes, summary } = parseLines(
    await (await stage.close(lines(ids.slice(0, 3), 'INV-2'), bothNdjson)).text()
  )
  t.same(summary, { requested: 3, closed: 0, refused: 3, unknown: 0 })
  t.match(outcomes[0], {
    outcome: 'refused',
    code: 'BILLING_CONFLICT',
    message: 'The record is closed with the billing id INV-1.'
  })
})

t.test('an ill-formed body closes nothing', async (t) => {
  const stage = await startStage(t, { env: { BULK_MAX_BYTES: '20000' } })
  const { ids } = await stage.approved(10)
  const line = lines(ids)
  const cases: [string, string, Record<string, string>, number, string][] = [
    ['a bad line', `${line}{"id":1}\n`, bothNdjson, 400, 'VALIDATION_FAILED'],
    ['no record', '', bothNdjson, 400, 'VALIDATION_FAILED'],
    ['no billing id', JSON.stringify({ records: ids.map(id => ({ id })) }), {}, 400, 'VALIDATION_FAILED'],
    ['cut JSON', asDocument(ids).slice(0, -1), {}, 400, 'MALFORMED_BODY'],
    ['NDJSON as JSON', line, {}, 400, 'VALIDATION_FAILED'],
    ['too large', ' '.repeat(30_000), bothNdjson, 413, 'BODY_TOO_LARGE'],
    ['another type', line, { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a type like ours', line, { 'content-type': `${NDJSON}x` }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['compressed', line, { ...bothNdjson, 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE']
  ]
  for (const [name, body, headers, status, code] of cases) {
    const answer = await stage.close(body, headers)
    t.equal(answer.status, status, name)
    t.match(await answer.json(), { code, requestId: String }, name)
  }
  const faulty = await (await stage.close(`${line}\n\n{"id":"x"}\n`, bothNdjson)).json() as { errors: unknown }
  t.same(faulty.errors, [
    { path: 'line 13.id', message: 'is not the id of a usage record' },
    { path: 'line 13.externalBillingId', message: 'is required' }
  ])
  t.same(stage.sandbox.ledger.entries, [])
  await stage.quiet()
})

t.test('a body that is cut off closes nothing', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(10)
  const body = Buffer.from(lines(ids))
  for (const how of ['fin', 'rst', 'chunked fin'] as const) {
    const client = await connectTo(t, stage.port)
    const framing: Record<string, string> =
      how === 'chunked fin' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length + 10) }
    await client.sendHead({ path: CLOSE, key: PROVIDER_KEY, headers: { ...bothNdjson, ...framing } })
    if (how === 'chunked fin') await client.sendChunked(body, 'whole', false)
    else await client.sendBody(body)
    if (how === 'rst') client.socket.resetAndDestroy()
    else client.socket.end()
    await until(() => client.isClosed() || client.socket.destroyed, 'the end of the connection')
  }
  await stage.quiet()
  t.same(stage.sandbox.ledger.entries, [])
})

t.test('only a provider with the scope may close', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(3)
  t.equal((await stage.close(lines(ids), { ...bothNdjson, 'x-api-key': 'nobody' })).status, 401)
  t.equal((await stage.close(lines(ids), { ...bothNdjson, 'x-api-key': VENDOR_KEY })).status, 403)
  const reader = await startStage(t, { callers: testCallers(['usage:read']) })
  t.match(await (await reader.close(lines(ids), bothNdjson)).json(), { status: 403, code: 'SCOPE_MISSING' })
  t.same([...stage.sandbox.ledger.entries, ...reader.sandbox.ledger.entries], [])
})

t.test('outcomes arrive before the last batch is sent', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(60)
  stage.plan({ match: BATCH, times: 0, fault: { type: 'delay', ms: 30 } })
  const answer = await open(stage, lines(ids), bothNdjson)
  const [first] = await once(answer, 'data') as [Buffer]
  t.match(JSON.parse(first.toString().split('\n')[0] ?? ''), { outcome: 'closed' })
  t.ok(stage.batches().length < 12, `${stage.batches().length} batches of 12 by then`)
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
  const ids = Array.from({ length: 250_000 }, (_, n) => `UR-2026-10-9999-9999-${String(n).padStart(12, '0')}`)
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
  t.ok(seen > 4 && seen < 1250, `${seen} of 1250 batches`)
  answer.resume()
  await once(answer, 'end')
  t.equal(batches, 1250, 'it goes on as soon as the caller does')
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

  const ids = Array.from({ length: 250_000 }, (_, n) => `UR-2026-10-9999-9999-${String(n).padStart(12, '0')}`)
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
    const stage = await startStage(t)
    const { ids } = await stage.approved(200)
    stage.plan({ match: BATCH, times: 0, fault: { type: 'delay', ms: 20 } })
    const answer = await open(stage, lines(ids), { 'content-type': NDJSON, accept })
    await until(() => stage.batches().length >= 4, 'some batches')
    answer.destroy()
    await stage.quiet()
    const sent = stage.batches().length
    t.ok(sent < 20, `${sent} of 40 batches`)
    t.equal(stage.sandbox.summary().closedRecords, sent * 5, 'each of them to its end')
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    t.equal(stage.batches().length, sent)
  })
}

t.test('each record is closed once and has one outcome, whatever fault a batch meets', async (t) => {
  const faults = [
    { type: 'status', code: 500 },
    { type: 'reset' },
    { type: 'truncate' },
    { type: 'wrongType' },
    { type: 'hang' },
    { type: 'status', code: 413 },
    { type: 'status', code: 400 }
  ] as const
  const stage = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '1000' } })
  for (const when of ['before', 'after'] as const) {
    for (const fault of faults) {
      const name = `${fault.type} ${'code' in fault ? fault.code : ''} ${when} the effect`
      const { ids } = await stage.approved(31)
      stage.sandbox.faults.clear()
      stage.plan({ match: BATCH, nth: 2, times: 1, when, fault })
      const { outcomes, summary } = parseLines(await (await stage.close(lines(ids), bothNdjson)).text())
      t.same(summary, { requested: 31, closed: 31, refused: 0, unknown: 0 }, name)
      t.equal(outcomes.length, 31)
      const { closes } = stage.sandbox.summary()
      t.ok(ids.every(id => closes[id] === 1), `${name}: once each`)
    }
  }
  await stage.quiet()
})

t.test('every batch waits for a pause that Connect asks for', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(40)
  stage.plan({ match: BATCH, nth: 3, fault: { type: 'throttle', retryAfter: 1 } })
  t.equal(parseLines(await (await stage.close(lines(ids), bothNdjson)).text()).summary.closed, 40)
  const calls = stage.sandbox.ledger.entries.filter(({ path }) => path.endsWith('/close-records'))
  const told = Date.parse(calls.find(({ status }) => status === 429)?.at ?? '')
  const later = calls.map(({ at }) => Date.parse(at)).filter(at => at > told + 50)
  t.ok(later.length >= 5)
  t.ok(Math.min(...later) >= told + 990, `${Math.min(...later) - told} ms`)
})

t.test('the next request of the account waits for a pause that an earlier request was told', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(10)
  stage.plan({ match: BATCH, fault: { type: 'throttle', retryAfter: 1 } })
  const first = stage.close(lines(ids.slice(0, 5)), bothNdjson)
  const callsToClose = () => stage.sandbox.ledger.entries.filter(({ path }) => path.endsWith('/close-records'))
  await until(() => callsToClose().some(({ status }) => status === 429), 'the 429')
  // Its answer has arrived when another call has come and gone.
  await (await fetch(`${stage.origin}/v1/usage-records?limit=1`, { headers: asProvider })).text()
  for (const answer of await Promise.all([first, stage.close(lines(ids.slice(5)), bothNdjson)])) {
    t.equal(parseLines(await answer.text()).summary.closed, 5)
  }
  const [told, ...later] = callsToClose().map(({ at }) => Date.parse(at))
  t.equal(later.length, 2)
  t.ok(Math.min(...later) >= told! + 990, `${Math.min(...later) - told!} ms`)
})

t.test('records that Connect refuses or does not know have Connect\'s error texts', async (t) => {
  const stage = await startStage(t)
  const { ids } = await stage.approved(3)
  const stranger = 'UR-2026-10-0000-0000-0000-0001'
  const answer = (await (
    await stage.close(
      JSON.stringify({
        records: [
          { id: stranger },
          ...ids.map(id => ({ id })),
          { id: ids[0] },
          { id: ids[0], externalBillingNote: 'x' }
        ],
        externalBillingId: 'INV-1'
      })
    )
  ).json()) as { failures: unknown; summary: Summary }
  t.match(answer.failures, [
    { id: stranger, index: 0, outcome: 'refused', code: 'NOT_FOUND', message: 'Usage record not found.' },
    { id: ids[0], index: 5, code: 'DUPLICATE_ID' }
  ])
  t.same(answer.summary, { requested: 6, closed: 4, refused: 2, unknown: 0 })
  const alone = await fetch(`${stage.origin}/v1/usage-records/${stranger}/close`, {
    method: 'POST',
    headers: { ...asProvider, 'content-type': 'application/json' },
    body: '{"externalBillingId":"INV-1"}'
  })
  t.match([alone.status, await alone.json()], [404, { code: 'NOT_FOUND' }], 'the close of one record has the same code')
})

t.test('eight bulk closes run at once, and the ninth gets 503', async (t) => {
  const callers = { entries: [...testCallers().entries, callerCalled('a', 'provider'), callerCalled('b', 'provider')] }
  const stage = await startStage(t, { callers })
  const { ids } = await stage.approved(1)
  const half = async (key: string): Promise<WireClient[]> => await Promise.all(Array.from({ length: 4 }, async () => {
    const client = await connectTo(t, stage.port)
    await client.sendHead({ path: CLOSE, key, headers: { ...bothNdjson, 'content-length': '1000' } })
    await client.sendBody(Buffer.from('\n'))
    return client
  }))
  const refusal = async (key: string): Promise<Response> => {
    let answer = await stage.close(lines(ids), { ...bothNdjson, 'x-api-key': key })
    await until(async () => {
      if (answer.status !== 200) return true
      await answer.text()
      answer = await stage.close(lines(ids), { ...bothNdjson, 'x-api-key': key })
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
  t.equal((await stage.close(lines(ids), bothNdjson)).status, 200, 'the rest is for others')
  clients.push(...await half('b-key'))
  const all = await refusal(PROVIDER_KEY)
  t.match(
    { status: all.status, json: await all.json() },
    { status: 503, json: { code: 'OVERLOADED', detail: /^There is no room for/ } }
  )
  for (const client of clients) client.socket.destroy()
  await stage.quiet()
  await until(
    async () => (await stage.close(lines(ids), { ...bothNdjson, 'x-api-key': 'a-key' })).status === 200,
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

t.test(
  'two closes of the same records with different billing ids: each record is told closed to one of them, and as ' +
  'Connect has it',
  async t => {
    const stage = await startStage(t)
    const { ids } = await stage.approved(30)
    const outcomes = await Promise.all(
      ['INV-1', 'INV-2'].map(
        async billing => parseLines(await (await stage.close(lines(ids, billing), bothNdjson)).text()).outcomes
      )
    )
    for (const id of ids) {
      const told = outcomes.map(list => list.find(one => one.id === id))
      t.same(told.map(one => one?.outcome).sort(), ['closed', 'refused'], id)
      t.equal(told.find(one => one?.outcome === 'refused')?.code, 'BILLING_CONFLICT')
      const winner = told[0]?.outcome === 'closed' ? 'INV-1' : 'INV-2'
      t.equal(stage.sandbox.store.records.get(id)?.billingId, winner, 'as Connect has it')
    }
  }
)
