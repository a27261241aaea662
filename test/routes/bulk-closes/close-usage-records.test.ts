import t from 'tap'
import { PROVIDER_KEY, VENDOR_KEY, asProvider, testCallers, until } from '../../helper.ts'
import { connectTo } from '../../uploads/wire.ts'
import { CLOSE, NDJSON, asDocument, lines, parseLines, startFixture, type Summary } from './fixture.ts'
import { BATCH, bothNdjson } from './open-close.ts'

t.test('both forms of the body and both forms of the answer work', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(48)
  const parts = [0, 12, 24, 36].map(from => ids.slice(from, from + 12))
  const all: Summary = { requested: 12, closed: 12, refused: 0, unknown: 0 }

  const first = await fixture.close(lines(parts[0]!), bothNdjson)
  t.same(
    [first.status, first.headers.get('content-type'), first.headers.get('cache-control')],
    [200, NDJSON, 'no-store']
  )
  const { outcomes, summary } = parseLines(await first.text())
  t.same(outcomes, parts[0]!.map((id, index) => ({ id, index, outcome: 'closed' })))
  t.same(summary, all)

  const second = await fixture.close(asDocument(parts[1]!))
  t.equal(second.headers.get('content-type'), 'application/json; charset=utf-8')
  t.same(await second.json(), { failures: [], summary: all })

  t.same(
    parseLines(await (await fixture.close(asDocument(parts[2]!), { accept: `text/html, ${NDJSON};q=0.9` })).text())
      .summary,
    all
  )
  t.same(
    await (
      await fixture.close(lines(parts[3]!), {
        'content-type': 'Application/X-NDJSON; charset=utf-8',
        accept: `${NDJSON};q=0, */*`
      })
    ).json(),
    { failures: [], summary: all }
  )

  const { closes } = fixture.sandbox.summary()
  t.same(closes, Object.fromEntries(ids.map(id => [id, 1])))
  t.ok(fixture.batches().every(count => count <= 5))
  await fixture.quiet()
})

t.test('a repeated request closes nothing twice', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(23)
  for (let time = 0; time < 2; time++) {
    const { outcomes, summary } = parseLines(await (await fixture.close(lines(ids), bothNdjson)).text())
    t.same(summary, { requested: 23, closed: 23, refused: 0, unknown: 0 })
    const told = ids.map((id, index) => ({ id, index, outcome: 'closed', ...(time === 1 && { already: true }) }))
    t.same(outcomes.sort((a, b) => Number(a['index']) - Number(b['index'])), told, 'what was closed before says so')
  }
  t.same(fixture.sandbox.summary().closes, Object.fromEntries(ids.map(id => [id, 1])))
  const { outcomes, summary } = parseLines(
    await (await fixture.close(lines(ids.slice(0, 3), 'INV-2'), bothNdjson)).text()
  )
  t.same(summary, { requested: 3, closed: 0, refused: 3, unknown: 0 })
  t.match(outcomes[0], {
    outcome: 'refused',
    code: 'BILLING_CONFLICT',
    message: 'The record is closed with the billing id INV-1.'
  })
})

t.test('an ill-formed body closes nothing', async (t) => {
  const fixture = await startFixture(t, { env: { BULK_MAX_BYTES: '20000' } })
  const { ids } = await fixture.approved(10)
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
    const answer = await fixture.close(body, headers)
    t.equal(answer.status, status, name)
    t.match(await answer.json(), { code, requestId: String }, name)
  }
  const faulty = await (await fixture.close(`${line}\n\n{"id":"x"}\n`, bothNdjson)).json() as { errors: unknown }
  t.same(faulty.errors, [
    { path: 'line 13.id', message: 'is not the id of a usage record' },
    { path: 'line 13.externalBillingId', message: 'is required' }
  ])
  t.same(fixture.sandbox.ledger.entries, [])
  await fixture.quiet()
})

t.test('a body that is cut off closes nothing', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(10)
  const body = Buffer.from(lines(ids))
  for (const how of ['fin', 'rst', 'chunked fin'] as const) {
    const client = await connectTo(t, fixture.port)
    const framing: Record<string, string> =
      how === 'chunked fin' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length + 10) }
    await client.sendHead({ path: CLOSE, key: PROVIDER_KEY, headers: { ...bothNdjson, ...framing } })
    if (how === 'chunked fin') await client.sendChunked(body, 'whole', false)
    else await client.sendBody(body)
    if (how === 'rst') client.socket.resetAndDestroy()
    else client.socket.end()
    await until(() => client.isClosed() || client.socket.destroyed, 'the end of the connection')
  }
  await fixture.quiet()
  t.same(fixture.sandbox.ledger.entries, [])
})

