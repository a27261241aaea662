import { readFile } from 'node:fs/promises'
import t, { type Test as Tap } from 'tap'
import { asVendor, startBoth, until } from '../../helper.ts'
import type { Exchange } from '../../connect/upstream.ts'
import { readWorkbook } from '../../tables/workbook-of.ts'
import { DISPOSITION, formOf, parseForm, XLSX, workbookOf } from '../../uploads/forms.ts'
import { startFixture, UPLOAD, type Fixture } from '../../uploads/fixture.ts'
import type { WireAnswer } from '../../uploads/wire.ts'
import { caller } from '../call.ts'
import { conformsTo } from '../validate-answer.ts'

const NAMES = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount', 'tier', 'v.note'
]
const line = (id: string, quantity: string, note = 'x'): string[] => [
  id, 'item.mpn', 'VM-SMALL', quantity, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id', 'AS-1',
  '9007199254740993.12345678', '0', note
]
const csv = (rows: string[][]): string => [NAMES, ...rows].map(cells => `${cells.join(',')}\r\n`).join('')
const object = (cells: string[]): Record<string, string> =>
  Object.fromEntries(cells.map((text, at) => [NAMES[at] ?? '', text]))
const reversed = (cells: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(object(cells)).reverse())
const ROWS = [line('r-1', '1.50'), line('r-2', '2')]
const WRONG = [line('r-1', 'many'), line('r-1', '2')]

const rowsFixture = async (t: Tap, env: Record<string, string> = {}): Promise<Fixture> => {
  const fixture = await startFixture(t, { env })
  Object.assign(fixture.file, { schema: 'tr', currency: 'USD' })
  return fixture
}

interface Sending { query?: string, key?: string }

async function upload (
  fixture: Fixture, type: string, body: string | Buffer, { query = '', key }: Sending = {}
): Promise<WireAnswer> {
  const bytes = Buffer.from(body)
  const client = await fixture.client()
  await client.sendHead({
    path: UPLOAD + query,
    headers: {
      'content-type': type,
      'content-length': String(bytes.length),
      ...(key !== undefined && { 'idempotency-key': key })
    }
  })
  await client.sendBody(bytes, { seed: 3, maxBytes: 90_000 })
  const answer = await client.answer()
  await client.closed()
  return answer
}

/** The workbook that Connect got. */
async function workbookIn (exchange: Exchange | undefined): Promise<Buffer> {
  const form = parseForm(await exchange!.body(), exchange!.headers['content-type'] ?? '')
  t.equal(form.name, 'usage_file')
  return form.file
}

t.test('the same rows in each form reach Connect as the same workbook', async (t) => {
  const fixture = await rowsFixture(t)
  const multipart = 'multipart/form-data; boundary=b0undary'
  const inForm = (name: string, type: string): Buffer => formOf({
    fileHeaders: `${DISPOSITION.replace('usage.xlsx', name)}\r\nContent-Type: ${type}\r\n`, file: Buffer.from(csv(ROWS))
  })
  const withCommas = csv(ROWS).replaceAll(',', ';').replace(/(\d)\.(\d)/g, '$1,$2')
  const bodies: ReadonlyArray<[string, string | Buffer, string?]> = [
    ['text/csv', csv(ROWS)],
    ['text/csv; charset=utf-8', `\ufeff${withCommas}`, '?decimal=comma'],
    ['application/x-ndjson', ROWS.map(cells => `${JSON.stringify(object(cells))}\n`).join('')],
    ['application/json', JSON.stringify({ rows: ROWS.map(reversed) })],
    ['application/json', JSON.stringify({ rows: ROWS.map(object) }).replace('"1.50"', '1.50')],
    [multipart, inForm('usage.csv', 'application/octet-stream')],
    [multipart, inForm('usage', 'application/vnd.ms-excel')]
  ]
  const seen: Buffer[] = []
  for (const [type, body, query = ''] of bodies) {
    const answer = await upload(fixture, type, body, { query })
    t.equal(answer.status, 202, `${type}: ${answer.text}`)
    seen.push(await workbookIn(fixture.uploads().at(-1)))
  }
  const { columns, rows } = await readWorkbook(seen[0]!)
  t.same(columns.slice(0, 4), ['record_id', 'item_search_criteria', 'item_search_value', 'quantity'], 'as in Connect')
  t.same(rows.map(({ cells }) => cells), ROWS.map(object))
  for (const [at, bytes] of seen.entries()) t.ok(bytes.equals(seen[0]!), `${at}: ${bodies[at]![0]}`)
  await fixture.quiet()
})

