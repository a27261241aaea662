import t from 'tap'
import { createUsageClient } from '../../clients/typescript/src/index.ts'
import { startApp, startBoth, VENDOR_KEY } from '../helper.ts'
import { fileIdOf, startFakeConnect } from '../watching/fake-connect.ts'
import { draft, rowOf } from './report.ts'
import { startProxy } from './proxy.ts'

const FILE = fileIdOf(1)
const CHUNK = 'UFC-2026-11-0001-0001-001'
const RECONCILIATION = 'RCF-2026-11-0001-0001-001'

t.test('a wait ends when Connect no longer works on the object', async (t) => {
  const connect = await startFakeConnect(t, [
    { id: FILE, status: 'processing' },
    { id: CHUNK, status: 'draft', usagefile: { id: FILE } },
    { id: RECONCILIATION, status: 'uploaded', usagefile: { id: FILE } }
  ])
  const { origin } = await startApp(t, { watchGapMs: 30, env: { CONNECT_BASE_URL: connect.baseUrl } })
  const proxy = await startProxy(t, origin)
  const client = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
  const waits = Promise.all([
    client.waitFor({ fileId: FILE }),
    client.waitFor({ chunkId: CHUNK }),
    client.waitFor({ reconciliationId: RECONCILIATION })
  ])
  setTimeout(() => {
    connect.set(FILE, { status: 'invalid' })
    connect.set(CHUNK, { status: 'ready' })
    connect.set(RECONCILIATION, { status: 'processed' })
  }, 300)
  const [file, chunk, reconciliation] = await waits
  t.same([file.status, chunk.status, reconciliation.status], ['invalid', 'ready', 'processed'])
  t.equal(proxy.seen.length, 3, 'one request for each')
  t.ok(proxy.seen.every(({ headers }) => headers['prefer'] === 'wait=45'))
})

t.test('a file that rests in `uploaded` is at rest; a deadline ends the wait', async (t) => {
  const stats = { uploaded: 2, validated: 2 }
  const connect = await startFakeConnect(t, [
    { id: FILE, status: 'uploaded', stats }, { id: fileIdOf(2), status: 'processing' }
  ])
  const { origin } = await startApp(t, { watchGapMs: 30, env: { CONNECT_BASE_URL: connect.baseUrl } })
  const client = createUsageClient({ baseUrl: origin, credential: { key: VENDOR_KEY } })
  t.equal((await client.waitFor({ fileId: FILE })).status, 'uploaded')
  const deadline = { signal: AbortSignal.timeout(200) }
  await t.rejects(client.waitFor({ fileId: fileIdOf(2) }, deadline), { name: 'TimeoutError' })
})

t.test('a report is sent again until Connect has processed it', async (t) => {
  const { origin, sandbox } = await startBoth(t, { processingMs: 1500 })
  const proxy = await startProxy(t, origin, { prefer: 'wait=1' })
  const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
  function * rows () {
    for (let n = 0; n < 3; n++) yield rowOf(n)
  }
  proxy.steps.push('drop')
  const report = await vendor.publish('october', { report: draft, table: rows(), submit: true })
  t.match(report, { externalId: 'october', state: 'submitted', file: { status: 'pending' } })
  const puts = proxy.seen.filter(({ method }) => method === 'PUT')
  t.ok(puts.length >= 3, 'the dropped one, one that came too early, and the last')
  t.ok(puts.every(({ path, headers }) => path.endsWith('?submit=true') &&
    headers['idempotency-key'] === puts[0]?.headers['idempotency-key']))
  const uploads = sandbox.ledger.entries.filter(({ path }) => path.endsWith('/upload'))
  t.equal(uploads.length, 1, 'Connect has one upload')
})