t.test('only a provider with the scope may close', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(3)
  t.equal((await fixture.close(lines(ids), { ...bothNdjson, 'x-api-key': 'nobody' })).status, 401)
  t.equal((await fixture.close(lines(ids), { ...bothNdjson, 'x-api-key': VENDOR_KEY })).status, 403)
  const reader = await startFixture(t, { callers: testCallers(['usage:read']) })
  t.match(await (await reader.close(lines(ids), bothNdjson)).json(), { status: 403, code: 'SCOPE_MISSING' })
  t.same([...fixture.sandbox.ledger.entries, ...reader.sandbox.ledger.entries], [])
})

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
  const fixture = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '1000' } })
  for (const when of ['before', 'after'] as const) {
    for (const fault of faults) {
      const name = `${fault.type} ${'code' in fault ? fault.code : ''} ${when} the effect`
      const { ids } = await fixture.approved(31)
      fixture.sandbox.faults.clear()
      fixture.plan({ match: BATCH, nth: 2, times: 1, when, fault })
      const { outcomes, summary } = parseLines(await (await fixture.close(lines(ids), bothNdjson)).text())
      t.same(summary, { requested: 31, closed: 31, refused: 0, unknown: 0 }, name)
      t.equal(outcomes.length, 31)
      const { closes } = fixture.sandbox.summary()
      t.ok(ids.every(id => closes[id] === 1), `${name}: once each`)
    }
  }
  await fixture.quiet()
})

t.test('every batch waits for a pause that Connect asks for', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(40)
  fixture.plan({ match: BATCH, nth: 3, fault: { type: 'throttle', retryAfter: 1 } })
  t.equal(parseLines(await (await fixture.close(lines(ids), bothNdjson)).text()).summary.closed, 40)
  const calls = fixture.sandbox.ledger.entries.filter(({ path }) => path.endsWith('/close-records'))
  const told = Date.parse(calls.find(({ status }) => status === 429)?.at ?? '')
  const ms = calls.map(({ at }) => Date.parse(at) - told).filter(ms => ms > 0)
  t.ok(ms.filter(ms => ms >= 990).length >= 5)
  t.ok(ms.filter(ms => ms < 990).length <= 1, `only a call that was under way arrives: ${ms.join()} ms`)
})

t.test('the next request of the account waits for a pause that an earlier request was told', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(10)
  fixture.plan({ match: BATCH, fault: { type: 'throttle', retryAfter: 1 } })
  const first = fixture.close(lines(ids.slice(0, 5)), bothNdjson)
  const callsToClose = () => fixture.sandbox.ledger.entries.filter(({ path }) => path.endsWith('/close-records'))
  await until(() => callsToClose().some(({ status }) => status === 429), 'the 429')
  // Its answer has arrived when another call has come and gone.
  await (await fetch(`${fixture.origin}/v1/usage-records?limit=1`, { headers: asProvider })).text()
  for (const answer of await Promise.all([first, fixture.close(lines(ids.slice(5)), bothNdjson)])) {
    t.equal(parseLines(await answer.text()).summary.closed, 5)
  }
  const [told, ...later] = callsToClose().map(({ at }) => Date.parse(at))
  t.equal(later.length, 2)
  t.ok(Math.min(...later) >= told! + 990, `${Math.min(...later) - told!} ms`)
})

t.test('records that Connect refuses or does not know have Connect\'s error texts', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(3)
  const stranger = 'UR-2026-10-0000-0000-0000-0001'
  const answer = (await (
    await fixture.close(
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
  const alone = await fetch(`${fixture.origin}/v1/usage-records/${stranger}/close`, {
    method: 'POST',
    headers: { ...asProvider, 'content-type': 'application/json' },
    body: '{"externalBillingId":"INV-1"}'
  })
  t.match([alone.status, await alone.json()], [404, { code: 'NOT_FOUND' }], 'the close of one record has the same code')
})

t.test(
  'two closes of the same records with different billing ids: each record is told closed to one of them, and as ' +
  'Connect has it',
  async t => {
    const fixture = await startFixture(t)
    const { ids } = await fixture.approved(30)
    const outcomes = await Promise.all(
      ['INV-1', 'INV-2'].map(
        async billing => parseLines(await (await fixture.close(lines(ids, billing), bothNdjson)).text()).outcomes
      )
    )
    for (const id of ids) {
      const told = outcomes.map(list => list.find(one => one.id === id))
      t.same(told.map(one => one?.outcome).sort(), ['closed', 'refused'], id)
      t.equal(told.find(one => one?.outcome === 'refused')?.code, 'BILLING_CONFLICT')
      const winner = told[0]?.outcome === 'closed' ? 'INV-1' : 'INV-2'
      t.equal(fixture.sandbox.store.records.get(id)?.billingId, winner, 'as Connect has it')
    }
  }
)