t.test('rows with errors are refused with all of them, and nothing is sent', async (t) => {
  const fixture = await rowsFixture(t)
  const answer = await upload(fixture, 'text/csv', csv(WRONG))
  t.match(answer, {
    status: 422,
    json: { code: 'ROWS_INVALID', detail: 'The rows have errors: 2 of 2. No row was sent to Connect.' }
  })
  conformsTo('Problem', answer.json)
  t.match(answer.json['check'], {
    valid: false, problems: [{ cell: 'D2', code: 'VALUE_INVALID' }, { cell: 'A3', code: 'DUPLICATE_RECORD_ID' }]
  })
  t.equal(fixture.uploads().length, 0)
  t.match(await upload(fixture, 'text/csv', csv(WRONG), { query: '?check=report' }), { status: 202 }, 'Connect decides')
  const { rows } = await readWorkbook(await workbookIn(fixture.uploads()[0]))
  t.same(rows.map(({ cells }) => cells), WRONG.map(object))
  t.match(
    await upload(fixture, 'text/csv', csv([line('r-1', '1', '\u0001')]), { query: '?check=report' }),
    { status: 422, json: { code: 'ROWS_INVALID', check: { byCode: [{ code: 'CHARACTER_FORBIDDEN' }] } } },
    'no workbook can hold it'
  )
  t.match(await upload(fixture, 'text/csv', 'a,a\n'), { status: 400, json: { code: 'MALFORMED_BODY' } })
  t.match(await upload(fixture, 'application/json', '{"rows":[1]}'), { status: 400, json: { code: 'MALFORMED_BODY' } })
  const short = Object.fromEntries(Object.entries(object(ROWS[0]!)).filter(([name]) => name !== 'item_search_criteria'))
  const json = JSON.stringify({ rows: [short] })
  t.match(await upload(fixture, 'application/json', json), { status: 422 })
  const query = `?defaults=${encodeURIComponent('{"item_search_criteria":"item.mpn"}')}`
  t.match(await upload(fixture, 'application/json', json, { query }), { status: 202 })
  for (const defaults of ['{"item_search_criteria":""}', '{"":"item.mpn"}', '{"__proto__":"x"}', '{"a":1}', '[]', '']) {
    const query = `?defaults=${encodeURIComponent(defaults)}`
    t.match(await upload(fixture, 'application/json', json, { query }), { status: 400 }, defaults)
  }
  t.equal(fixture.uploads().length, 2)
  await fixture.quiet()
})

t.test('a workbook passes untouched, and takes no parameter of rows', async (t) => {
  const fixture = await rowsFixture(t)
  const file = workbookOf(2_000)
  for (const query of ['?delimiter=;', '?decimal=comma', '?escape=true', '?defaults={}']) {
    t.match(await upload(fixture, XLSX, file, { query }), { status: 400, json: { code: 'VALIDATION_FAILED' } }, query)
  }
  t.equal(fixture.uploads().length, 0)
  t.match(await upload(fixture, XLSX, file, { query: '?check=report' }), { status: 202 })
  t.ok((await workbookIn(fixture.uploads()[0])).equals(file))
  await fixture.quiet()
})

t.test('the same rows with one key are sent once; other rows, or another form, are another request', async (t) => {
  const fixture = await rowsFixture(t)
  const send = async (type: string, body: string): Promise<WireAnswer> =>
    await upload(fixture, type, body, { key: 'rows-1' })
  t.match(await send('text/csv', csv(ROWS)), { status: 202 })
  t.match(await send('text/csv', csv(ROWS)), { status: 202, headers: { 'idempotency-replayed': 'true' } })
  const mismatch = { status: 422, json: { code: 'IDEMPOTENCY_MISMATCH' } }
  t.match(await send('text/csv', csv([line('r-1', '1')])), mismatch)
  t.match(await send('application/json', JSON.stringify({ rows: ROWS.map(object) })), mismatch)
  t.equal(fixture.uploads().length, 1)
  const refused = await upload(fixture, 'text/csv', csv(WRONG), { key: 'rows-2' })
  t.match(refused, { status: 422, json: { code: 'ROWS_INVALID' } })
  const again = await upload(fixture, 'text/csv', csv(WRONG), { key: 'rows-2' })
  t.match(again, { status: 422, headers: { 'idempotency-replayed': 'true' }, json: { code: 'ROWS_INVALID' } })
  t.equal(fixture.uploads().length, 1)
})

