import t from 'tap'
import { PROVIDER_KEY, startApp, startUpstream, until, VENDOR_KEY } from '../../helper.ts'
import { connectTo } from '../../uploads/wire.ts'
import { NDJSON, parseLines, startStage, type Summary } from './stage.ts'

const pathOf = (fileId: string): string => `/v1/usage-files/${fileId}/records/close`

t.test('25,000 records of a file are all closed', { timeout: 100_000 }, async (t) => {
  const stage = await startStage(t, { env: { CLOSE_BATCH_SIZE: '500', CLOSE_CONCURRENCY: '4' } })
  const { fileId } = await stage.approved(25_000)
  const startedAt = performance.now()
  const answer = await stage.close(
    '{"externalBillingId":"INV-9","externalBillingNote":"all"}',
    { accept: NDJSON },
    pathOf(fileId)
  )
  const { outcomes, summary } = parseLines(await answer.text())
  t.comment(`${Math.round(performance.now() - startedAt)} ms`)
  t.same(summary, { requested: 25_000, closed: 25_000, refused: 0, unknown: 0 })
  t.equal(new Set(outcomes.map(({ id }) => id)).size, 25_000)
  const { closes, closedRecords } = stage.sandbox.summary()
  t.equal(closedRecords, 25_000)
  t.ok(Object.values(closes).every(times => times === 1))
  t.same(await (await stage.close('{"externalBillingId":"INV-9"}', {}, pathOf(fileId))).json(), {
    failures: [],
    summary: { requested: 0, closed: 0, refused: 0, unknown: 0 }
  })
  await stage.quiet()
})

t.test('a wrong billing id or file id closes nothing', async (t) => {
  const stage = await startStage(t)
  const { fileId } = await stage.approved(3)
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
    const answer = await stage.close(body, headers, pathOf(fileId))
    t.equal(answer.status, status, body.slice(0, 40))
    t.match(await answer.json(), { code })
  }
  t.same(stage.sandbox.ledger.entries, [])
  t.match(await (await stage.close('{"externalBillingId":"a"}', {}, pathOf('UF-2026-10-0000-0000'))).json(), {
    status: 404,
    code: 'NOT_FOUND'
  })
  t.equal(stage.sandbox.summary().closedRecords, 0)
})

