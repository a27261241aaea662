import t from 'tap'
import { sha256Hex } from '../../../src/credentials/callers.ts'
import { testCallers, until } from '../../helper.ts'
import { draft, header, ready } from '../../../sandbox/test/stories.ts'
import { sender, startStage, type Reply } from './stage.ts'

const BILLING = { externalBillingId: 'INV-1', externalBillingNote: 'ü 漢字 🜲' }
const CREATE = { name: 'October', productId: header.product.id, contractId: header.contract.id, period: header.period }

const same = (a: Reply): unknown => ({
  status: a.status,
  text: a.text,
  type: a.headers.get('content-type'),
  location: a.headers.get('location'),
  retry: a.headers.get('retry-after')
})

t.test('a repeated request gets the same answer, byte for byte, and Connect is called once', async (t) => {
  const { vendor, provider, records, writes, connectVendor } = await startStage(t)
  const [record = ''] = await records()
  const first = await provider('POST', `/usage-records/${record}/close`, 'k-1', BILLING)
  t.equal(first.status, 200)
  t.equal(first.headers.get('idempotency-replayed'), null)
  const again = await provider('POST', `/usage-records/${record}/close`, 'k-1', {
    externalBillingNote: BILLING.externalBillingNote,
    externalBillingId: 'INV-1'
  })
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.same(same(again), same(first), 'in whatever order its members come')
  t.not(again.headers.get('x-request-id'), first.headers.get('x-request-id'), 'the request id is its own')
  t.same(writes(), [`POST /usage/records/${record}/close`])

  const created = await vendor('POST', '/usage-files', 'k-1', CREATE)
  t.equal(created.status, 201)
  t.same(
    same(await vendor('POST', '/usage-files', '"k-1"', CREATE)),
    same(created),
    'a quoted key is the same; Location is kept'
  )
  t.same(writes(), ['POST /usage/files'])

  const file = await draft(connectVendor)
  writes()
  t.equal((await vendor('DELETE', `/usage-files/${file}`, 'k-1')).status, 204)
  const deleted = await vendor('DELETE', `/usage-files/${file}`, 'k-1')
  t.match(deleted, { status: 204, text: '' })
  t.equal(deleted.headers.get('idempotency-replayed'), 'true')
  t.equal(writes().length, 1)
})

t.test('of fifty simultaneous requests with one key one is sent; the others get 409 or its answer', async (t) => {
  const { provider, records, writes } = await startStage(t)
  const [record = ''] = await records()
  const all = await Promise.all(
    Array.from({ length: 50 }, async () => await provider('POST', `/usage-records/${record}/close`, 'k', BILLING))
  )
  t.equal(writes().length, 1)
  for (const { status, headers, json } of all) {
    if (status === 200) continue
    t.match({ status, json }, { status: 409, json: { code: 'IDEMPOTENCY_IN_FLIGHT' } })
    t.equal(headers.get('retry-after'), '1')
  }
  t.equal(all.filter(({ status, headers }) => status === 200 && headers.get('idempotency-replayed') === null).length, 1)
})

t.test('another request with the key is refused; another caller, path or method has its own keys', async (t) => {
  const callers = testCallers()
  const [vendorEntry, providerEntry] = callers.entries
  const other = {
    ...providerEntry!,
    id: 'other',
    keys: [{ id: 'k', sha256: sha256Hex('other-partner-key'), expiresAt: null }]
  }
  const { provider, records, writes, origin } = await startStage(t, {
    callers: { entries: [vendorEntry!, providerEntry!, other] }
  })
  const [one = '', two = ''] = await records()
  t.equal((await provider('POST', `/usage-records/${one}/close`, 'k', BILLING)).status, 200)
  writes()
  t.match(await provider('POST', `/usage-records/${one}/close`, 'k', { externalBillingId: 'INV-2' }), {
    status: 422,
    json: { code: 'IDEMPOTENCY_MISMATCH' }
  })
  t.same(writes(), [], 'nothing was sent')
  t.equal(
    (await provider('POST', `/usage-records/${two}/close`, 'k', BILLING)).headers.get('idempotency-replayed'),
    null,
    'another path'
  )
  t.match(
    await provider('PATCH', `/usage-records/${two}`, 'k', { status: 'approved' }),
    { status: 409, json: { code: 'ACTION_NOT_ALLOWED' } },
    'another method'
  )
  const asOther = sender(origin, 'other-partner-key')
  t.match(
    await asOther('POST', `/usage-records/${one}/close`, 'k', { externalBillingId: 'INV-2' }),
    { status: 409, json: { code: 'BILLING_CONFLICT' } },
    'another caller'
  )
})

t.test('a key of a wrong form is refused before anything else happens', async (t) => {
  const { vendor, writes } = await startStage(t)
  for (const key of ['""', 'with space', 'x'.repeat(256), `"${'x'.repeat(256)}"`, '"with space"', 'a, b', 'ü']) {
    t.match(
      await vendor('POST', '/usage-files', key, CREATE),
      { status: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: 'header.Idempotency-Key' }] } },
      key.slice(0, 20)
    )
  }
  t.same(writes(), [])
  t.equal((await vendor('GET', '/usage-files', 'with space')).status, 200, 'reads take none')
  for (const key of ['!', 'x'.repeat(255), `"${'x'.repeat(254)}"`]) {
    t.equal((await vendor('POST', '/usage-files', key, CREATE)).status, 201)
  }
})

