import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openStore } from '../../../src/store/open-store.ts'
import { makeFolder, until } from '../../helper.ts'
import { silent } from '../../store/fixture.ts'
import { startFixture } from './fixture.ts'

const NDJSON = { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' }
const lines = (ids: readonly string[], billing = 'INV-1'): string =>
  ids.map(id => JSON.stringify({ id, externalBillingId: billing })).join('\n')

t.test('a repeated bulk close runs again, and closed records count as closed', async (t) => {
  const { provider, records, writes } = await startFixture(t)
  const ids = await records()
  const first = await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)
  t.equal(first.status, 200)
  t.match(first.text, `"summary":{"requested":${ids.length},"closed":${ids.length}`)
  const again = await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)
  t.equal(again.headers.get('idempotency-replayed'), null)
  t.match(again.text, `"closed":${ids.length}`)
  t.ok(writes().length >= 2, 'it ran again')
  t.match(
    await provider('POST', '/usage-records/close', 'k', lines(ids, 'INV-2'), NDJSON),
    { status: 422 },
    'another body'
  )
  t.same(writes(), [])
  t.match(
    await provider('POST', '/usage-records/close', 'k', 'not json', NDJSON),
    { status: 400 },
    'one that is wrong says so'
  )
  t.match(
    (await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)).text,
    `"closed":${ids.length}`,
    'and the key is as it was'
  )
})

t.test('a refused body does not use the key', async (t) => {
  const { provider, records } = await startFixture(t)
  const ids = await records()
  t.match(await provider('POST', '/usage-records/close', 'k', '{"id":1}', NDJSON), { status: 400 })
  t.equal((await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)).status, 200)
})

t.test('a second bulk close with the key of a running one is refused', async (t) => {
  const { provider, records, sandbox } = await startFixture(t)
  const ids = await records()
  sandbox.faults.add({
    match: { path: '/usage/records/close-records' },
    when: 'before',
    fault: { type: 'delay', ms: 500 }
  })
  const running = provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)
  await until(() => sandbox.ledger.entries.some(({ path }) => path.endsWith('/close-records')), 'the first batch')
  t.match(await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON), {
    status: 409,
    json: { code: 'IDEMPOTENCY_IN_FLIGHT' }
  })
  t.equal((await running).status, 200)
  t.equal((await provider('POST', '/usage-records/close', 'k', lines(ids), NDJSON)).status, 200)
})

t.test('a caller that has read the last outcome may use the key again, also with a slow store', async (t) => {
  const store = await openStore(`file:${makeFolder(t)}`, silent)
  const release = store.release.bind(store)
  store.release = async (...claim) => {
    await sleep(200)
    await release(...claim)
  }
  const { provider, records } = await startFixture(t, { store })
  const ids = await records()
  for (const accept of ['application/x-ndjson', 'application/json']) {
    t.equal((await provider('POST', '/usage-records/close', accept, lines(ids), { ...NDJSON, accept })).status, 200)
    t.equal(
      (await provider('POST', '/usage-records/close', accept, lines(ids), { ...NDJSON, accept })).status,
      200,
      accept
    )
  }
})

t.test('the close of all records of a file keeps the same rules', async (t) => {
  const { provider, records, sandbox, writes } = await startFixture(t)
  const [first = ''] = await records()
  const file = sandbox.store.records.get(first)?.file.id
  const path = `/usage-files/${file}/records/close`
  t.match((await provider('POST', path, 'k', { externalBillingId: 'INV-1' })).json, {
    summary: { requested: 4, closed: 4 }
  })
  t.equal(writes().length, 1)
  t.match(await provider('POST', path, 'k', { externalBillingId: 'INV-1' }), {
    status: 200,
    json: { summary: { requested: 0 } }
  })
  t.match(await provider('POST', path, 'k', { externalBillingId: 'INV-2' }), {
    status: 422,
    json: { code: 'IDEMPOTENCY_MISMATCH' }
  })
  t.same(writes(), [])
})
