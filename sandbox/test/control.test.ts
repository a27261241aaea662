import t from 'tap'
import { asProvider, asVendor, startSandbox } from './helper.ts'
import type { StartedSandbox } from './helper.ts'
import type { FaultRule } from '../src/fault-book.ts'
import { accepted, header } from './stories.ts'

async function plan (sandbox: StartedSandbox, rule: FaultRule | FaultRule[]): Promise<number> {
  const response = await fetch(`${sandbox.origin}/__control/faults`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(rule)
  })
  return response.status
}

const control = async (sandbox: StartedSandbox, method: string, path: string): Promise<Response> =>
  await fetch(`${sandbox.origin}/__control/${path}`, { method })

t.test('the door is shut unless asked for', async (t) => {
  const sandbox = await startSandbox(t, { control: false })
  for (const [method, path] of [
    ['GET', 'ledger'],
    ['DELETE', 'ledger'],
    ['POST', 'reset'],
    ['POST', 'faults'],
    ['DELETE', 'faults'],
    ['GET', 'summary']
  ] as const) {
    t.equal((await control(sandbox, method, path)).status, 404, path)
  }
})

t.test('domain 10.3.11: a planned status, throttle, reset or hang takes the place of an operation', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const strike = async (fault: FaultRule['fault']): Promise<void> => {
    await control(sandbox, 'DELETE', 'faults')
    t.equal(await plan(sandbox, { match: { method: 'POST', path: '/usage/files' }, fault }), 201)
  }
  const create = async () => await vendor('POST', '/usage/files', header)

  t.test('a reset kills the connection', async (t) => {
    await strike({ type: 'reset' })
    await t.rejects(create())
    const entry = sandbox.ledger.entries.at(-1)
    t.match(entry, { fault: 'reset', status: null, answered: false })
  })
  t.test('a status answers in its place', async (t) => {
    await strike({ type: 'status', code: 502, body: '<html>bad gateway</html>' })
    const answer = await create()
    t.equal(answer.status, 502)
    t.equal(answer.text, '<html>bad gateway</html>')
    await strike({ type: 'status', code: 409, body: { error_code: 'X', errors: ['y'] } })
    t.same((await create()).json, { error_code: 'X', errors: ['y'] })
  })
  t.test('throttling says when to come back', async (t) => {
    await strike({ type: 'throttle', retryAfter: 7 })
    const answer = await create()
    t.equal(answer.status, 429)
    t.equal(answer.headers.get('retry-after'), '7')
  })
  t.test('the wrong type is not JSON', async (t) => {
    await strike({ type: 'wrongType' })
    const answer = await create()
    t.equal(answer.status, 200)
    t.match(answer.headers.get('content-type'), 'text/html')
  })
  t.test('a truncated answer ends too early', async (t) => {
    await strike({ type: 'truncate' })
    await t.rejects(create())
  })
  t.test('a hung request waits for the caller to leave', async (t) => {
    await strike({ type: 'hang' })
    await t.rejects(fetch(`${sandbox.baseUrl}/usage/files`, { method: 'POST', signal: AbortSignal.timeout(100) }))
  })
  t.test('none of them created a file', async (t) => {
    t.same(sandbox.summary().effects, {})
  })
  t.test('a delay only delays', async (t) => {
    await strike({ type: 'delay', ms: 80 })
    const start = performance.now()
    t.equal((await create()).status, 201)
    t.ok(performance.now() - start >= 75)
  })
})

t.test('faults after the operation lose the answer, not the effect', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const records = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
  const close = async (n: number) =>
    await provider('POST', `/usage/records/${records[n]?.id}/close`, { external_billing_id: 'B' })
  const strike = (fault: FaultRule['fault']): void => {
    sandbox.faults.clear()
    sandbox.faults.add({ match: { path: '^/public/v1/usage/records/[^/]+/close$' }, when: 'after', fault })
  }
  strike({ type: 'reset' })
  await t.rejects(close(0))
  strike({ type: 'truncate' })
  await t.rejects(close(1), { message: 'terminated' })
  strike({ type: 'status', code: 504 })
  t.equal((await close(2)).status, 504)
  strike({ type: 'wrongType' })
  t.match((await close(3)).text, 'html')
  const statuses = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list.map((record) => record.status)
  t.same(statuses, ['closed', 'closed', 'closed', 'closed'])
  t.equal(sandbox.summary().closedRecords, 4)
  t.same(Object.values(sandbox.summary().closes), [1, 1, 1, 1])
})

