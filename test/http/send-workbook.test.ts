import { request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { readXlsx } from 'hucre/xlsx'
import t from 'tap'
import { workbookForm } from '../../src/http/accept.ts'
import { CSV, NDJSON, XLSX } from '../../src/media-types.ts'
import { asProvider, asVendor, startApp, startBoth, startUpstream, until, type Teardown } from '../helper.ts'
import { SHEET, workbookOf } from '../tables/workbook-of.ts'

const CHUNK = '/v1/usage-chunks/UFC-2026-11-9900-0003-001/file'
type Row = Record<string, string>

t.test('every download in each form holds the rows of its workbook', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const ask = async (path: string, headers: Row = {}): Promise<Response> =>
    await fetch(origin + path, { headers: { ...asProvider, ...headers } })
  const first = async (list: string): Promise<string> =>
    (await (await ask(`${list}&limit=1`)).json() as { items: [{ id: string }] }).items[0].id
  const file = await first('/v1/usage-files?status=closed')
  const reconciliation = await first('/v1/reconciliations?')
  for (const path of [
    `/v1/usage-files/${file}/files/uploaded`, `/v1/usage-files/${file}/files/processed`,
    `/v1/usage-chunks/${await first('/v1/usage-chunks?status=ready')}/file`,
    `/v1/reconciliations/${reconciliation}/files/uploaded`, `/v1/reconciliations/${reconciliation}/files/processed`,
    '/v1/products/PRD-276-377-545/usage-template'
  ]) {
    const xlsx = await ask(path)
    t.match(xlsx.headers.get('vary'), 'Accept', path)
    const expected = await rowsByHucre(Buffer.from(await xlsx.arrayBuffer()), 'records')
    const name = /filename="([^"]*)\.xlsx"/.exec(xlsx.headers.get('content-disposition') ?? '')?.[1]
    const csv = await ask(path, { accept: CSV })
    t.match(csv.headers.get('content-type'), 'text/csv; charset=utf-8', path)
    t.equal(csv.headers.get('content-disposition'), `attachment; filename="${name}.csv"`)
    t.same(filled(parse<Row>(await csv.text(), { columns: true })), expected, `${path}: CSV`)
    const ndjson = (await (await ask(`${path}?format=ndjson`)).text()).split('\n').filter(line => line !== '')
    const lines = ndjson.map(line => JSON.parse(line) as Row)
    t.same(lines.filter(line => !('category' in line)), expected, `${path}: NDJSON`)
    const json = await (await ask(path, { accept: 'application/json' })).json() as { rows: Row[], categories: Row[] }
    t.same(json.rows, expected, `${path}: JSON`)
    t.same(lines.flatMap(line => line['category'] ?? []), json.categories)
    if (!path.includes('template')) t.ok(expected.length > 1, `${path}: ${expected.length} rows`)
  }
})

t.test('another sheet, a byte order mark, and texts that look like formulas', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  const chunks = await (await fetch(`${origin}/v1/usage-chunks?status=ready&limit=1`, { headers: asProvider })).json()
  const { id, fileId } = (chunks as { items: [{ id: string, fileId: string }] }).items[0]
  const ask = async (query: string): Promise<string> =>
    await (await fetch(`${origin}/v1/usage-chunks/${id}/file?${query}`, { headers: asProvider })).text()
  const general = parse<Row>(await ask('format=csv&sheet=general'), { columns: true })
  t.equal(general.find(row => row['attribute_id'] === 'report_id')?.['attribute_value'], fileId)
  const withBom = await fetch(`${origin}/v1/usage-chunks/${id}/file?format=csv&bom=true`, { headers: asProvider })
  t.same([...new Uint8Array(await withBom.arrayBuffer()).subarray(0, 3)], [0xef, 0xbb, 0xbf])
  for (const [query, path] of [
    ['sheet=records', 'query.sheet'], ['bom=true', 'query.bom'], ['format=json&escape=false', 'query.escape'],
    ['format=xls', 'query.format'], ['format=csv&sheet=nothing', 'query.sheet'], ['limit=1', 'query.limit']
  ]) t.match(JSON.parse(await ask(query ?? '')), { status: 400, errors: [{ path }] }, query ?? '')
  const served = await connectWith(t, workbookOf({
    sheet: SHEET(row(1, 'record_id', 'quantity') + row(2, '=1+1', '-9007199254740993.10'))
  }))
  t.equal(await textOf(served, '?format=csv'), "record_id,quantity\r\n'=1+1,-9007199254740993.10\r\n")
  t.equal(await textOf(served, '?format=csv&escape=false'), 'record_id,quantity\r\n=1+1,-9007199254740993.10\r\n')
})

t.test('the first rows come before the last are read, and a damaged end never looks whole', async (t) => {
  const rows = Array.from({ length: 30_000 }, (_, at) => row(at + 2, `r${at}`, '1.5')).join('')
  const whole = await connectWith(t, workbookOf({ sheet: SHEET(row(1, 'record_id', 'quantity') + rows) }))
  const text = await textOf(whole, '?format=ndjson')
  t.equal(text.trimEnd().split('\n').length, 30_000)
  const damaged = workbookOf({ sheet: SHEET(row(1, 'record_id', 'quantity') + rows).replace(/<\/sheetData>/, '<x>') })
  const cut = await connectWith(t, damaged)
  for (const format of ['csv', 'ndjson', 'json']) {
    const answer = await open(cut, `?format=${format}`)
    t.equal(answer.statusCode, 200, `${format}: the first rows were there`)
    t.match(await buffer(answer).then(String, (error: unknown) => error), { code: 'ECONNRESET' }, format)
  }
})

