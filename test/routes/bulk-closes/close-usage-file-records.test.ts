import t from 'tap'
import { PROVIDER_KEY, startApp, startUpstream, until, VENDOR_KEY, type Teardown } from '../../helper.ts'
import { connectTo } from '../../uploads/wire.ts'
import { NDJSON, parseLines, startFixture, type Summary } from './fixture.ts'

const pathOf = (fileId: string): string => `/v1/usage-files/${fileId}/records/close`

t.test('25,000 records of a file are all closed', { timeout: 100_000 }, async (t) => {
  const fixture = await startFixture(t, { env: { CLOSE_BATCH_SIZE: '500', CLOSE_CONCURRENCY: '4' } })
  const { fileId } = await fixture.approved(25_000)
  const startedAt = performance.now()
  const answer = await fixture.close(
    '{"externalBillingId":"INV-9","externalBillingNote":"all"}',
    { accept: NDJSON },
    pathOf(fileId)
  )
  const { outcomes, summary } = parseLines(await answer.text())
  t.comment(`${Math.round(performance.now() - startedAt)} ms`)
  t.same(summary, { requested: 25_000, closed: 25_000, refused: 0, unknown: 0 })
  t.equal(new Set(outcomes.map(({ id }) => id)).size, 25_000)
  const { closes, closedRecords } = fixture.sandbox.summary()
  t.equal(closedRecords, 25_000)
  t.ok(Object.values(closes).every(times => times === 1))
  t.same(await (await fixture.close('{"externalBillingId":"INV-9"}', {}, pathOf(fileId))).json(), {
    failures: [],
    summary: { requested: 0, closed: 0, refused: 0, unknown: 0 }
  })
  await fixture.quiet()
})

