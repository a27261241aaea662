import { tmpdir } from 'node:os'
import { readXlsx } from 'hucre/xlsx'
import t, { type Test as Tap } from 'tap'
import { fromBufferPromise, type Entry } from 'yauzl'
import { createSpool, type SpooledFile } from '../../src/streaming/spool.ts'
import { fillBilling, type Filled } from '../../src/tables/fill-billing.ts'
import { shareFile } from '../../src/tables/shared-file.ts'
import { writeChunkFile } from '../../sandbox/src/workbooks/chunk-file.ts'
import type { ChunkRow } from '../../sandbox/src/workbooks/types.ts'
import { join } from './helper.ts'
import { SHEET, workbookOf } from './workbook-of.ts'

const spool = createSpool(tmpdir(), 100, { tooMany: 'too many', noRoom: 'no room' })

async function fileOf (t: Tap, content: Uint8Array | string): Promise<SpooledFile> {
  const file = await spool.open()
  t.teardown(async () => { await file.close() })
  await file.write(Buffer.from(content))
  return file
}

/** Fills rows of CSV, or of NDJSON, into a workbook. */
async function fill (t: Tap, rows: string, workbook: Uint8Array): Promise<Filled & { filled: Buffer }> {
  const shared = async (content: Uint8Array | string) => shareFile((await fileOf(t, content)).fd)
  const output = await fileOf(t, '')
  const outcome = await fillBilling({
    input: await shared(rows),
    from: rows.startsWith('{') ? 'ndjson' : 'csv',
    workbook: await shared(workbook),
    scratch: await shared(''),
    output: shareFile(output.fd),
    maxBytes: 2 ** 30
  })
  return { ...outcome, filled: await join(output.read()) }
}

const chunkRow = (recordId: string): ChunkRow => ({
  recordId,
  recordNote: 'ä <&> _x0041_',
  start: '2026-10-01T00:00:00Z',
  end: '2026-10-31T23:59:59Z',
  item: { id: 'PRD-1-0001', name: 'Seats', mpn: 'FB', unit: 'Unit', type: 'ppu', precision: 'decimal(4)' },
  categoryId: null,
  status: 'approved',
  asset: { id: 'AS-1', externalId: null, externalUid: null, reconId: null },
  quantity: '45',
  amount: null,
  tier: null,
  externalBillingId: null,
  externalBillingNote: null
} as unknown as ChunkRow)

async function chunkOf (...ids: string[]): Promise<Uint8Array> {
  return await writeChunkFile('qt', [['report_id', 'UF-1']], [], ids.map(chunkRow))
}

t.test('two columns of a chunk are filled, and everything else stays as it was', async (t) => {
  const workbook = await chunkOf('r-1', 'r-2', 'r-3')
  const { check, bytes, filled } = await fill(
    t, 'record_id,external_billing_id,external_billing_note\r\nr-3,INV-3,"a ""b"" <c>\n& d"\r\nr-1,=1+1,\r\n', workbook
  )
  t.equal(bytes, filled.length)
  t.match(check, { valid: true, rows: { total: 2, valid: 2, invalid: 0 }, problems: [] })
  const [before, after] = [await rowsOf(workbook), await rowsOf(filled)]
  const header = before[0]!
  const [id, note] = [header.indexOf('external_billing_id'), header.indexOf('external_billing_note')]
  const expected = before.map(row => [...row])
  expected[1]![id] = '=1+1'
  expected[3]![id] = 'INV-3'
  expected[3]![note] = 'a "b" <c>\n& d'
  t.same(after.map(blank), expected.map(blank))
  const [old, now] = [await partsOf(workbook), await partsOf(filled)]
  t.same([...now.keys()], [...old.keys()], 'the same parts in the same order')
  const changed = [...old].filter(([name, part]) => !part.equals(now.get(name)!)).map(([name]) => name)
  t.equal(changed.length, 1, 'one part differs')
  t.match(changed[0], /worksheets\/sheet\d+\.xml$/)
})

t.test('the rows of a chunk itself can be sent back', async (t) => {
  const workbook = await chunkOf('r-1')
  const row = {
    record_id: 'r-1', quantity: '45.00', status: 'approved', start_time_utc: '2026-10-01T02:00:00+02:00',
    external_billing_id: 'I'
  }
  t.match((await fill(t, `${JSON.stringify(row)}\n`, workbook)).check, { valid: true })
})

