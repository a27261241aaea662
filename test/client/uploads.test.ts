import { openAsBlob } from 'node:fs'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createUsageClient, type Progress, type TableSource } from '../../clients/typescript/src/index.ts'
import { PROVIDER_KEY, startBoth, startUpstream, VENDOR_KEY } from '../helper.ts'
import { draft, rowOf } from './report.ts'
import { startProxy } from './proxy.ts'

const SAMPLE = 'sandbox/samples/usage.xlsx'
const UPLOAD = '/v1/usage-files/{fileId}/upload'
const params = { path: { fileId: 'UF-2026-11-0000-0001' } }

t.test('an upload tells its progress, is repeated with the same key, and becomes ready', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const proxy = await startProxy(t, origin)
  const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
  const { data: { id: fileId } } = await vendor.POST('/v1/usage-files', { body: draft })
  const workbook = await openAsBlob(SAMPLE)
  const progress: Progress[] = []
  proxy.steps.push('drop', 'lose')
  const { data, response } = await vendor.upload(UPLOAD, workbook, {
    params: { path: { fileId } }, onProgress: one => progress.push(one)
  })
  t.equal(response.status, 202)
  t.match((await vendor.waitFor({ fileId: data.id })).status, 'ready')
  t.same(progress.at(-1), { sentBytes: workbook.size, totalBytes: workbook.size })
  t.match(progress[0], { sentBytes: 0, totalBytes: workbook.size })
  const [, ...uploads] = proxy.seen.filter(({ method }) => method === 'POST')
  t.equal(uploads.length, 3)
  t.ok(uploads.every(({ body, headers }) =>
    body.length === workbook.size && headers['content-length'] === String(workbook.size)), 'whole, with its length')
  t.equal(new Set(uploads.map(({ headers }) => headers['idempotency-key'])).size, 1)
  t.equal(sandbox.ledger.entries.filter(({ path }) => path.endsWith('/upload')).length, 1, 'Connect has one upload')
})

t.test('rows of an async generator are sent while they are made, and once', async (t) => {
  let requests = 0
  let arrived: (request: IncomingMessage) => void = () => {}
  const first = new Promise<IncomingMessage>(resolve => { arrived = resolve })
  const { baseUrl } = await startUpstream(t, (request, response) => {
    requests++
    arrived(request)
    request.once('end', () => { response.writeHead(503, { 'retry-after': '0' }).end() })
  })
  const vendor = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY } })
  let sentBeforeTheEnd = ''
  async function * rows () {
    for (let n = 0; n < 1000; n++) yield rowOf(n)
    const [piece] = await once(await first, 'data') as [Buffer]
    sentBeforeTheEnd = piece.toString()
    yield rowOf(1000)
  }
  await t.rejects(vendor.upload(UPLOAD, rows(), { params }), { code: 'ANSWER_INVALID' })
  t.match(sentBeforeTheEnd, /^\{"record_id":"r-0"/)
  t.equal(requests, 1)
})

t.test('rows that can be read again are sent again', async (t) => {
  const bodies: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    void text(request).then(body => {
      response.writeHead(bodies.push(body) === 1 ? 503 : 202, { 'content-type': 'application/json' }).end('{}')
    })
  })
  const vendor = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY } })
  const rows = { async * [Symbol.asyncIterator] () { yield { record_id: 'r', quantity: 1.5 } } }
  await vendor.upload(UPLOAD, rows, { params })
  t.same(bodies, ['{"record_id":"r","quantity":1.5}\n', '{"record_id":"r","quantity":1.5}\n'])
})

t.test('what the source of the rows throws is thrown as it is, and nothing is complete', async (t) => {
  const ends: string[] = []
  const { baseUrl } = await startUpstream(t, request => {
    request.resume().once('end', () => ends.push('end')).on('error', () => ends.push('error'))
  })
  const vendor = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY } })
  const source = {
    async * [Symbol.asyncIterator] () {
      yield rowOf(1)
      throw new RangeError('the database is gone')
    }
  }
  await t.rejects(vendor.upload(UPLOAD, source, { params }), { name: 'RangeError', message: 'the database is gone' })
  t.notOk(ends.includes('end'))
})