t.test('a wrong billing id or file id closes nothing', async (t) => {
  const fixture = await startFixture(t)
  const { fileId } = await fixture.approved(3)
  const cases: [string, Record<string, string>, number, string][] = [
    ['{}', {}, 400, 'VALIDATION_FAILED'],
    ['{"externalBillingId":"a","records":[]}', {}, 400, 'VALIDATION_FAILED'],
    ['{"externalBillingId":', {}, 400, 'MALFORMED_BODY'],
    ['', {}, 400, 'MALFORMED_BODY'],
    [`{"externalBillingId":"${'x'.repeat(20_000)}"}`, {}, 413, 'BODY_TOO_LARGE'],
    ['{"externalBillingId":"a"}', { 'content-type': NDJSON }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['{"externalBillingId":"a"}', { 'x-api-key': VENDOR_KEY }, 403, 'SCOPE_MISSING']
  ]
  for (const [body, headers, status, code] of cases) {
    const answer = await fixture.close(body, headers, pathOf(fileId))
    t.equal(answer.status, status, body.slice(0, 40))
    t.match(await answer.json(), { code })
  }
  t.same(fixture.sandbox.ledger.entries, [])
  t.match(await (await fixture.close('{"externalBillingId":"a"}', {}, pathOf('UF-2026-10-0000-0000'))).json(), {
    status: 404,
    code: 'NOT_FOUND'
  })
  t.equal(fixture.sandbox.summary().closedRecords, 0)
})

t.test('an empty list without a count is not a success', async (t) => {
  const fixture = await startFixture(t)
  const { fileId } = await fixture.approved(3)
  const list = { method: 'GET', path: '/usage/records' }
  for (const headers of [{}, { 'content-range': 'items 0-0/50' }]) {
    fixture.plan({ match: list, fault: { type: 'status', code: 200, headers, body: [] } })
    t.match(await (await fixture.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json(), {
      status: 502,
      code: 'UPSTREAM_INVALID'
    })
  }
  t.same(fixture.batches(), [])
  const answer = await fixture.close('{"externalBillingId":"a"}', {}, pathOf(fileId))
  t.match(await answer.json(), { summary: { closed: 3 } })
})

t.test('a count that no file can have is a problem, and nothing is closed', async (t) => {
  const fixture = await startFixture(t)
  const { fileId, ids: [id] } = await fixture.approved(1)
  const body = [{ id, status: 'approved', usagefile: { id: fileId } }]
  for (const total of ['4000000000', '9007199254740991']) {
    const headers = { 'content-range': `items 0-0/${total}` }
    fixture.plan({
      match: { method: 'GET', path: '/usage/records' },
      fault: { type: 'status', code: 200, headers, body }
    })
    const answer = await fixture.close('{"externalBillingId":"a"}', {}, pathOf(fileId))
    t.match(await answer.json(), { status: 502, code: 'UPSTREAM_INVALID' })
  }
  t.same(fixture.batches(), [])
})

t.test('a list that cannot be read is a problem, not an empty success', async (t) => {
  const fixture = await startFixture(t)
  const { fileId } = await fixture.approved(3)
  fixture.plan({ match: { method: 'GET', path: '/usage/records' }, times: 0, fault: { type: 'status', code: 500 } })
  t.match(await (await fixture.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json(), {
    status: 502,
    code: 'UPSTREAM_FAILED'
  })
  fixture.sandbox.faults.clear()
  fixture.plan({
    match: { method: 'GET', path: '/usage/records' },
    nth: 2,
    times: 0,
    fault: { type: 'status', code: 403 }
  })
  const { summary } = (await (await fixture.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json()) as {
    summary: Summary
  }
  t.same(summary, { requested: 3, closed: 3, refused: 0, unknown: 0, hasMore: true })
  await fixture.quiet()
})

/** A Connect whose file has these many approved records. `onList` may answer a page in its place. */
async function startConnect (
  t: Teardown, count: number, onList: (offset: number, send: (status: number) => void) => boolean | Promise<boolean>
): Promise<{ baseUrl: string, closed: Set<string> }> {
  const closed = new Set<string>()
  const ids = Array.from({ length: count }, (_, n) => `UR-2026-11-0000-0001-${n}`)
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://connect')
    const send = (status: number, value: unknown, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    }
    const list = async (): Promise<void> => {
      const offset = Number(/offset[=(](\d+)/.exec(search)?.[1] ?? 0)
      if (await onList(offset, status => { send(status, { errors: ['No.'] }) })) return
      const open = ids.filter(id => !closed.has(id))
      const rows = open.slice(offset, offset + 1000).map(id => ({ id, status: 'approved', usagefile: { id: FILE } }))
      send(200, rows, { 'content-range': `items ${offset}-${offset + Math.max(0, rows.length - 1)}/${open.length}` })
    }
    if (request.method === 'POST') {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => { body += text }).once('end', () => {
        const records = JSON.parse(body) as { id: string }[]
        for (const { id } of records) closed.add(id)
        send(200, records.map(({ id }) => ({ id, status: 'closed' })))
      })
    } else if (pathname.endsWith('/records')) void list()
    else send(200, { id: FILE, status: 'accepted' })
  })
  return { baseUrl, closed }
}

const FILE = 'UF-2026-11-0000-0001'

t.test('a caller that leaves ends the listing of records, and no error is logged', async (t) => {
  let pages = 0
  const { baseUrl, closed } = await startConnect(t, 200_000, async () => {
    pages += 1
    await new Promise(resolve => { setTimeout(resolve, 20) })
    return false
  })
  const { port, logs, app } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const client = await connectTo(t, port)
  const body = Buffer.from('{"externalBillingId":"INV-1"}')
  await client.sendHead({
    path: pathOf(FILE),
    key: PROVIDER_KEY,
    headers: { 'content-type': 'application/json', 'content-length': String(body.length) }
  })
  await client.sendBody(body)
  await until(() => pages >= 5, 'the looking')
  client.socket.resetAndDestroy()
  await until(() => logs.some(({ msg }) => msg === 'request'), 'the end of the request')
  await until(() => logs.some(({ audit }) => audit === true), 'the audit line')
  await until(() => app.connect.stats().jsonRead.running === 0, 'the end of the call')
  const seen = pages
  t.match(logs.filter(({ msg }) => msg === 'request'), [{ operation: 'closeUsageFileRecords', complete: false }])
  t.match(logs.filter(({ audit }) => audit === true), [
    { outcome: 'partial', records: { requested: 200_000, closed: closed.size, notSent: 200_000 - closed.size } }
  ])
  t.same(logs.filter(({ level }) => level === 'error' || level === 'warn'), [], 'no line about an error')
  t.ok(seen < 20, `${seen} pages`)
  t.equal(pages, seen)
})

t.test('the first outcomes come while the list is read', async (t) => {
  const held: (() => void)[] = []
  let pages = 0
  const { baseUrl, closed } = await startConnect(t, 20_000, async () => {
    pages += 1
    if (pages === 12) await new Promise<void>(resolve => { held.push(resolve) })
    return false
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl, CLOSE_CONCURRENCY: '1' } })
  const answer = await fetch(origin + pathOf(FILE), {
    method: 'POST',
    headers: { 'x-api-key': PROVIDER_KEY, 'content-type': 'application/json', accept: NDJSON },
    body: '{"externalBillingId":"INV-1"}'
  })
  const reader = answer.body!.getReader()
  let text = Buffer.from((await reader.read()).value ?? []).toString()
  t.match(text, /^\{"id":"UR-2026-11-0000-0001-19\d{3}","index":\d+,"outcome":"closed"\}\n/)
  await until(() => held.length === 1, 'a later page')
  t.ok(closed.size < 20_000)
  for (const release of held) release()
  for (let more = await reader.read(); !more.done; more = await reader.read()) {
    text += Buffer.from(more.value).toString()
  }
  const { outcomes, summary } = parseLines(text)
  t.same(summary, { requested: 20_000, closed: 20_000, refused: 0, unknown: 0 })
  t.equal(new Set(outcomes.map(({ id }) => id)).size, 20_000)
  t.equal(closed.size, 20_000)
})

t.test('while the first records are not listed, the answer has begun', { timeout: 60_000 }, async (t) => {
  const waiting: (() => void)[] = []
  const begin = async (laterStatus: number, accept: string) => {
    let isReleased = false
    const { baseUrl, closed } = await startConnect(t, 1500, async (offset, send) => {
      if (offset === 0) return false
      if (!isReleased) await new Promise<void>(resolve => { waiting.push(resolve) })
      isReleased = true
      if (laterStatus !== 200) send(laterStatus)
      return laterStatus !== 200
    })
    const { origin, logs } = await startApp(t, {
      env: { CONNECT_BASE_URL: baseUrl, CONNECT_TIMEOUT_MS: '60000', CLOSE_CONCURRENCY: '1' }
    })
    const headers = { 'x-api-key': PROVIDER_KEY, 'content-type': 'application/json', accept }
    const body = '{"externalBillingId":"INV-1"}'
    const answer = await fetch(origin + pathOf(FILE), { method: 'POST', body, headers })
    const reader = answer.body?.getReader()
    const text = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString()
    return { answer, closed, logs, first: await text(), rest: text }
  }
  const all = await Promise.all([begin(200, NDJSON), begin(500, NDJSON), begin(403, 'application/json')])
  t.equal(waiting.length, 3, 'the answers have begun while Connect has not given the last page')
  for (const { answer } of all) t.equal(answer.status, 200)
  t.same(all.map(({ first }) => first), [' ', ' ', '{"failures":['])
  for (const finish of waiting) finish()
  const [whole, failed, refused] = await Promise.all(all.map(async ({ first, rest, logs, closed }) => {
    let text = first
    for (let more = await rest(); more !== ''; more = await rest()) text += more
    return { text, logs, closed }
  }))
  const { outcomes, summary } = parseLines(whole?.text ?? '')
  t.same(summary, { requested: 1500, closed: 1500, refused: 0, unknown: 0 })
  t.equal(new Set(outcomes.map(({ id }) => id)).size, 1500)
  const none = { requested: 0, closed: 0, refused: 0, unknown: 0, hasMore: true }
  t.same(parseLines(failed?.text ?? '').summary, none)
  t.same(JSON.parse(refused?.text ?? ''), { failures: [], summary: none })
  for (const one of [failed, refused]) {
    t.equal(one?.closed.size, 0)
    t.match(one?.logs.filter(({ level }) => level === 'warn' || level === 'error'), [
      { msg: /list of approved records cannot be read/, err: { code: /UPSTREAM_FAILED|CONNECT_FORBIDDEN/ } }
    ])
    await until(() => one?.logs.some(({ audit }) => audit === true) === true, 'the audit line')
    const [line] = one?.logs.filter(({ audit }) => audit === true) ?? []
    t.match(line, { outcome: 'refused', records: { requested: 1500, closed: 0, notSent: 1500 }, complete: true })
  }
})