t.test('rows that do not fit are told, and nothing is to be sent', async (t) => {
  const workbook = await chunkOf('r-1', 'r-2', 'twice', 'twice')
  const csv = [
    'record_id,external_billing_id,quantity,colour', 'r-1,I,46,', 'r-2,I,,', 'r-2,J,,', 'r-9,I,,', ',I,,', 'twice,I,,'
  ].join('\n')
  const { check, bytes } = await fill(t, csv, workbook)
  t.equal(bytes, null)
  t.same(check.problems.map(({ row, column, code, recordId }) => [row, column, code, recordId]), [
    [4, 'record_id', 'DUPLICATE_RECORD_ID', 'r-2'],
    [6, 'record_id', 'VALUE_MISSING', null],
    [1, 'colour', 'COLUMN_UNKNOWN', null],
    [2, 'quantity', 'VALUE_CHANGED', 'r-1'],
    [7, 'record_id', 'DUPLICATE_RECORD_ID', 'twice'],
    [5, 'record_id', 'RECORD_UNKNOWN', 'r-9']
  ])
  t.match(check, { valid: false, rows: { total: 6, valid: 1, invalid: 5 }, truncated: false })
  t.match((await fill(t, 'external_billing_id\nI\n', workbook)).check, {
    valid: false,
    rows: { total: 1, valid: 0, invalid: 1 },
    byCode: [{ code: 'VALUE_MISSING' }, { code: 'COLUMN_MISSING', firstRow: 1 }]
  })
  t.match((await fill(t, '{"record_id":"r-1","external_billing_id":"a\\u0001"}\n', workbook)).check, {
    problems: [{ code: 'CHARACTER_FORBIDDEN', column: 'external_billing_id' }]
  })
})

t.test('billing ids keep the rules of every close, and a reconciliation that closes nothing is told', async (t) => {
  const workbook = await chunkOf('r-1', 'r-2')
  const codesOf = async (csv: string): Promise<unknown> => {
    const { check, bytes } = await fill(t, csv, workbook)
    t.equal(bytes === null, check.problems.length > 0)
    return check.problems.map(({ row, column, code }) => [row, column, code])
  }
  const header = 'record_id,external_billing_id,external_billing_note'
  for (const id of [' N3 ', '\u00a0N3', 'N3\u0085', '\u200b']) {
    const wrong = await codesOf(`${header}\nr-1,"${id}",x\n`)
    t.same(wrong, [[2, 'external_billing_id', 'VALUE_INVALID']], JSON.stringify(id))
  }
  const long = '\u{1f600}'.repeat(255)
  t.same(await codesOf(`${header}\nr-1,${long},${long}\n`), [], '255 characters')
  t.same(await codesOf(`${header}\nr-1,${long}x,${long}x\n`), [
    [2, 'external_billing_id', 'TEXT_TOO_LONG'], [2, 'external_billing_note', 'TEXT_TOO_LONG']
  ])
  t.same(await codesOf(`${header}\nr-1,INV-1,x\nr-2,,x\n`), [[3, 'external_billing_id', 'VALUE_MISSING']])
  t.same(await codesOf(`${header}\nr-1,INV-1,x\nr-2,,\n`), [], 'a record that stays open')
  for (const rows of ['', 'r-1,,\nr-2,,\n']) {
    t.same(await codesOf(`${header}\n${rows}`), [[1, 'external_billing_id', 'VALUE_MISSING']], 'nothing to close')
  }
})

