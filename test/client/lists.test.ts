import t from 'tap'
import { createUsageClient } from '../../clients/typescript/src/index.ts'
import { PROVIDER_KEY, startUpstream, VENDOR_KEY } from '../helper.ts'
import { startFixture } from '../routes/bulk-closes/fixture.ts'
import { startProxy } from './proxy.ts'

t.test('lists page by page, and whole', async (t) => {
  const fixture = await startFixture(t)
  const { fileId, ids } = await fixture.approved(25)
  const proxy = await startProxy(t, fixture.origin)
  const provider = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: PROVIDER_KEY }, retryMs: 5000 })
  const params = { query: { fileId: [fileId] } }

  proxy.steps.push('pass', 'drop')
  const paged: string[] = []
  const pages = provider.list('/v1/usage-records', { params: { query: { ...params.query, limit: 10 } } })
  for await (const { id } of pages) paged.push(id)
  t.same(paged.sort(), ids.sort())
  t.same(proxy.seen.map(({ path }) => /offset=(\d+)/.exec(path)?.[1]), ['0', '10', '10', '20'])

  const whole: string[] = []
  for await (const { id, item } of provider.rows('/v1/usage-records', { params })) {
    t.equal(item?.mpn, 'FB-SEATS')
    whole.push(id)
  }
  t.same(whole.sort(), ids)

  const vendor = createUsageClient({ baseUrl: fixture.origin, credential: { key: VENDOR_KEY } })
  const cells: unknown[] = []
  for await (const row of vendor.rows('/v1/usage-files/{fileId}/files/uploaded', { params: { path: { fileId } } })) {
    cells.push('record_id' in row ? row['record_id'] : row)
  }
  t.same(cells, ids.map((_, n) => `R${n}`))

  proxy.steps.push({ cutAfter: 7 })
  const cut = provider.rows('/v1/usage-records', { params })
  let read = 0
  await t.rejects(async () => { for await (const { id } of cut) read += id.length > 0 ? 1 : 0 }, {
    code: 'CONNECTION_FAILED'
  })
  t.equal(read, 7)
})

t.test('a list without its summary is not taken for whole', async (t) => {
  const { baseUrl } = await startUpstream(t, (_request, response) => { response.end('{"id":"UF-1"}\n') })
  const client = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY } })
  const rows = client.rows('/v1/usage-files')
  t.match((await rows.next()).value, { id: 'UF-1' })
  await t.rejects(rows.next(), { code: 'CONNECTION_FAILED' })
})
