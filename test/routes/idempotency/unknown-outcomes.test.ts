import t from 'tap'
import { until } from '../../helper.ts'
import { ready } from '../../../sandbox/test/stories.ts'
import { startFixture } from './fixture.ts'
import { BILLING, CREATE, same } from './json-writes-fixture.ts'

t.test('an unknown outcome is read by the next request, and sent again only when it had no effect', async (t) => {
  const { vendor, connectVendor, sandbox, writes, logs } = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
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
  const { vendor, connectVendor, sandbox, writes } = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
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
  const { vendor, sandbox, writes } = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
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
  const { provider, records, sandbox, writes, origin } = await startFixture(t)
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
  const { provider, records, sandbox, writes, logs } = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
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
