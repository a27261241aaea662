import t from 'tap'
import { readStored } from '../../../sandbox/src/state/stored-file.ts'
import { form } from '../../../sandbox/test/helper.ts'
import { workbook } from '../../../sandbox/test/stories.ts'
import { testCallers } from '../../helper.ts'
import { conformsTo } from '../validate-answer.ts'
import { fileOf, outcomes, REFUSED_ROWS, REPORT, row, ROWS, startReports, type Sending } from './fixture.ts'

const ALL_DONE = 'check done, create done, upload done, wait done, submit'

t.test('a report is published from nothing to submitted, and the same request again changes nothing', async (t) => {
  const { publish, effects, sandbox } = await startReports(t)
  const first = await publish('acme-2026-10', { isSubmitted: true })
  t.match(first, { status: 200, json: { externalId: 'acme-2026-10', state: 'submitted', check: { valid: true } } })
  t.ok(conformsTo('UsageReport', first.json))
  t.equal(outcomes(first), `${ALL_DONE} done`)
  t.match(fileOf(first), { status: 'pending', externalId: 'acme-2026-10', name: 'October', stats: { uploaded: 3 } })
  t.same(effects('acme-2026-10'), { files: 1, uploaded: 1, submitted: 1 })

  sandbox.ledger.clear()
  const second = await publish('acme-2026-10', { isSubmitted: true, rows: [...ROWS].reverse() })
  t.match(second, { status: 200, json: { state: 'submitted' } })
  t.equal(outcomes(second), 'check done, create kept, upload kept, wait kept, submit kept')
  t.same(sandbox.ledger.entries.filter(({ method }) => method !== 'GET'), [])
})

t.test('without submit the file stays ready, and a later request submits it', async (t) => {
  const { publish, effects } = await startReports(t)
  const first = await publish('r')
  t.match(first, { status: 200, json: { state: 'ready', file: { status: 'ready' } } })
  t.equal(outcomes(first), `${ALL_DONE} skipped`)
  const second = await publish('r', { isSubmitted: true })
  t.match(second, { status: 200, json: { state: 'submitted' } })
  t.equal(outcomes(second), 'check done, create kept, upload kept, wait kept, submit done')
  t.same(effects('r'), { files: 1, uploaded: 1, submitted: 1 })
})

t.test('rows with errors are refused, and nothing is sent', async (t) => {
  const { publish, writes } = await startReports(t)
  writes()
  const answer = await publish('r', { rows: [row(1, { quantity: 'many' })] })
  t.match(answer, { status: 422, json: { code: 'ROWS_INVALID', check: { valid: false, rows: { invalid: 1 } } } })
  t.same(writes(), [])
})

t.test('where only the new file tells the schema, wrong rows are refused after it was created', async (t) => {
  const { publish, sandbox, effects } = await startReports(t)
  sandbox.faults.add({ match: { method: 'GET', path: '/products$' }, fault: { type: 'status', code: 403 } })
  sandbox.faults.add({
    match: { method: 'GET', path: '/usage/files$' },
    nth: 2,
    fault: { type: 'status', code: 200, body: [], headers: { 'content-range': 'items 0-0/0' } }
  })
  const answer = await publish('r', { rows: [row(1, { quantity: 'many' })] })
  t.match(answer, {
    status: 422, json: { code: 'ROWS_INVALID', detail: 'The rows have errors: 1 of 1. No row was sent to Connect.' }
  })
  t.equal(outcomes(answer), 'create done')
  const [file] = [...sandbox.store.files.values()].filter(({ externalId }) => externalId === 'r')
  t.same(answer.json['fileIds'], [file?.id])
  t.same(effects('r'), { files: 1, uploaded: 0, submitted: 0 })
  const next = await publish('r', { isSubmitted: true })
  t.match(next, { status: 200, json: { state: 'submitted', file: { id: file?.id } } })
})

t.test('rows that Connect refuses give an invalid report, which is not submitted', async (t) => {
  const { publish, effects } = await startReports(t)
  const answer = await publish('r', { rows: REFUSED_ROWS, isSubmitted: true })
  t.match(answer, { status: 200, json: { state: 'invalid', file: { status: 'invalid', records: { invalid: 1 } } } })
  t.equal(outcomes(answer), `${ALL_DONE} skipped`)
  const corrected = await publish('r', { isSubmitted: true })
  t.match(corrected, { status: 200, json: { state: 'submitted' } })
  t.same(effects('r'), { files: 1, uploaded: 2, submitted: 1 })
})