t.test('after an unknown outcome other rows are refused, and the same rows are looked for', async (t) => {
  const fixture = await rowsFixture(t)
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const send = async (rows: string[][]): Promise<WireAnswer> =>
    await upload(fixture, 'text/csv', csv(rows), { key: 'rows-3' })
  t.match(await send(ROWS), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  t.match(await send([line('r-1', '1')]), { status: 422, json: { code: 'IDEMPOTENCY_MISMATCH' } })
  fixture.file['status'] = 'processing'
  fixture.file['events'] = { uploaded: { at: '2026-11-02T00:00:00Z' } }
  t.match(await send(ROWS), { status: 202 }, 'it had taken effect')
  t.equal(fixture.uploads().length, 1)
})

t.test('a caller that leaves, and limits that are broken, send nothing', async (t) => {
  const fixture = await rowsFixture(t, { ROWS_MAX_BYTES: '12000000', UPLOAD_MAX_BYTES: '200000' })
  const many = csv(Array.from({ length: 60_000 }, (_, n) => line(`r-${n}`, '1')))
  const client = await fixture.client()
  await client.sendHead({
    path: UPLOAD, headers: { 'content-type': 'text/csv', 'content-length': String(Buffer.byteLength(many)) }
  })
  await client.sendBody(Buffer.from(many))
  client.socket.destroy()
  const hasLine = (): boolean => fixture.logs.some(({ msg, status }) => msg === 'request' && status === 499)
  await until(hasLine, 'the line of the caller')
  t.match(
    await upload(fixture, 'text/csv', many.slice(0, 8_000_000).replace(/\r\n[^\n]*$/, '\r\n')),
    { status: 413, json: { code: 'BODY_TOO_LARGE', detail: /The result has more than 200000 bytes/ } }
  )
  t.match(await upload(fixture, 'text/csv', many + many), { status: 413, json: { maxBytes: 12_000_000 } })
  t.equal(fixture.uploads().length, 0)
  t.same(fixture.logs.filter(({ level }) => level === 'error'), [])
  await fixture.quiet()
})

t.test('the audit line has the number of rows and their sum, and nothing of their contents', async (t) => {
  const fixture = await rowsFixture(t)
  await upload(fixture, 'text/csv', csv([line('secret-row', '1'), line('r-2', '2')]))
  const audit = fixture.logs.find(one => one['audit'] === true)
  t.match(audit, { outcome: 'done', rows: { total: 2, amount: '18014398509481986.24691356' } })
  t.notMatch(JSON.stringify(fixture.logs), /secret-row|VM-SMALL/)
})

t.test('5,000 rows become a usage file of the sandbox that is ready', async (t) => {
  const { app, origin } = await startBoth(t)
  const vendor = caller(t, app, 'vendor', 'UsageFile')
  const created = await vendor('POST', '/v1/usage-files', {
    name: 'Rows',
    productId: 'PRD-276-377-545',
    contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  })
  const path = String(created.headers['location'])
  const sample = await readWorkbook(await readFile('sandbox/samples/usage.xlsx'))
  const first = sample.rows[0]!.cells
  const rows = Array.from({ length: 5_000 }, (_, n) => ({ ...first, record_id: `row-${n}` }))
  const answer = await fetch(`${origin}${path}/upload`, {
    method: 'POST',
    headers: { ...asVendor, 'content-type': 'application/x-ndjson' },
    body: rows.map(cells => `${JSON.stringify(cells)}\n`).join('')
  })
  t.equal(answer.status, 202, await answer.text())
  const isOver = async (): Promise<boolean> =>
    ['ready', 'invalid'].includes(String((await vendor('GET', path)).json['status']))
  await until(isOver, 'processing')
  t.match((await vendor('GET', path)).json, { status: 'ready', records: { valid: 5_000, invalid: 0 } })
  const uploaded = await fetch(`${origin}${path}/files/uploaded`, { headers: asVendor })
  const read = await readWorkbook(Buffer.from(await uploaded.arrayBuffer()))
  t.equal(read.rows.length, rows.length)
  t.same(read.rows.at(-1)?.cells, rows.at(-1))
})
