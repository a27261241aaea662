import t from 'tap'
import { PROVIDER_KEY, VENDOR_KEY, startApp, startBoth } from '../helper.ts'
import { XLSX, workbookOf } from '../uploads/forms.ts'
import { connectTo } from '../uploads/wire.ts'

const FILE = '/v1/usage-files/UF-2026-11-4410-7719'
const workbook = { 'content-type': XLSX, 'content-length': '2700000', expect: '100-continue' }
const json = { 'content-type': 'application/json', 'content-length': '2', expect: '100-continue' }

t.test('a refusal by the request head comes without 100 Continue', async (t) => {
  const { port } = await startApp(t, { env: { UPLOAD_MAX_BYTES: '1000000' } })
  for (const [status, head] of [
    [401, { path: `${FILE}/upload`, key: null, headers: workbook }],
    [401, { path: `${FILE}/upload`, key: 'wrong', headers: workbook }],
    [403, { path: `${FILE}/upload`, key: PROVIDER_KEY, headers: workbook }],
    [404, { path: '/v1/nothing', headers: workbook }],
    [405, { path: `${FILE}/upload`, method: 'PUT', headers: workbook }],
    [415, { path: `${FILE}/upload`, headers: { ...workbook, 'content-type': 'text/plain' } }],
    [415, { path: `${FILE}/upload`, headers: { ...workbook, 'content-encoding': 'gzip' } }],
    [415, { path: '/v1/usage-files', headers: { ...json, 'content-type': 'text/plain' } }],
    [415, { path: '/v1/usage-records/close', key: PROVIDER_KEY, headers: { ...workbook, 'content-type': 'text/csv' } }],
    [413, { path: '/v1/usage-files', headers: { ...json, 'content-length': '2000000' } }],
    [400, { path: '/v1/usage-files/%zz/upload', headers: workbook }],
    [400, { path: `${FILE}/upload`, headers: { ...workbook, 'idempotency-key': '' } }]
  ] as const) {
    const client = await connectTo(t, port)
    await client.sendHead(head)
    const answer = await client.answer()
    const what = JSON.stringify(head)
    t.equal(answer.status, status, what)
    t.equal(answer.headers['connection'], 'close', what)
    await client.closed()
  }
})

t.test('a refusal by Connect before the body is read comes without 100 Continue', async (t) => {
  const { port } = await startBoth(t)
  const client = await connectTo(t, port)
  await client.sendHead({ path: `${FILE}/upload`, headers: workbook })
  t.match(await client.answer(), { status: 404, json: { code: 'NOT_FOUND' } })
})

t.test('100 Continue comes once when the body is read, and the answer follows', async (t) => {
  const { port } = await startBoth(t)
  const body = JSON.stringify({
    name: 'Cloud usage October', productId: 'PRD-276-377-545', contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  })
  const client = await connectTo(t, port)
  await client.sendHead({ path: '/v1/usage-files', headers: { ...json, 'content-length': String(body.length) } })
  t.equal((await client.answer()).status, 100)
  await client.send(body)
  const created = await client.answer()
  t.equal(created.status, 201)

  const file = workbookOf(100_000)
  const path = `/v1/usage-files/${String(created.json['id'])}/upload`
  await client.sendHead({ path, key: VENDOR_KEY, headers: { ...workbook, 'content-length': String(file.length) } })
  t.equal((await client.answer()).status, 100)
  await client.sendBody(file)
  t.equal((await client.answer()).status, 202)
})