t.test('a permanent refusal is kept, a temporary one is not, and an invalid request never uses the key', async t => {
  const { vendor, connectVendor, sandbox, writes } = await startStage(t)
  const file = await draft(connectVendor)
  const refused = await vendor('POST', `/usage-files/${file}/submit`, 'k')
  t.match(refused, { status: 409, json: { code: 'ACTION_NOT_ALLOWED' } })
  writes()
  const again = await vendor('POST', `/usage-files/${file}/submit`, 'k')
  t.same(same(again), same(refused))
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.same(writes(), [])

  t.equal((await vendor('POST', '/usage-files', 'v', { name: 'x' })).status, 400)
  t.equal(
    (await vendor('POST', '/usage-files', 'v', CREATE)).status,
    201,
    'a body that was not valid has not used the key'
  )

  const passing = [
    { type: 'throttle', retryAfter: 1 },
    { type: 'status', code: 401 },
    { type: 'status', code: 403 }
  ] as const
  for (const [i, fault] of passing.entries()) {
    sandbox.faults.add({ match: { method: 'POST', path: '/usage/files' }, when: 'before', fault })
    t.ok((await vendor('POST', '/usage-files', `p${i}`, CREATE)).status >= 400)
    sandbox.faults.clear()
    t.match(await vendor('POST', '/usage-files', `p${i}`, CREATE), { status: 201 }, JSON.stringify(fault))
  }
})

t.test('an unreachable Connect leaves the key free', async (t) => {
  const { vendor } = await startStage(t, { env: { CONNECT_BASE_URL: 'http://127.0.0.1:9/public/v1' } })
  t.match(await vendor('POST', '/usage-files', 'k', CREATE), { status: 502, json: { code: 'UPSTREAM_UNREACHABLE' } })
  t.match(await vendor('POST', '/usage-files', 'k', { ...CREATE, name: 'Another' }), { status: 502 }, 'for any request')
})

