import t, { type Test } from 'tap'
import { openEmbeddedStore } from '../../../src/store/embedded-store.ts'
import type { StateStore } from '../../../src/store/store.ts'
import { asProvider, makeApp, makeFolder, startUpstream } from '../../helper.ts'

const RECORD = 'UR-2026-11-0000-0001-0001'

/** One that keeps the paths of its writes. */
async function startConnect (t: Test): Promise<{ baseUrl: string, writes: string[] }> {
  const writes: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const { method, url = '' } = request
    if (method !== 'GET') writes.push(url)
    // Each path before `/usage` is a Connect of its own.
    const isClosed = writes.some(write => write.split('/usage', 1)[0] === url.split('/usage', 1)[0])
    const state = isClosed
      ? { status: 'closed', external_billing_id: 'INV-1' }
      : { status: 'approved', external_billing_id: null }
    const record = { id: RECORD, ...state }
    response.setHeader('content-type', 'application/json')
    request.resume().once('end', () => { response.end(JSON.stringify(record)) })
  })
  return { baseUrl, writes }
}

async function serviceAt (t: Test, store: StateStore, baseUrl: string) {
  const { app } = await makeApp(t, { store, env: { CONNECT_BASE_URL: baseUrl } })
  return async () => {
    const { statusCode, headers } = await app.inject({
      method: 'POST', url: `/v1/usage-records/${RECORD}/close`,
      headers: { ...asProvider, 'idempotency-key': 'k' }, payload: { externalBillingId: 'INV-1' }
    })
    return { statusCode, isReplay: headers['idempotency-replayed'] === 'true' }
  }
}

t.test('a write at one Connect does not count for another Connect with the same store', async (t) => {
  const store = await openEmbeddedStore(makeFolder(t))
  const [first, second] = [await startConnect(t), await startConnect(t)]
  const [atFirst, atSecond] = [await serviceAt(t, store, first.baseUrl), await serviceAt(t, store, second.baseUrl)]
  t.same(await atFirst(), { statusCode: 200, isReplay: false })
  t.same(await atSecond(), { statusCode: 200, isReplay: false })
  t.same([first.writes.length, second.writes.length], [1, 1])
  t.same(await atFirst(), { statusCode: 200, isReplay: true })
  const otherPath = await serviceAt(t, store, first.baseUrl.replace('/public/', '/private/'))
  t.same(await otherPath(), { statusCode: 200, isReplay: false })
  t.match(first.writes[1], '/private/v1/', 'a path is part of the address')
})

t.test('all spellings of a Connect address share their keys', async (t) => {
  const store = await openEmbeddedStore(makeFolder(t))
  const { baseUrl, writes } = await startConnect(t)
  const ask = await serviceAt(t, store, baseUrl.replace('127.0.0.1', 'localhost'))
  await ask()
  for (const same of [`${baseUrl}/`, baseUrl.replace('http:', 'HTTP:')]) {
    const again = await serviceAt(t, store, same.replace('127.0.0.1', 'LocalHost'))
    t.same(await again(), { statusCode: 200, isReplay: true }, same)
  }
  t.equal(writes.length, 1)
})