t.test('sheets of other programs: prefixes, styles, shared strings, missing columns, UTF-16', async (t) => {
  const sheet = '<?xml version="1.0" encoding="UTF-16"?><!-- <row> --><x:worksheet xmlns:x="m"><x:sheetData>\n' +
    '<x:row r="1" spans="1:3"><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c>' +
    '<x:c t="s"><x:v>2</x:v></x:c></x:row>' +
    '<x:row r="3" ht="20"><x:c r="A3" t="s"><x:v>3</x:v></x:c>\n<x:c r="B3" s="7"/>' +
    '<x:c r="C3" s="1"><x:v>1</x:v></x:c></x:row>' +
    '<x:row r="4"><x:c r="A4" t="inlineStr"><x:is><x:t>r-2</x:t></x:is></x:c></x:row><x:row r="5"/>' +
    '</x:sheetData><x:pageMargins left="0.7"/></x:worksheet>'
  const strings = '<sst xmlns="m"><si><t>record_id</t></si><si><t>external_billing_id</t></si>' +
    '<si><t>quantity</t></si><si><t>r-1</t></si></sst>'
  const workbook = workbookOf({ sheet: Buffer.from(`\ufeff${sheet}`, 'utf16le'), strings })
  const csv = 'record_id,external_billing_id,external_billing_note\nr-1,A & B,n1\nr-2,C,n2\n'
  const { check, filled } = await fill(t, csv, workbook)
  t.same(check.problems, [])
  const text = (name: string, at: string, style = ''): string =>
    `<x:c r="${at}"${style} t="inlineStr"><x:is><x:t xml:space="preserve">${name}</x:t></x:is></x:c>`
  t.equal((await partsOf(filled)).get('xl/worksheets/sheet1.xml')?.toString(), sheet
    .replace('"UTF-16"', '"UTF-8"')
    .replace('<x:v>2</x:v></x:c>', `<x:v>2</x:v></x:c>${text('external_billing_note', 'D1')}`)
    .replace('<x:c r="B3" s="7"/>', text('A &amp; B', 'B3', ' s="7"'))
    .replace('<x:v>1</x:v></x:c></x:row><x:row r="4">', `<x:v>1</x:v></x:c>${text('n1', 'D3')}</x:row><x:row r="4">`)
    .replace('</x:t></x:is></x:c></x:row><x:row r="5"/>',
      `</x:t></x:is></x:c>${text('C', 'B4')}${text('n2', 'D4')}</x:row><x:row r="5"/>`))
})

t.test('a sheet in small pieces, and without a row that is meant, is copied as it is', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, at) => `<row r="${at + 2}">` +
    `<c r="A${at + 2}" t="inlineStr"><is><t>é😀${at}\r\n</t></is></c><c r="B${at + 2}"><v>${at}</v></c></row>`)
  const header = ['record_id', 'quantity', 'external_billing_id', 'external_billing_note'].map((name, at) =>
    `<c r="${'ABCD'[at]}1" t="inlineStr"><is><t>${name}</t></is></c>`)
  const sheet = SHEET(`<row r="1">${header.join('')}</row>${rows.join('\n')}`)
  const { filled } = await fill(t, 'record_id,external_billing_id\nnone,I\n', workbookOf({ sheet }))
  t.ok((await partsOf(filled)).get('xl/worksheets/sheet1.xml')?.toString() === sheet, 'every character')
})

t.test('a workbook that cannot be read is a fault of Connect', async (t) => {
  const csv = 'record_id,external_billing_id\nr-1,I\n'
  for (const workbook of [Buffer.from('PK\x03\x04'), workbookOf({ sheet: SHEET('') }), workbookOf({ sheet: '<a' })]) {
    await t.rejects(fill(t, csv, workbook), { code: 'UPSTREAM_INVALID' })
  }
  await t.rejects(fill(t, 'a,a\n', await chunkOf('r-1')), { code: 'MALFORMED_BODY' }, 'rows that are no table')
})

t.test('a row with megabytes of cells is refused in little time', async (t) => {
  const cells = '<c/>'.repeat(1_100_000)
  const sheet = SHEET(`<row r="1"><c r="A1" t="str"><v>record_id</v></c></row><row r="2">${cells}</row>`)
  const before = process.cpuUsage()
  const error = { code: 'BODY_TOO_LARGE', message: /A row of the sheet has more than 4194304 characters/ }
  await t.rejects(fill(t, 'record_id,external_billing_id\nr-1,INV-1\n', workbookOf({ sheet })), error)
  t.ok(process.cpuUsage(before).user < 30e6)
})

async function rowsOf (bytes: Uint8Array): Promise<unknown[][]> {
  const { sheets } = await readXlsx(bytes)
  return (sheets.find(({ name }) => name === 'records')?.rows ?? []) as unknown[][]
}

function blank (row: readonly unknown[]): unknown[] {
  return Array.from({ length: 20 }, (_, at) => row[at] ?? null)
}

/** The unpacked parts of a workbook, read by yauzl alone. */
async function partsOf (bytes: Uint8Array): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true })
  const parts = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    const stream = await zip.openReadStreamPromise(entry) as AsyncIterable<Buffer>
    parts.set(entry.fileName, await join(stream))
  }
  return parts
}