t.test('the type of a file is told by its first bytes, its name or its type', async (t) => {
  const types: Array<string | undefined> = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    types.push(request.headers['content-type'])
    request.resume().once('end', () => { response.writeHead(202).end('{}') })
  })
  const vendor = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY } })
  const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const cases: Array<[Blob | Uint8Array | ArrayBuffer, string]> = [
    [new File(['PK\u0003\u0004'], 'rows.csv', { type: 'text/csv' }), xlsx],
    [Buffer.from('PK'), xlsx],
    [new TextEncoder().encode('PK').buffer, xlsx],
    [new File(['record_id'], 'ROWS.CSV'), 'text/csv'],
    [new File(['record_id'], 'rows', { type: 'application/vnd.ms-excel' }), 'text/csv'],
    [new Blob(['record_id'], { type: 'text/csv;charset=utf-8' }), 'text/csv'],
    [new File(['{}'], 'rows.ndjson'), 'application/x-ndjson'],
    [new File(['{}'], 'rows.json'), 'application/json'],
    [new Blob(['?']), xlsx]
  ]
  for (const [table] of cases) await vendor.upload(UPLOAD, table, { params })
  t.same(types, cases.map(([, type]) => type))
})

t.test('a check, a conversion and a reconciliation with a note', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const vendor = createUsageClient({ baseUrl: origin, credential: { key: VENDOR_KEY } })
  const product = { path: { productId: draft.productId }, query: { schema: 'qt' as const } }
  const check = await vendor.upload('/v1/products/{productId}/usage-check', [rowOf(1), {}], { params: product })
  t.match(check.data, { valid: false, rows: { total: 2, valid: 1 } })
  const marked = await vendor.upload('/v1/products/{productId}/usage-check', [rowOf(1), {}], {
    params: { ...product, query: { ...product.query, format: 'xlsx' } }, parseAs: 'blob'
  })
  t.equal(await marked.data.slice(0, 2).text(), 'PK')
  const workbook = await vendor.upload('/v1/products/{productId}/usage-workbook', [rowOf(1)], { params: product })
  t.equal(await workbook.data.slice(0, 2).text(), 'PK')

  const provider = createUsageClient({ baseUrl: origin, credential: { key: PROVIDER_KEY } })
  const bytes = await openAsBlob(SAMPLE)
  const { data } = await provider.upload('/v1/reconciliations', bytes, { note: 'Invoice of “Müller”' })
  t.match(data, { note: 'Invoice of “Müller”' })
  const sent = sandbox.ledger.entries.find(({ path }) => path.endsWith('/usage/reconciliations'))
  t.equal(sent?.file?.size, bytes.size)
})

t.test('in a browser, a signal that aborts before the upload begins stops it', async (t) => {
  const sent: Blob[] = []
  class FakeXMLHttpRequest {
    readonly upload = { onprogress: null }
    readonly status = 202
    readonly response = new Blob(['{}'])
    onload = (): void => {}
    open (): void {}
    setRequestHeader (): void {}
    getAllResponseHeaders (): string { return 'content-type: application/json\r\n' }
    send (body: Blob): void {
      sent.push(body)
      queueMicrotask(() => { this.onload() })
    }
  }
  Object.assign(globalThis, { XMLHttpRequest: FakeXMLHttpRequest })
  t.teardown(() => { Reflect.deleteProperty(globalThis, 'XMLHttpRequest') })
  const reason = new Error('left the page')
  let controller = new AbortController()
  let token = (): string => 'token'
  const vendor = createUsageClient({ baseUrl: 'http://127.0.0.1:9', credential: { token: () => token() } })
  const upload = async (table: TableSource): Promise<unknown> => await vendor.upload(UPLOAD, table, {
    params, onProgress: () => {}, signal: controller.signal
  })
  await upload([rowOf(1)])
  t.equal(sent.length, 1)

  async function * rows () {
    yield rowOf(1)
    controller.abort(reason)
  }
  await t.rejects(upload(rows()), reason)
  controller = new AbortController()
  token = () => {
    controller.abort(reason)
    return 'token'
  }
  await t.rejects(upload(new Blob(['record_id'])), reason)
  t.equal(sent.length, 1)
})

t.test('rows with errors are refused with their check', async (t) => {
  const { origin } = await startBoth(t)
  const vendor = createUsageClient({ baseUrl: origin, credential: { key: VENDOR_KEY } })
  const { data: { id: fileId } } = await vendor.POST('/v1/usage-files', { body: draft })
  const rows = Array.from({ length: 3000 }, (_, n) => ({ ...rowOf(n), quantity: 'many' }))
  await t.rejects(vendor.upload(UPLOAD, rows, { params: { path: { fileId } } }), {
    code: 'ROWS_INVALID', status: 422, problem: { check: { rows: { total: 3000, invalid: 3000 } } }
  })
})