t.test('a form holds the report and any form of the rows; each is the same report', async (t) => {
  const { vendor, effects, publish } = await startReports(t)
  const rows = [1, 2, 3].map(n => row(n))
  const names = Object.keys(rows[0] ?? {})
  const csv = [names, ...rows.map(one => names.map(name => one[name]))].map(cells => `${cells.join(';')}\n`).join('')
  const category = '{"category":{"category_id":"seats","category_name":"Seats"}}\n'
  const files: [string, string, string | Uint8Array][] = [
    ['usage.ndjson', '', category + rows.map(one => `${JSON.stringify(one)}\n`).join('')],
    ['usage.json', '', JSON.stringify({ rows, categories: [{ category_id: 'seats', category_name: 'Seats' }] })],
    ['usage.xlsx', '', await workbook([1, 2, 3].map(n => Object.values(row(n)).map(String)))]
  ]
  for (const [name, query, content] of files) {
    const body = new FormData()
    body.set('report', JSON.stringify(REPORT))
    body.set('file', new Blob([content as Uint8Array<ArrayBuffer>]), name)
    const answer = await vendor('PUT', `/usage-reports/r${query}`, null, body)
    t.match(answer, { status: 200, json: { state: 'ready' } }, name)
  }
  t.match(await publish('r'), { status: 200, json: { state: 'ready' } })
  // As curl sends `-F report=@report.json`: the field has a file name.
  const fromFile = new FormData()
  fromFile.set('report', new Blob([`\ufeff${JSON.stringify(REPORT)}`], { type: 'application/json' }), 'report.json')
  fromFile.set('file', new Blob([files[0]?.[2] as string]), 'usage.ndjson')
  t.match(await vendor('PUT', '/usage-reports/r', null, fromFile), { status: 200, json: { state: 'ready' } })
  t.same(effects('r'), { files: 1, uploaded: 1, submitted: 0 }, 'only the first one was uploaded')
  // CSV has no categories, so it is another report.
  const body = new FormData()
  body.set('report', JSON.stringify(REPORT))
  body.set('file', new Blob([csv]), 'usage.csv')
  t.match(await vendor('PUT', '/usage-reports/csv?delimiter=%3B', null, body), { status: 200 })
})

t.test('a workbook reaches Connect byte for byte', async (t) => {
  const { vendor, sandbox } = await startReports(t)
  const bytes = await workbook()
  const body = form('file', bytes, { report: JSON.stringify(REPORT) })
  const answer = await vendor('PUT', '/usage-reports/r', null, body)
  t.match(answer, { status: 200, json: { state: 'ready' } })
  const stored = sandbox.store.files.get(fileOf(answer).id)?.upload
  t.ok(Buffer.from(await readStored(stored!)).equals(Buffer.from(bytes)))
})

const REFUSED: readonly [string, Sending, object][] = [
  ['a header without a name', { report: { ...REPORT, name: undefined } }, { path: 'body.report.name' }],
  ['an unknown member', { report: { ...REPORT, externalId: 'x' } }, { path: 'body.report.externalId' }],
  ['a day that does not exist', { report: { ...REPORT, period: { from: '2026-02-30', to: '2026-03-01' } } },
    { path: 'body.report.period.from' }],
  ['a period that ends before it begins', { report: { ...REPORT, period: { from: '2026-02-03', to: '2026-01-01' } } },
    { path: 'body.report.period' }],
  ['a parameter of CSV', { query: '&delimiter=%3B' }, { path: 'query.delimiter' }]
]

t.test('a request that is not valid is refused, and nothing is sent', async (t) => {
  const { publish, writes } = await startReports(t)
  writes()
  for (const [what, sending, fault] of REFUSED) {
    const answer = await publish('r', sending)
    t.match(answer, { status: 400, json: { code: 'VALIDATION_FAILED', errors: [fault] } }, what)
  }
  t.same(writes(), [])
})