t.test('a file that is no workbook is 502, and a list of forms does not change XLSX', async (t) => {
  const noSheet = workbookOf({ parts: { 'xl/worksheets/sheet1.xml': null } })
  for (const bytes of [Buffer.from('PK\x03\x04 and nothing more'), noSheet, workbookOf({ sheet: SHEET('') })]) {
    const origin = await connectWith(t, bytes)
    for (const format of ['csv', 'ndjson', 'json']) {
      const answer = await fetch(`${origin}${CHUNK}?format=${format}`, { headers: asProvider })
      t.equal(answer.status, 502)
      t.match(await answer.json(), { code: 'UPSTREAM_INVALID' })
    }
    const xlsx = await fetch(`${origin}${CHUNK}`, { headers: asProvider })
    t.same(Buffer.from(await xlsx.arrayBuffer()), bytes, 'passed on as it is')
    t.equal(xlsx.headers.get('content-length'), String(bytes.length))
  }
})

t.test('a workbook of Connect that is too large is 413, with advice that fits the operation', async (t) => {
  const { app, origin } = await startBoth(t, { seed: 'full' })
  app.tables.limits.connectWorkbookBytes = 1_000
  const first = async (path: string): Promise<string> => {
    const list = await (await fetch(`${origin}${path}&limit=1`, { headers: asProvider })).json()
    return (list as { items: [{ id: string }] }).items[0].id
  }
  const file = `/v1/usage-files/${await first('/v1/usage-files?status=accepted')}`
  const chunk = await first('/v1/usage-chunks?status=ready')
  const tooLong = 'Download the processed workbook: comments on its cells tell the errors.'
  const rows = {
    method: 'POST',
    headers: { ...asProvider, 'content-type': CSV },
    body: 'record_id,external_billing_id\nR1,B1\n'
  }
  for (const [path, init, advice] of [
    [`/v1/usage-chunks/${chunk}/file`, { headers: { ...asProvider, accept: CSV } }, 'Ask for XLSX.'],
    [`${file}/row-errors`, { headers: asProvider }, tooLong],
    [`${file}/row-errors?format=xlsx`, { headers: asProvider }, tooLong],
    [`${file}/reconciliation`, rows, 'It cannot be filled with rows.'],
    [`/v1/reconciliations?chunkId=${chunk}`, rows, 'It cannot be filled with rows.']
  ] as const) {
    const answer = await fetch(origin + path, init)
    t.match(
      await answer.json(),
      { status: 413, code: 'BODY_TOO_LARGE', detail: `The workbook of Connect has more than 1000 bytes. ${advice}` },
      path
    )
  }
})

t.test('HEAD, and callers that leave, give back their files and their slots', async (t) => {
  const rows = Array.from({ length: 50_000 }, (_, at) => row(at + 2, `record ${at} of many`, '1.5')).join('')
  const origin = await connectWith(t, workbookOf({ sheet: SHEET(row(1, 'record_id', 'quantity') + rows) }))
  const head = await fetch(`${origin}${CHUNK}?format=csv`, { method: 'HEAD', headers: asProvider })
  t.equal(head.status, 200)
  t.match(head.headers.get('content-type'), CSV)
  // More often than a caller may read workbooks at once.
  for (let times = 0; times < 6; times += 1) {
    await until(async () => {
      const answer = await open(origin, '?format=ndjson')
      if (answer.statusCode === 200) await new Promise(resolve => { answer.once('data', resolve) })
      answer.destroy()
      return answer.statusCode === 200
    }, 'a slot', 60_000)
  }
})

t.test('the form is the one of the query, else of Accept, else XLSX', async (t) => {
  const axios = 'application/json, text/plain, */*'
  for (const [accept, form] of [
    [undefined, 'xlsx'], ['*/*', 'xlsx'], [axios, 'xlsx'], ['text/html, */*;q=0.8', 'xlsx'], [XLSX, 'xlsx'],
    ['application/json', 'json'], ['application/json, */*;q=0.5', 'json'], [CSV, 'csv'], [`${CSV}, */*`, 'csv'],
    [NDJSON, 'ndjson'], [`${NDJSON};q=0.5, ${XLSX}`, 'xlsx'], ['application/problem+json', 'xlsx']
  ] as const) t.equal(workbookForm(undefined, accept), form, accept ?? 'no Accept')
  t.equal(workbookForm('csv', XLSX), 'csv')
})

/** The rows of a sheet as another library reads them: texts, without empty cells. */
async function rowsByHucre (bytes: Buffer, name: string): Promise<Row[]> {
  const { sheets } = await readXlsx(bytes)
  const [header = [], ...rows] = sheets.find(sheet => sheet.name === name)?.rows ?? []
  return rows.map(cells => Object.fromEntries(header.flatMap((column, at) => {
    const value = cells[at]
    return value === null || value === undefined || value === '' ? [] : [[String(column), String(value)]]
  })))
}

function filled (rows: readonly Row[]): Row[] {
  return rows.map(row => Object.fromEntries(Object.entries(row).filter(([, text]) => text !== '')))
}

function row (number: number, ...texts: readonly string[]): string {
  const cells = texts.map((text, at) => `<c r="${'AB'[at]}${number}" t="inlineStr"><is><t>${text}</t></is></c>`)
  return `<row r="${number}">${cells.join('')}</row>`
}

/** The service in front of a Connect whose chunk has this workbook. Gives the address of the service. */
async function connectWith (t: Teardown, workbook: Buffer): Promise<string> {
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', XLSX).setHeader('content-length', workbook.length)
    response.end(workbook)
  })
  return (await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })).origin
}

async function open (origin: string, query: string): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    httpRequest(origin + CHUNK + query, { headers: asVendor, agent: false }, resolve).on('error', reject).end()
  })
}

async function textOf (origin: string, query: string): Promise<string> {
  return (await buffer(await open(origin, query))).toString()
}