t.test('a bulk close that is refused after it took effect', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const records = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list.slice(0, 2)
  const rows = [
    ...records.map(record => ({ id: record.id, external_billing_id: 'B' })),
    { id: 'UR-2026-01-0000-0000-0000-0000' }
  ]
  const close = async (call = provider) => await call('POST', '/usage/records/close-records', rows)
  sandbox.faults.add({
    match: { path: '/usage/records/close-records' },
    when: 'after',
    fault: { type: 'status', code: 403 }
  })
  const refused = await close()
  t.match(refused, { status: 403, json: { error_code: 'AUTH_002' } }, 'as a refusal of Connect looks')
  t.match(
    sandbox.ledger.entries.at(-1),
    { status: 403, fault: 'status', answered: true, response: refused.json },
    'the ledger has what was sent'
  )
  t.equal((await close(vendor)).status, 403, 'a real refusal')
  const again = await close()
  t.equal(again.status, 206)
  t.match(
    again.list,
    [
      { id: records[0]?.id, status: 'closed', error_codes: 'USG_102' },
      { id: records[1]?.id, status: 'closed', error_codes: 'USG_102' },
      { error_codes: 'USG_103' }
    ],
    'the rows were closed before'
  )
  const { closes, closeAttempts } = sandbox.summary()
  t.same(Object.values(closes), [1, 1])
  t.same(Object.values(closeAttempts), [2, 2], 'the real refusal tried none')
  t.match((await provider('GET', `/usage/files/${id}`)).json.stats, { accepted: 2, closed: 2, billed: 2 })
})

t.test('a fault strikes from the nth match, as often as told', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  await plan(sandbox, {
    match: { method: 'GET', path: '/usage/chunks' },
    nth: 2,
    times: 2,
    fault: { type: 'status', code: 503 }
  })
  const statuses: number[] = []
  for (let n = 0; n < 5; n += 1) statuses.push((await vendor('GET', '/usage/chunks')).status)
  t.same(statuses, [200, 503, 503, 200, 200])
  t.equal((await vendor('GET', '/usage/files')).status, 200)
  t.equal(await plan(sandbox, { match: {}, fault: { type: 'nonsense' } } as unknown as FaultRule), 400)
})

t.test('downloads can be truncated too', async (t) => {
  const sandbox = await startSandbox(t)
  const link = (await asVendor(sandbox)('GET', '/usage/products/PRD-276-377-545/template')).json.template_link
  sandbox.faults.add({ match: { path: '/storage' }, when: 'after', fault: { type: 'truncate' } })
  const response = await fetch(link)
  await t.rejects(response.arrayBuffer())
})

t.test('the ledger', async (t) => {
  const sandbox = await startSandbox(t, { ledgerLimit: 20 })
  const vendor = asVendor(sandbox)
  await vendor('POST', '/usage/files', header)
  await vendor('GET', '/usage/files?limit=1&status=draft')
  await fetch(`${sandbox.baseUrl}/usage/files`)
  const response = await control(sandbox, 'GET', 'ledger')
  const text = await response.text()
  const entries = JSON.parse(text) as { seq: number, response: { status: string } }[]
  t.notMatch(text, ':vendor', 'no secret')
  t.match(entries, [
    {
      seq: 1,
      method: 'POST',
      path: '/public/v1/usage/files',
      body: { name: 'October' },
      status: 201,
      complete: true,
      headers: { authorization: 'ApiKey SU-100-200-300:***' },
      response: { status: 'draft' }
    },
    { seq: 2, method: 'GET', query: 'limit=1&status=draft', status: 200 },
    { seq: 3, status: 401 }
  ])
  t.equal((JSON.parse(await (await control(sandbox, 'GET', 'ledger?since=2')).text()) as unknown[]).length, 1)
  for (let n = 0; n < 60; n += 1) await vendor('GET', '/usage/files?limit=0')
  t.ok(sandbox.ledger.entries.length <= 32)
  t.equal(sandbox.ledger.entries.at(-1)?.seq, 63)
  t.equal((await control(sandbox, 'DELETE', 'ledger')).status, 204)
  t.same(sandbox.ledger.entries, [])
})

t.test('a reset brings the seed back', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const before = (await vendor('GET', '/usage/files')).text
  const created = await vendor('POST', '/usage/files', header)
  t.not((await vendor('GET', '/usage/files')).text, before)
  t.equal((await control(sandbox, 'POST', 'reset')).status, 204)
  t.equal((await vendor('GET', '/usage/files')).text, before)
  t.same(await (await control(sandbox, 'GET', 'summary')).json(), {
    closedRecords: 0,
    closes: {},
    closeAttempts: {},
    effects: {}
  })
  t.equal((await vendor('POST', '/usage/files', header)).json.id, created.json.id, 'and the ids of new objects')
})