t.test('an unknown outcome is read by the next request, and sent again only when it had no effect', async (t) => {
  const { vendor, connectVendor, sandbox, writes, logs } = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
  const file = await ready(connectVendor)
  writes()
  const lost = { match: { method: 'POST', path: `/usage/files/${file}/submit` }, fault: { type: 'hang' } } as const
  const blind = {
    match: { method: 'GET', path: `/usage/files/${file}` },
    nth: 2,
    times: 0,
    fault: { type: 'status', code: 500 }
  } as const

  // It was not carried out, and nobody could look.
  sandbox.faults.add({ ...lost, when: 'before' })
  sandbox.faults.add(blind)
  t.match(await vendor('POST', `/usage-files/${file}/submit`, 'k'), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  sandbox.faults.clear()
  t.equal(writes().length, 1)
  sandbox.faults.add({ ...blind, nth: 1 })
  t.match(
    await vendor('POST', `/usage-files/${file}/submit`, 'k'),
    { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
    'still nobody can look'
  )
  t.same(writes(), [], 'so nothing is sent')
  sandbox.faults.clear()
  t.match(
    await vendor('POST', `/usage-files/${file}/submit`, 'k', {}),
    { status: 422 },
    'the key is still that of the request'
  )
  t.match(await vendor('POST', `/usage-files/${file}/submit`, 'k'), { status: 200, json: { status: 'pending' } })
  t.equal(writes().length, 1, 'sent again, because the file shows that nothing came of it')
  t.equal((await vendor('POST', `/usage-files/${file}/submit`, 'k')).headers.get('idempotency-replayed'), 'true')

  // It was carried out, and nobody could look.
  const second = await ready(connectVendor)
  writes()
  sandbox.faults.add({
    match: { method: 'POST', path: `/usage/files/${second}/submit` },
    when: 'after',
    fault: { type: 'hang' }
  })
  sandbox.faults.add({ ...blind, match: { method: 'GET', path: `/usage/files/${second}` } })
  t.match(await vendor('POST', `/usage-files/${second}/submit`, 'k'), { status: 504 })
  sandbox.faults.clear()
  t.equal(writes().length, 1)
  const found = await vendor('POST', `/usage-files/${second}/submit`, 'k')
  t.match(found, { status: 200, json: { status: 'pending' } })
  t.equal(found.headers.get('idempotency-replayed'), null)
  t.same(writes(), [], 'found, not sent')
  t.same(same(await vendor('POST', `/usage-files/${second}/submit`, 'k')), same(found), 'and kept from then on')
  t.same(
    logs.filter(({ msg }) => msg === 'request').flatMap(line => line['idempotency'] ?? []),
    ['unknown', 'unknown', 'mismatch', 'reconciled', 'replay', 'unknown', 'reconciled', 'replay']
  )
  t.notMatch(JSON.stringify(logs), '"k"')
})

t.test('an object that was changed otherwise leaves the outcome unknown, and nothing is sent again', async (t) => {
  const { vendor, connectVendor, sandbox, writes } = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
  const file = await ready(connectVendor)
  sandbox.faults.add({
    match: { method: 'POST', path: `/usage/files/${file}/submit` },
    when: 'before',
    fault: { type: 'hang' }
  })
  t.match(await vendor('POST', `/usage-files/${file}/submit`, 'k'), { status: 504 })
  await connectVendor('PUT', `/usage/files/${file}`, { note: 'changed by somebody' })
  writes()
  t.match(await vendor('POST', `/usage-files/${file}/submit`, 'k'), {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN', detail: /earlier request/ }
  })
  t.same(writes(), [])
})

t.test('a create that cannot be found says what to look for, and is not sent again', async (t) => {
  const { vendor, sandbox, writes } = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
  const lost = { match: { method: 'POST', path: '/usage/files' }, when: 'after', fault: { type: 'hang' } } as const
  sandbox.faults.add(lost)
  t.match(await vendor('POST', '/usage-files', 'k', CREATE), { status: 504 })
  t.equal(writes().length, 1)
  t.match(await vendor('POST', '/usage-files', 'k', CREATE), {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN', detail: /draft with the name "October"/ }
  })

  sandbox.faults.clear()
  sandbox.faults.add({ ...lost, when: 'before' })
  const named = { ...CREATE, externalId: 'E-once-1' }
  t.match(await vendor('POST', '/usage-files', 'n', named), { status: 504 })
  writes()
  t.match(
    await vendor('POST', '/usage-files', 'n', named),
    { status: 504, json: { detail: /externalId "E-once-1"/ } },
    'Connect may still be at it'
  )
  t.same(writes(), [])

  sandbox.faults.clear()
  sandbox.faults.add(lost)
  sandbox.faults.add({ match: { method: 'GET', path: '/usage/files' }, nth: 2, fault: { type: 'status', code: 403 } })
  const found = { ...CREATE, externalId: 'E-once-2' }
  t.match(await vendor('POST', '/usage-files', 'f', found), { status: 504 })
  writes()
  t.match(
    await vendor('POST', '/usage-files', 'f', found),
    { status: 201, json: { externalId: 'E-once-2' } },
    'found by its external id'
  )
  t.same(writes(), [])
})

t.test('the answer to a caller that has left is kept for the next request', async (t) => {
  const { provider, records, sandbox, writes, origin } = await startStage(t)
  const [record = ''] = await records()
  sandbox.faults.add({
    match: { method: 'POST', path: `/usage/records/${record}/close` },
    when: 'after',
    fault: { type: 'delay', ms: 400 }
  })
  const gone = new AbortController()
  const leaving = fetch(`${origin}/v1/usage-records/${record}/close`, {
    method: 'POST', signal: gone.signal, body: JSON.stringify(BILLING),
    headers: { 'x-api-key': 'test-provider-key-0123456789', 'content-type': 'application/json', 'idempotency-key': 'k' }
  }).catch(() => null)
  await until(() => sandbox.ledger.entries.some(({ method }) => method === 'POST'), 'the close to be sent')
  gone.abort()
  await leaving
  t.match(await provider('POST', `/usage-records/${record}/close`, 'k', BILLING), {
    status: 409,
    json: { code: 'IDEMPOTENCY_IN_FLIGHT' }
  })
  await until(
    async () =>
      (await provider('POST', `/usage-records/${record}/close`, 'k', BILLING)).headers.get('idempotency-replayed') ===
      'true',
    'its answer'
  )
  t.equal(writes().length, 1)
})

t.test('a record whose close lost its answer is found closed with the key', async (t) => {
  const { provider, records, sandbox, writes, logs } = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
  const [record = ''] = await records()
  sandbox.faults.add({
    match: { method: 'POST', path: `/usage/records/${record}/close` },
    when: 'after',
    fault: { type: 'hang' }
  })
  sandbox.faults.add({
    match: { method: 'GET', path: `/usage/records/${record}` },
    nth: 2,
    times: 0,
    fault: { type: 'status', code: 500 }
  })
  t.match(await provider('POST', `/usage-records/${record}/close`, 'k', BILLING), { status: 504 })
  const auditOf = (): unknown => logs.findLast(line => line['audit'] === true)?.['outcome']
  for (const code of [500, 503, 429, 403, 404, 400]) {
    sandbox.faults.clear()
    sandbox.faults.add({
      match: { method: 'GET', path: `/usage/records/${record}` },
      times: 0,
      fault: { type: 'status', code }
    })
    t.match(
      await provider('POST', `/usage-records/${record}/close`, 'k', BILLING),
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
      'it cannot be looked at, so it is as unknown as before'
    )
    t.equal(auditOf(), 'unknown')
  }
  sandbox.faults.clear()
  t.match(await provider('POST', `/usage-records/${record}/close`, 'k', BILLING), {
    status: 200,
    json: { status: 'closed', externalBillingId: 'INV-1' }
  })
  t.equal(auditOf(), 'done')
  t.equal(writes().length, 1)
})
