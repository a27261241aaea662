import { parse } from 'csv-parse/sync'
import t from 'tap'
import { asVendor, startBoth, until } from '../../helper.ts'
import { join, tableOf, typeOf } from '../../tables/helper.ts'
import { writeXlsx } from '../../../src/tables/xlsx/write-xlsx.ts'
import { XLSX } from '../../../src/media-types.ts'
import { readWorkbook } from '../../tables/workbook-of.ts'
import { connectTo } from '../../uploads/wire.ts'
import { conformsTo } from '../validate-answer.ts'

const NAMES = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount', 'tier'
]
const line = (id: string, quantity: string): string[] => [
  id, 'item.mpn', 'FB-VM-HOURS', quantity, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id', 'AS-1', '1.5', '0'
]
const csv = (rows: string[][]): string => [NAMES, ...rows].map(cells => `${cells.join(',')}\r\n`).join('')
const object = (cells: string[]): object => Object.fromEntries(cells.map((text, at) => [NAMES[at], text]))
const ROWS = [line('r-1', '1.50'), line('r-2', 'many'), line('r-1', '2')]
const workbook = async (rows: string[][]): Promise<Buffer> => await join(writeXlsx(
  tableOf(NAMES, rows.map(cells => object(cells) as Record<string, string>)), typeOf
))
const URL = '/v1/products/PRD-276-377-545/usage-check?schema=tr&from=2026-10-01&to=2026-10-31'