t.test('an empty list without a count is not a success', async (t) => {
  const stage = await startStage(t)
  const { fileId } = await stage.approved(3)
  const list = { method: 'GET', path: '/usage/records' }
  for (const headers of [{}, { 'content-range': 'items 0-0/50' }]) {
    stage.plan({ match: list, fault: { type: 'status', code: 200, headers, body: [] } })
    t.match(await (await stage.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json(), {
      status: 502,
      code: 'UPSTREAM_INVALID'
    })
  }
  t.same(stage.batches(), [])
  t.match(await (await stage.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json(), { summary: { closed: 3 } })
})

t.test('a count that no file can have is a problem, and nothing is closed', async (t) => {
  const stage = await startStage(t)
  const { fileId, ids: [id] } = await stage.approved(1)
  const body = [{ id, status: 'approved', usagefile: { id: fileId } }]
  for (const total of ['4000000000', '9007199254740991']) {
    const headers = { 'content-range': `items 0-0/${total}` }
    stage.plan({
      match: { method: 'GET', path: '/usage/records' },
      fault: { type: 'status', code: 200, headers, body }
    })
    const answer = await stage.close('{"externalBillingId":"a"}', {}, pathOf(fileId))
    t.match(await answer.json(), { status: 502, code: 'UPSTREAM_INVALID' })
  }
  t.same(stage.batches(), [])
})

t.test('a list that cannot be read is a problem, not an empty success', async (t) => {
  const stage = await startStage(t)
  const { fileId } = await stage.approved(3)
  stage.plan({ match: { method: 'GET', path: '/usage/records' }, times: 0, fault: { type: 'status', code: 500 } })
  t.match(await (await stage.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json(), {
    status: 502,
    code: 'UPSTREAM_FAILED'
  })
  stage.sandbox.faults.clear()
  stage.plan({
    match: { method: 'GET', path: '/usage/records' },
    nth: 2,
    times: 0,
    fault: { type: 'status', code: 403 }
  })
  const { summary } = (await (await stage.close('{"externalBillingId":"a"}', {}, pathOf(fileId))).json()) as {
    summary: Summary
  }
  t.same(summary, { requested: 3, closed: 3, refused: 0, unknown: 0, hasMore: true })
  await stage.quiet()
})

t.test('a caller that leaves ends the listing of records, and no error is logged', async (t) => {
  const file = 'UF-2026-11-0000-0001'
  let pages = 0
  const { baseUrl } = await startUpstream(t, (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (!request.url?.includes('/records')) return response.end(JSON.stringify({ id: file, status: 'accepted' }))
    pages += 1
    const items = Array.from({ length: 1000 }, (_, n) => ({
      id: `UR-2026-11-0000-0001-${pages}-${n}`,
      status: 'approved',
      usagefile: { id: file }
    }))
    response.setHeader('content-range', 'items 0-999/1000000')
    setTimeout(() => { response.end(JSON.stringify(items)) }, 20)
    return undefined
  })
  const { port, logs, app } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const client = await connectTo(t, port)
  const body = Buffer.from('{"externalBillingId":"INV-1"}')
  await client.sendHead({
    path: pathOf(file),
    key: PROVIDER_KEY,
    headers: { 'content-type': 'application/json', 'content-length': String(body.length) }
  })
  await client.sendBody(body)
  await until(() => pages >= 3, 'the looking')
  client.socket.resetAndDestroy()
  await until(() => logs.some(({ msg }) => msg === 'request'), 'the end of the request')
  await until(() => app.connect.stats().jsonRead.running === 0, 'the end of the call')
  const seen = pages
  t.match(
    logs.filter(({ msg }) => msg === 'request'),
    [{ status: 499, operation: 'closeUsageFileRecords', code: undefined }]
  )
  await until(() => logs.some(({ audit }) => audit === true), 'the audit line')
  t.match(logs.filter(({ audit }) => audit === true), [{ outcome: 'refused', status: 499, code: undefined }])
  t.same(logs.filter(({ level }) => level === 'error' || level === 'warn'), [], 'no line about an error')
  t.ok(seen < 12, `${seen} pages`)
  t.equal(pages, seen)
})

t.test('while a long list is read, the answer has begun', { timeout: 60_000 }, async (t) => {
  const file = 'UF-2026-11-0000-0001'
  const rows = Array.from({ length: 1500 }, (_, n) => ({
    id: `UR-2026-11-0000-0001-${n}`, status: 'approved', usagefile: { id: file }
  }))
  let isListed = false
  let closed = 0
  const waiting: (() => void)[] = []
  /** Gives the first page at once, and the second page, or an error in its place, when `waiting` is called. */
  const upstreamOf = async (secondStatus: number): Promise<string> => {
    const { baseUrl } = await startUpstream(t, (request, response) => {
      const url = new URL(request.url ?? '', 'http://connect')
      const send = (status: number, value: unknown, headers = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
      }
      if (request.method === 'POST') {
        request.resume().once('end', () => {
          closed += 500
          isListed = closed === 1500
          const from = closed - 500
          send(200, rows.slice(from, closed).map(({ id }) => ({ id, status: 'closed' })))
        })
      } else if (!url.pathname.endsWith('/records')) send(200, { id: file, status: 'accepted' })
      else if (isListed) send(200, [], { 'content-range': 'items 0-0/0' })
      else if (/offset=0|offset\(0/.test(url.search) || !/offset/.test(url.search)) {
        send(200, rows.slice(0, 1000), { 'content-range': 'items 0-999/1500' })
      } else {
        waiting.push(() => {
          if (secondStatus === 200) send(200, rows.slice(1000), { 'content-range': 'items 1000-1499/1500' })
          else send(secondStatus, { errors: ['No.'] })
        })
      }
    })
    return baseUrl
  }
  const begin = async (secondStatus: number, accept: string) => {
    const baseUrl = await upstreamOf(secondStatus)
    const { origin, logs } = await startApp(t, {
      env: { CONNECT_BASE_URL: baseUrl, CONNECT_TIMEOUT_MS: '60000', CLOSE_CONCURRENCY: '1' }
    })
    const headers = { 'x-api-key': PROVIDER_KEY, 'content-type': 'application/json', accept }
    const body = '{"externalBillingId":"INV-1"}'
    const answer = await fetch(origin + pathOf(file), { method: 'POST', body, headers })
    const reader = answer.body?.getReader()
    const text = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString()
    return { answer, logs, first: await text(), rest: text }
  }
  const all = await Promise.all([begin(200, NDJSON), begin(500, NDJSON), begin(403, 'application/json')])
  t.equal(waiting.length, 3, 'the answers have begun while Connect has not given the second page')
  for (const { answer } of all) t.equal(answer.status, 200)
  t.same(all.map(({ first }) => first), [' ', ' ', '{"failures":['])
  for (const finish of waiting) finish()
  const [whole, failed, refused] = await Promise.all(all.map(async ({ first, rest, logs }) => {
    let text = first
    for (let more = await rest(); more !== ''; more = await rest()) text += more
    return { text, logs }
  }))
  const { outcomes, summary } = parseLines(whole?.text ?? '')
  t.same(summary, { requested: 1500, closed: 1500, refused: 0, unknown: 0 })
  t.equal(new Set(outcomes.map(({ id }) => id)).size, 1500)
  t.equal(closed, 1500, 'no call closed records of a list that could not be read')
  const none = { requested: 0, closed: 0, refused: 0, unknown: 0, hasMore: true }
  t.same(parseLines(failed?.text ?? '').summary, none)
  t.same(JSON.parse(refused?.text ?? ''), { failures: [], summary: none })
  for (const one of [failed, refused]) {
    t.match(one?.logs.filter(({ level }) => level === 'warn' || level === 'error'), [
      { msg: /list of approved records cannot be read/, err: { code: /UPSTREAM_FAILED|CONNECT_FORBIDDEN/ } }
    ])
    await until(() => one?.logs.some(({ audit }) => audit === true) === true, 'the audit line')
    const [line] = one?.logs.filter(({ audit }) => audit === true) ?? []
    t.match(line, { outcome: 'refused', records: { requested: 1000, closed: 0, notSent: 1000 }, complete: true })
  }
})
