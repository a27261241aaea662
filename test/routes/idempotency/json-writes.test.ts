import t from 'tap'
import { sha256Hex } from '../../../src/credentials/callers.ts'
import { testCallers } from '../../helper.ts'
import { draft } from '../../../sandbox/test/stories.ts'
import { sender, startFixture } from './fixture.ts'
import { BILLING, CREATE, same } from './json-writes-fixture.ts'

t.test('a repeated request gets the same answer, byte for byte, and Connect is called once', async (t) => {
  const { vendor, provider, records, writes, connectVendor } = await startFixture(t)
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
  const { provider, records, writes } = await startFixture(t)
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
  const { provider, records, writes, origin } = await startFixture(t, {
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
  const { vendor, writes } = await startFixture(t)
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
  const { vendor, connectVendor, sandbox, writes } = await startFixture(t)
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
  const { vendor } = await startFixture(t, { env: { CONNECT_BASE_URL: 'http://127.0.0.1:9/public/v1' } })
  t.match(await vendor('POST', '/usage-files', 'k', CREATE), { status: 502, json: { code: 'UPSTREAM_UNREACHABLE' } })
  t.match(await vendor('POST', '/usage-files', 'k', { ...CREATE, name: 'Another' }), { status: 502 }, 'for any request')
})