t.test('the same rows in each form have the same check', async (t) => {
  const { origin, sandbox } = await startBoth(t, { seed: 'full' })
  const check = async (type: string, body: string | Buffer, path = URL): Promise<Record<string, unknown>> => {
    const answer = await fetch(origin + path, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
    const json = await answer.json() as Record<string, unknown>
    t.equal(answer.status, 200, JSON.stringify(json).slice(0, 300))
    conformsTo('UsageCheck', json)
    return json
  }
  const expected = {
    valid: false,
    rows: { total: 3, valid: 1, invalid: 2 },
    totals: { amount: '4.5', quantityByItem: [{ item: 'FB-VM-HOURS', quantity: '3.50', rows: 3 }] },
    truncated: false
  }
  const ofCsv = await check('text/csv', csv(ROWS))
  t.match(ofCsv, expected)
  t.match(ofCsv['problems'], [
    { row: 3, cell: 'D3', recordId: 'r-2', code: 'VALUE_INVALID', value: 'many' },
    { row: 4, cell: 'A4', code: 'DUPLICATE_RECORD_ID', value: 'r-1' }
  ])
  const ofJson = await check('application/json', JSON.stringify({ rows: ROWS.map(object) }))
  const lines = ROWS.map(cells => `${JSON.stringify(object(cells))}\n`).join('')
  const ofNdjson = await check('application/x-ndjson', lines)
  t.match(ofJson, expected)
  t.same(ofNdjson, ofJson)
  t.match(ofJson['problems'], [{ row: 3, cell: null, code: 'VALUE_INVALID' }, { row: 4, cell: null }])
  t.match(await check('text/csv', csv(ROWS).replaceAll(',', ';'), `${URL}&delimiter=;`), expected)
  t.same(await check(XLSX, await workbook(ROWS)), ofCsv, 'a workbook has the same cells as its CSV')
  t.same(
    [...new Set(sandbox.ledger.entries.map(({ method, path }) => `${method} ${path}`))].sort(),
    ['GET /public/v1/products', 'GET /public/v1/products/PRD-276-377-545/items'],
    'Connect is only asked for the product and its items'
  )
})

t.test('all problems, and what is refused', async (t) => {
  const { origin } = await startBoth(t)
  const post = async (path: string, type: string, body: string): Promise<Response> =>
    await fetch(origin + path, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
  const many = csv(Array.from({ length: 1200 }, (_, n) => line(`r-${n}`, 'many')))
  const ndjson = (await (await post(`${URL}&format=ndjson`, 'text/csv', many)).text()).trimEnd().split('\n')
  t.equal(ndjson.length, 1201)
  t.match(JSON.parse(ndjson.at(-1) ?? ''), { summary: { valid: false, rows: { total: 1200 }, truncated: true } })
  const rows = parse<Record<string, string>>(
    await (await post(`${URL}&format=csv`, 'text/csv', many)).text(), { columns: true }
  )
  t.equal(rows.length, 1200)
  t.match(rows[0], { row: '2', column: 'quantity', cell: 'D2', code: 'VALUE_INVALID', value: 'many' })
  for (const [path, type, body, status] of [
    [`${URL}&format=ndjson`, 'text/csv', `${many}"`, 400], [URL, 'application/json', '{"rows":[1]}', 400],
    [`${URL}&decimal=comma`, 'application/json', '{"rows":[]}', 400], [URL, 'application/xml', '<a/>', 415],
    [URL.replace('&to=2026-10-31', ''), 'text/csv', csv([]), 400]
  ] as const) t.equal((await post(path, type, body)).status, status, `${path} ${type}`)
})

t.test('a usage file gives the schema and the period', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const listed = await fetch(`${origin}/v1/usage-files?limit=1&schema=qt`, { headers: asVendor })
  const { items: [file] } = await listed.json() as { items: { id: string }[] }
  const answer = await fetch(`${origin}/v1/usage-files/${file?.id}/check`, {
    method: 'POST',
    headers: { ...asVendor, 'content-type': 'text/csv' },
    body: csv([line('r-1', '1').with(2, 'MPN-C-PPU').with(4, '1999-01-01 00:00:00')])
  })
  t.equal(answer.status, 200)
  const json = await answer.json() as Record<string, unknown>
  t.match(json, { valid: true, totals: { amount: null }, problems: [{ code: 'PERIOD_OUTSIDE', severity: 'warning' }] })
})

t.test('items and subscriptions are looked up in the catalogue of Connect', async (t) => {
  const { origin, sandbox } = await startBoth(t, { seed: 'full' })
  const post = async (path: string, rows: string[][]): Promise<Record<string, unknown>> => {
    const headers = { ...asVendor, 'content-type': 'text/csv' }
    const answer = await fetch(`${origin}/v1${path}`, { method: 'POST', headers, body: csv(rows) })
    return { answered: answer.status, ...await answer.json() as object }
  }
  const good = line('r-1', '1.5').with(7, 'AS-5501-1000-0001')
  const rows = [
    good,
    line('r-2', '1').with(2, 'FB-VM-HOUR').with(7, 'AS-5501-1000-0001'),
    line('r-3', '1').with(7, 'AS-5501-1000-9999'),
    line('r-4', '1').with(1, 'item.global_id').with(2, 'PRD-276-377-545-0002').with(6, 'parameter.account_id')
      .with(7, 'nobody'),
    line('r-5', '1').with(1, 'item.local_id').with(2, 'PRD_276_377_545_0003').with(6, 'parameter.account_id')
      .with(7, 'fb-1001')
  ]
  const found = await post('/products/PRD-276-377-545/usage-check?schema=cr&assets=true', rows)
  t.match(found, { answered: 200, valid: false, rows: { total: 5, invalid: 3 } })
  conformsTo('UsageCheck', (({ answered, ...check }) => check)(found))
  t.match(found['problems'], [
    { cell: 'C3', code: 'ITEM_UNKNOWN', severity: 'error', value: 'FB-VM-HOUR' },
    { cell: 'H4', code: 'ASSET_UNKNOWN', severity: 'error', value: 'AS-5501-1000-9999' },
    { cell: 'H5', code: 'ASSET_UNKNOWN', severity: 'error', value: 'nobody' }
  ])
  t.match(found['checks'], [{}, {}, { status: 'done' }, { status: 'done' }, {}])
  const other = await post('/products/PRD-999-999-999/usage-check?schema=cr', [good])
  t.match(other['checks'], [{}, {}, { name: 'items', status: 'skipped', reason: /does not show the product/ }])
  const listed = await fetch(`${origin}/v1/usage-files?limit=1&productId=PRD-276-377-545&status=draft`, {
    headers: asVendor
  })
  const { items: [file] } = await listed.json() as { items: { id: string }[] }
  const uploads = (): unknown[] => sandbox.ledger.entries.filter(({ method }) => method === 'POST')
  const refused = await post(`/usage-files/${file?.id}/upload?assets=true`, rows)
  t.match(refused, { answered: 422, code: 'ROWS_INVALID', check: { rows: { invalid: 3 } } })
  t.match(await post(`/usage-files/${file?.id}/upload`, rows), { check: { rows: { invalid: 1 } } })
  t.same(uploads(), [])
  t.match(await post(`/usage-files/${file?.id}/upload?assets=true`, [good]), { answered: 202 })
  t.equal(uploads().length, 1)
})

t.test('a file in a form is known by its first bytes, then its name, then its type', async (t) => {
  const { origin } = await startBoth(t)
  const check = async (bytes: string | Buffer, name: string, type: string, query = ''): Promise<Response> => {
    const body = new FormData()
    body.append('file', new Blob([bytes], { type }), name)
    return await fetch(origin + URL + query, { method: 'POST', headers: asVendor, body })
  }
  const lines = ROWS.map(cells => `${JSON.stringify(object(cells))}\n`).join('')
  const cases: ReadonlyArray<[string | Buffer, string, string]> = [
    [await workbook(ROWS), 'usage.csv', 'text/csv'],
    [csv(ROWS), 'Usage.CSV', 'application/octet-stream'],
    [csv(ROWS), 'usage', 'application/vnd.ms-excel'],
    [csv(ROWS), 'usage.txt', 'text/csv'],
    [lines, 'usage.ndjson', 'application/octet-stream'],
    [lines, 'blob', 'application/x-ndjson'],
    [JSON.stringify({ rows: ROWS.map(object) }), 'usage.json', 'application/octet-stream']
  ]
  for (const [bytes, name, type] of cases) {
    const answer = await check(bytes, name, type)
    t.match(await answer.json(), { valid: false, rows: { total: 3, invalid: 2 } }, `${name} ${type}`)
  }
  t.match(await (await check(csv(ROWS), 'usage.bin', 'application/octet-stream')).json(), { code: 'NOT_A_WORKBOOK' })
  t.match(await (await check('', 'usage.csv', 'text/csv')).json(), { status: 400, code: 'MALFORMED_BODY' })
  for (const query of ['&delimiter=;', '&decimal=comma', '&escape=true', '&defaults={}']) {
    const answer = await check(await workbook(ROWS), 'a.xlsx', XLSX, query)
    t.match(await answer.json(), { status: 400, code: 'VALIDATION_FAILED' }, query)
  }
})

t.test('bodies that are too large or no workbook are refused, and callers that leave end the work', async (t) => {
  const env = { UPLOAD_MAX_BYTES: '20000', ROWS_MAX_BYTES: '30000' }
  const { origin, port, logs } = await startBoth(t, {}, { env })
  const post = async (type: string, body: string | Buffer): Promise<Response> =>
    await fetch(origin + URL, { method: 'POST', headers: { ...asVendor, 'content-type': type }, body })
  const text = csv(Array.from({ length: 300 }, (_, n) => line(`r-${n}`, '1')))
  t.match(await (await post(XLSX, Buffer.concat([await workbook(ROWS), Buffer.alloc(20_000)]))).json(), { status: 413 })
  t.match(await (await post('text/csv', text + text)).json(), { status: 413, maxBytes: 30_000 })
  t.match(await (await post(XLSX, 'a,b')).json(), { status: 422, code: 'NOT_A_WORKBOOK' })
  t.match(await (await post(XLSX, (await workbook(ROWS)).subarray(0, -30))).json(), { code: 'NOT_A_WORKBOOK' })
  const client = await connectTo(t, port)
  await client.sendHead({ path: URL, headers: { 'content-type': 'text/csv', 'content-length': '1000' } })
  await client.send('record_id,')
  client.socket.destroy()
  await until(() => logs.some(({ msg, status }) => msg === 'request' && status === 499), 'its line')
  t.same(logs.filter(({ level }) => level === 'error' || level === 50), [])
})

t.test('rows are converted from each form to each form', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const path = `${origin}/v1/products/PRD-276-377-545/usage-workbook?schema=tr`
  const good = [line('r-1', '9007199254740993.12345678'), line('r-2', '2')]
  const bodies: Readonly<Record<string, string | Buffer>> = {
    [XLSX]: await workbook(good),
    'text/csv': csv(good),
    'application/x-ndjson': good.map(cells => `${JSON.stringify(object(cells))}\n`).join(''),
    'application/json': JSON.stringify({ rows: good.map(object) })
  }
  const convert = async (type: string, body: string | Buffer, accept: string, query = ''): Promise<Response> => {
    const headers = { ...asVendor, 'content-type': type, accept }
    return await fetch(path + query, { method: 'POST', headers, body })
  }
  const made = new Map<string, Buffer>()
  for (const [from, body] of Object.entries(bodies)) {
    for (const to of Object.keys(bodies)) {
      const answer = await convert(from, body, to)
      t.equal(answer.status, 200, `${from} to ${to}`)
      t.equal(answer.headers.get('content-type')?.split(';')[0], to)
      const bytes = Buffer.from(await answer.arrayBuffer())
      t.equal(answer.headers.get('content-length'), String(bytes.length))
      const before = made.get(to) ?? bytes
      const hasOrder = to === XLSX || to === 'text/csv'
      t.ok(!hasOrder || bytes.equals(before), `${from} to ${to}: the same bytes`)
      made.set(to, bytes)
    }
  }
  const { columns, rows } = await readWorkbook(made.get(XLSX)!)
  t.same([...columns].sort(), [...NAMES].sort())
  t.same(rows.map(({ cells }) => cells), good.map(object))
  t.same(JSON.parse(made.get('application/json')!.toString()), { rows: good.map(object), categories: [] })
  t.match(await (await convert('text/csv', csv(ROWS), '*/*')).json(), { status: 422, code: 'ROWS_INVALID' })
  const reported = await convert('text/csv', csv(ROWS), '*/*', '&check=report&format=ndjson')
  t.match((await reported.text()).split('\n').slice(0, 3).map(text => JSON.parse(text)), ROWS.map(object))
  t.match(reported.headers.get('content-disposition'), 'attachment; filename="PRD-276-377-545-usage.ndjson"')
  t.equal(sandbox.ledger.entries.length, 0, 'Connect is not asked')
})