t.test('bodies that are no report', async (t) => {
  const { vendor, writes } = await startReports(t)
  writes()
  const put = async (body: unknown, more: Record<string, string> = {}) =>
    await vendor('PUT', '/usage-reports/r', null, body, more)
  const onlyFile = form('file', await workbook())
  t.match(await put(onlyFile), { status: 400, json: { errors: [{ path: 'body.report' }] } })
  t.match(await put(form('file', await workbook(), { report: '{' })), { status: 400, json: { code: 'MALFORMED_BODY' } })
  t.match(await put(form('file', await workbook(), { report: '{"name":"a","name":"b"}' })),
    { status: 400, json: { errors: [{ path: 'body.report.name', message: 'must be given once' }] } })
  t.match(await put({ rows: [] }), { status: 400, json: { errors: [{ path: 'body.report' }] } })
  t.match(await put({ report: REPORT }), { status: 400, json: { code: 'MALFORMED_BODY' } })
  t.match(await put({ report: REPORT, rows: [], other: 1 }), { status: 400, json: { code: 'MALFORMED_BODY' } })
  const csv = await put('record_id\nr-1\n', { 'content-type': 'text/csv' })
  t.match(csv, { status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
  t.equal(csv.headers.get('accept'), 'multipart/form-data, application/json')
  t.same(writes(), [])
})

t.test('another product or contract is another report', async (t) => {
  const { publish, writes } = await startReports(t)
  const { id } = fileOf(await publish('r'))
  writes()
  for (const other of [{ productId: 'PRD-276-377-546' }, { contractId: 'CRD-10000-20000-30001' }]) {
    const answer = await publish('r', { report: { ...REPORT, ...other } })
    t.match(answer, { status: 409, json: { code: 'REPORT_DIFFERS', fileIds: [id] } })
  }
  t.same(writes(), [])
})

t.test('two files with the external id are told, deleted ones do not count', async (t) => {
  const { publish, connectVendor, writes, effects } = await startReports(t)
  const first = fileOf(await publish('r')).id
  const { productId, contractId, ...more } = REPORT
  const body = { ...more, product: { id: productId }, contract: { id: contractId }, external_id: 'r' }
  const second = (await connectVendor('POST', '/usage/files', body)).json.id
  writes()
  const answer = await publish('r')
  t.match(answer, { status: 409, json: { code: 'REPORT_AMBIGUOUS' } })
  t.same((answer.json['fileIds'] as string[]).sort(), [first, second].sort())
  t.same(writes(), [])
  await connectVendor('POST', `/usage/files/${second}/delete`)
  t.match(await publish('r'), { status: 200, json: { file: { id: first } } })
  await connectVendor('POST', `/usage/files/${first}/delete`)
  const third = await publish('r')
  t.match(third, { status: 200, json: { state: 'ready' } })
  t.not(fileOf(third).id, first)
  t.equal(effects('r').files, 3)
})

t.test('scopes: usage:write, and usage:submit for submit', async (t) => {
  const { publish, writes, provider } = await startReports(t, { callers: testCallers(['usage:read', 'usage:write']) })
  writes()
  const refused = await publish('r', { isSubmitted: true })
  t.match(refused, { status: 403, json: { code: 'SCOPE_MISSING', scope: 'usage:submit' } })
  t.same(writes(), [])
  t.match(await publish('r'), { status: 200 })
  t.match(await provider('PUT', '/usage-reports/x', null, { report: REPORT, rows: ROWS }), { status: 403 })
})

t.test('while Connect is at work the answer is 202, and the next request goes on', async (t) => {
  const { publish, effects, processed } = await startReports(t, {}, { processingMs: 5_000 })
  const first = await publish('r', { isSubmitted: true, prefer: 'wait=1' })
  t.match(first, { status: 202, json: { state: 'processing' } })
  t.equal(outcomes(first), 'check done, create done, upload done')
  t.equal(first.headers.get('retry-after'), '2')
  t.equal(first.headers.get('preference-applied'), 'wait=1')
  await processed(fileOf(first).id)
  const second = await publish('r', { isSubmitted: true })
  t.match(second, { status: 200, json: { state: 'submitted' } })
  t.same(effects('r'), { files: 1, uploaded: 1, submitted: 1 })
})

t.test('where a processed file rests in uploaded, it is ready and can be submitted', async (t) => {
  const { publish, effects } = await startReports(t, {}, { restsInUploaded: true })
  t.match(await publish('r'), { status: 200, json: { state: 'ready', file: { status: 'uploaded' } } })
  t.match(await publish('r', { isSubmitted: true }), { status: 200, json: { state: 'submitted' } })
  t.same(effects('r'), { files: 1, uploaded: 1, submitted: 1 })
})
