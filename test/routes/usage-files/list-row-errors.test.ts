import { parse } from 'csv-parse/sync'
import { openXlsx, readXlsx, saveXlsx, type Sheet } from 'hucre/xlsx'
import t from 'tap'
import type { RowErrorPage } from '../../../schemas/row-error.ts'
import { CSV, NDJSON, XLSX } from '../../../src/media-types.ts'
import { asVendor as asCaller, startApp, startBoth, startUpstream, until, type Teardown } from '../../helper.ts'
import { asVendor, type StartedSandbox } from '../../../sandbox/test/helper.ts'
import { goodRow, ready } from '../../../sandbox/test/stories.ts'
import { SHEET, workbookOf } from '../../tables/workbook-of.ts'
import { connectFile, FILE_ID } from '../call.ts'
import { conformsTo } from '../validate-answer.ts'

/** Row 3 has an unknown item, row 4 a quantity that is no number, row 5 the id of row 2 and a negative amount. */
function badRows (): string[][] {
  const rows = [1, 2, 3, 4].map(goodRow)
  rows[1]![2] = 'FB-NONE'
  rows[2]![3] = 'ten'
  rows[3]![0] = 'R1'
  rows[3]![9] = '-10.50'
  return rows
}

async function invalidFile (sandbox: StartedSandbox): Promise<string> {
  return await ready(asVendor(sandbox), badRows())
}

async function ask (origin: string, path: string, accept = '*/*'): Promise<Response> {
  return await fetch(origin + path, { headers: { ...asCaller, accept } })
}

t.test('each wrong cell is told with its row, record, column, code and value', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const path = `/v1/usage-files/${await invalidFile(sandbox)}/row-errors`
  const page = await (await ask(origin, path)).json() as RowErrorPage
  for (const item of page.items) t.ok(conformsTo('RowError', item))
  t.match(page.items, [
    { row: 3, recordId: 'R2', column: 'item_search_value', cell: 'C3', code: 'USG_011', message: 'Unknown MPN' },
    { row: 4, recordId: 'R3', column: 'quantity', cell: 'D4', code: 'USG_020', value: 'ten' },
    { row: 5, recordId: 'R1', column: 'record_id', cell: 'A5', code: 'USG_002', value: 'R1' },
    { row: 5, recordId: 'R1', column: 'amount', cell: 'J5', code: 'USG_021', value: '-10.50' }
  ])
  t.ok(page.items.every(one => one.source === 'workbook' && one.usageRecordId === null))
  t.same(page.byCode.map(({ code }) => code), ['USG_011', 'USG_020', 'USG_002', 'USG_021'])
  t.match(page, { total: 4, limit: 50, offset: 0 })
  const second = await ask(origin, `${path}?limit=1&offset=1`)
  t.match(await second.json(), { items: [{ cell: 'D4' }], total: 4, limit: 1, offset: 1 })
  t.match(second.headers.get('link'), 'rel="next"')
  const filtered = await (await ask(origin, `${path}?code=USG_011,USG_021`)).json() as RowErrorPage
  t.same(filtered.items.map(({ cell }) => cell), ['C3', 'J5'])
  t.match(filtered, { total: 2, byCode: [{ count: 1 }, { count: 1 }, { count: 1 }, { count: 1 }] })
  const lines = (await (await ask(origin, path, NDJSON)).text()).trimEnd().split('\n').map(line => JSON.parse(line))
  t.same(lines, [...page.items, { summary: { rows: 4 } }])
  const csv = parse<Record<string, string>>(await (await ask(origin, path, CSV)).text(), { columns: true })
  t.same(csv.map(({ cell }) => cell), ['C3', 'D4', 'A5', 'J5'])
  t.equal(csv[3]?.['value'], "'-10.50", 'a text that looks like a formula')
  t.equal((await ask(origin, `${path}?format=xlsx&limit=1`)).status, 400)
})

t.test('the marked workbook has all rows, and is accepted when its cells are corrected', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const id = await invalidFile(sandbox)
  const answer = await ask(origin, `/v1/usage-files/${id}/row-errors`, XLSX)
  t.equal(answer.headers.get('content-type'), XLSX)
  t.equal(answer.headers.get('content-disposition'), `attachment; filename="${id}-row-errors.xlsx"`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const { sheets } = await readXlsx(bytes, { readStyles: true })
  t.same(sheets.map(({ name }) => name), ['records', 'categories'])
  t.same(sheets[0]?.rows.map(row => String(row[0])), ['record_id', 'R1', 'R2', 'R3', 'R1'], 'all rows')
  t.same(commentsOf(sheets[0]), {
    C3: 'USG_011: Unknown MPN',
    D4: commentsOf(sheets[0])['D4'],
    A5: commentsOf(sheets[0])['A5'],
    J5: commentsOf(sheets[0])['J5']
  })
  t.match(commentsOf(sheets[0])['A5'], /^USG_002: /)
  for (const key of ['2,2', '3,3', '4,0', '4,9']) {
    t.match(sheets[0]?.cells?.get(key)?.style?.border, { top: { color: { rgb: 'FF0000' } } }, `${key} is marked`)
  }
  t.notOk(sheets[0]?.cells?.get('1,2')?.style?.border, 'a good cell is not')

  const workbook = await openXlsx(bytes)
  const records = workbook.sheets[0]!
  for (const [row, column, value] of [[2, 2, 'FB-SEATS'], [3, 3, '5'], [4, 0, 'R4'], [4, 9, '10.50']] as const) {
    records.rows[row]![column] = value
    const cell = records.cells?.get(`${row},${column}`)
    if (cell !== undefined) cell.value = value
  }
  const corrected = new Uint8Array(await saveXlsx(workbook))
  const sent = await fetch(`${origin}/v1/usage-files/${id}/upload`, {
    method: 'POST', headers: { ...asCaller, 'content-type': XLSX }, body: corrected
  })
  t.equal(sent.status, 202)
  await until(async () => {
    const { status } = await (await ask(origin, `/v1/usage-files/${id}`)).json() as { status: string }
    return status === 'ready'
  }, 'ready')
  t.match(await (await ask(origin, `/v1/usage-files/${id}/row-errors`)).json(), { items: [], total: 0, byCode: [] })
})

t.test('where no cell has a comment, the invalid records tell the errors', async (t) => {
  const records = [
    { id: 'UR-1', status: 'invalid', usagefile: { id: FILE_ID }, error_codes: 'USG_011', error_details: 'Unknown MPN' },
    { id: 'UR-2', status: 'invalid', usagefile: { id: FILE_ID } }
  ]
  const origin = await connectOf(t, 'invalid', workbookOf({ sheet: SHEET(ROWS) }), records)
  const path = `/v1/usage-files/${FILE_ID}/row-errors`
  const nothing = { row: null, recordId: null, column: null, cell: null, value: null, source: 'records' }
  t.match(await (await ask(origin, path)).json(), {
    items: [
      { ...nothing, usageRecordId: 'UR-1', code: 'USG_011', message: 'Unknown MPN' },
      { ...nothing, usageRecordId: 'UR-2', code: null, message: null }
    ],
    total: 2,
    byCode: [{ code: 'USG_011', count: 1 }, { code: null, count: 1 }]
  })
  const marked = Buffer.from(await (await ask(origin, path, XLSX)).arrayBuffer())
  const { sheets } = await readXlsx(marked, { readStyles: true })
  t.same(commentsOf(sheets[0]), { A1: 'UR-1: USG_011: Unknown MPN\nUR-2: ' })
})

t.test('an uploaded workbook with a text that none may hold cannot be marked, and its errors are told', async (t) => {
  const rows = ROWS.replace(cell('B3', 'x'), cell('B3', '_x0000_'))
  const record = { id: 'UR-1', status: 'invalid', usagefile: { id: FILE_ID }, error_codes: 'USG_011' }
  const origin = await connectOf(t, 'invalid', workbookOf({ sheet: SHEET(rows) }), [record])
  const path = `/v1/usage-files/${FILE_ID}/row-errors`
  t.match(await (await ask(origin, path)).json(), { items: [{ usageRecordId: 'UR-1', code: 'USG_011' }] })
  const answer = await ask(origin, path, XLSX)
  t.equal(answer.status, 502)
  t.match(await answer.json(), { code: 'UPSTREAM_INVALID', detail: /cannot be marked\. Row \d+: .* CSV or NDJSON\.$/ })
})

const comment = (cell: string, text: string): string =>
  `<comment ref="${cell}" authorId="0"><text>${text}</text></comment>`

/** A workbook of these rows, with these comments in a part that another part names. */
function commented (rows: string, comments: string): Buffer {
  return workbookOf({
    sheet: SHEET(rows),
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels':
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" ' +
        'Type="http://purl.oclc.org/ooxml/officeDocument/relationships/comments" Target="/xl/comments7.xml"/>' +
        '</Relationships>',
      'xl/comments7.xml': `<comments xmlns="x"><commentList>${comments}</commentList></comments>`
    }
  })
}

t.test('comments without a code, in several lines, on the header, and on an empty cell', async (t) => {
  const workbook = commented(ROWS, [
    comment('B3', '<r><rPr/><t>Not </t></r><r><t>a number &amp; more\nsecond line</t></r>'),
    comment('B1', '<t>No such column</t>'),
    comment('B2', '<t>USG_001: Missing\nUSG_002: Also wrong\nand why</t>')
  ].join(''))
  const origin = await connectOf(t, 'invalid', workbook, [])
  const answer = await ask(origin, `/v1/usage-files/${FILE_ID}/row-errors`)
  const { items } = await answer.json() as RowErrorPage
  t.match(items, [
    { row: 1, recordId: null, column: 'quantity', cell: 'B1', code: null, message: 'No such column' },
    { row: 2, recordId: 'r-1', column: 'quantity', cell: 'B2', code: 'USG_001', message: 'Missing', value: null },
    { row: 2, cell: 'B2', code: 'USG_002', message: 'Also wrong\nand why' },
    { row: 3, recordId: 'r-2', cell: 'B3', code: null, message: 'Not a number & more\nsecond line', value: 'x' }
  ])
})

t.test('no error is lost where the workbooks have other rows, and rows without a record id', async (t) => {
  const sheet = (...ids: string[]): string => `<row r="1">${cell('A1', 'record_id')}${cell('B1', 'quantity')}</row>` +
    ids.map((id, at) =>
      `<row r="${at + 2}">${id === '' ? '' : cell(`A${at + 2}`, id)}${cell(`B${at + 2}`, 'x')}</row>`).join('')
  const processed = commented(sheet('', '', 'r-1', 'r-1', 'r-2'), [2, 3, 4, 5, 6].map(row =>
    comment(`B${row}`, `<t>USG_020: Error ${row}</t>`)).join(''))
  const uploaded = workbookOf({ sheet: SHEET(sheet('r-2', '', 'r-1')) })
  const origin = await connectOf(t, 'invalid', uploaded, [], processed)
  const answer = await ask(origin, `/v1/usage-files/${FILE_ID}/row-errors`, XLSX)
  const { sheets } = await readXlsx(Buffer.from(await answer.arrayBuffer()), { readStyles: true })
  t.same(commentsOf(sheets[0]), {
    A1: 'USG_020: Error 2\nUSG_020: Error 3\nr-1: USG_020: Error 5',
    B2: 'USG_020: Error 6',
    B4: 'USG_020: Error 4'
  })
})

t.test('rows that are not checked, and a file that is no workbook', async (t) => {
  for (const status of ['draft', 'uploading', 'processing']) {
    const origin = await connectOf(t, status, workbookOf({ sheet: SHEET(ROWS) }), [])
    const answer = await ask(origin, `/v1/usage-files/${FILE_ID}/row-errors`)
    t.match([answer.status, await answer.json()], [404, { code: 'NOT_FOUND', detail: new RegExp(status) }], status)
  }
  const origin = await connectOf(t, 'invalid', Buffer.from('PK\x03\x04 and nothing more'), [])
  const answer = await ask(origin, `/v1/usage-files/${FILE_ID}/row-errors`)
  t.match([answer.status, await answer.json()], [502, { code: 'UPSTREAM_INVALID' }])
})

const cell = (reference: string, text: string): string =>
  `<c r="${reference}" t="inlineStr"><is><t>${text}</t></is></c>`
const ROWS = `<row r="1">${cell('A1', 'record_id')}${cell('B1', 'quantity')}</row>` +
  `<row r="2">${cell('A2', 'r-1')}</row><row r="3">${cell('A3', 'r-2')}${cell('B3', 'x')}</row>`

function commentsOf (sheet: Sheet | undefined): Record<string, string> {
  const found = [...sheet?.cells ?? []].filter(([, one]) => one.comment !== undefined)
  return Object.fromEntries(found.map(([key, one]) => {
    const [row = '', column = ''] = key.split(',')
    return [`${'ABCDEFGHIJ'[Number(column)]}${Number(row) + 1}`, one.comment?.text ?? '']
  }))
}

/** The service in front of a Connect with one usage file, whose workbooks are these bytes. Gives its address. */
async function connectOf (
  t: Teardown, status: string, workbook: Buffer, records: readonly object[], processed = workbook
): Promise<string> {
  let storage = ''
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const json = (body: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    }
    if (request.url?.startsWith('/store') === true) {
      const bytes = request.url === '/store/p' ? processed : workbook
      response.setHeader('content-type', XLSX).setHeader('content-length', bytes.length)
      response.end(bytes)
    } else if (request.url?.includes('/records') === true) {
      response.setHeader('content-range', `items 0-${Math.max(0, records.length - 1)}/${records.length}`)
      json(records)
    } else {
      json(connectFile(status, { usage_file_uri: `${storage}/store/u`, processed_file_uri: `${storage}/store/p` }))
    }
  })
  storage = new URL(baseUrl).origin
  return (await startApp(t, { env: { CONNECT_BASE_URL: baseUrl, STORAGE_HOSTS: storage } })).origin
}
