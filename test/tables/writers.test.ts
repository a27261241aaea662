import { readdirSync, readFileSync } from 'node:fs'
import { writeXlsx } from 'hucre/xlsx'
import t, { type Test as Tap } from 'tap'
import { MAIN, readWorkbook, workbookOf } from './workbook-of.ts'

/**
 * test/tables/writers holds this table as other programs write it: openpyxl 3.0.9, XlsxWriter 3.0.2 (also with constant
 * memory: inline strings), exceljs 4.4 (also as a stream: data descriptors), SheetJS 0.18.5 (dates as ISO texts, and as
 * numbers with shared strings), LibreOffice 7.4 (times as numbers of 15 digits, a fraction of a second off). All have a
 * sheet `general` before it, and real dates in `start_time_utc`.
 */
const COLUMNS = ['record_id', 'record_note', 'quantity', 'start_time_utc', 'end_time_utc', 'v.code']
const END = '2026-10-31 23:59:59'
const ROWS = [
  ['r-1', 'plain', '1.5', '2026-10-01 00:00:00', END, 'x'],
  ['r-2', ' é😀 & <b> ', '0.1', '2026-10-31 23:59:59', END, ''],
  ['r-3', 'two\nlines', '12345678.25', '2024-02-29 12:30:45', END, '007']
]

async function readsAlike (t: Tap, bytes: Buffer, what: string): Promise<void> {
  const { columns, rows } = await readWorkbook(bytes)
  t.same(columns, COLUMNS, what)
  t.same(rows.map(({ cells }) => COLUMNS.map(name => cells[name] ?? '')), ROWS, what)
}

t.test('workbooks of other programs read alike', async (t) => {
  const names = readdirSync('test/tables/writers')
  t.ok(names.length >= 8)
  for (const name of names) await readsAlike(t, readFileSync(`test/tables/writers/${name}`), name)
})

t.test('a workbook of hucre reads alike', async (t) => {
  const rows = ROWS.map(([id, note, quantity, start, end, code]) =>
    [id, note, Number(quantity), new Date(`${start?.replace(' ', 'T')}Z`), end, code === '' ? null : code])
  const bytes = await writeXlsx({
    sheets: [
      { name: 'general', rows: [['attribute_id']] },
      {
        name: 'records',
        rows: [COLUMNS, ...rows] as never,
        columns: COLUMNS.map(name => name === 'start_time_utc' ? { numFmt: 'yyyy-mm-dd hh:mm:ss' } : {}) as never
      }
    ]
  })
  await readsAlike(t, Buffer.from(bytes), 'hucre')
})

/** As Apache POI streams a workbook: inline strings, data descriptors, empty styled cells, no count of strings. */
t.test('a workbook in the shape of Apache POI reads alike', async (t) => {
  const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\n/g, '&#10;')
  const cell = (text: string, at: number, row: number): string => {
    const place = `r="${'ABCDEF'[at]}${row}"`
    if (text === '') return `<c ${place} s="0"/>`
    if (row > 1 && at === 2) return `<c ${place} t="n"><v>${text}</v></c>`
    if (row > 1 && at === 3) return `<c ${place} s="1"><v>${serialOf(text)}</v></c>`
    return `<c ${place} t="inlineStr"><is><t xml:space="preserve">${escape(text)}</t></is></c>`
  }
  const lines = [COLUMNS, ...ROWS].map((row, at) =>
    `<row r="${at + 1}">${row.map((text, column) => cell(text, column, at + 1)).join('')}</row>\n`).join('')
  const bytes = workbookOf({
    sheet: `<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="${MAIN}"><dimension ref="A1"/><sheetViews>` +
      '<sheetView workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15.0"/>' +
      `<sheetData>\n${lines}</sheetData><pageMargins bottom="0.75" footer="0.3"/></worksheet>`,
    strings: `<?xml version="1.0" encoding="UTF-8"?>\n<sst count="0" uniqueCount="0" xmlns="${MAIN}"/>`,
    styles: `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/>` +
      '</numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="true"/></cellXfs>' +
      '</styleSheet>',
    properties: 'date1904="false"',
    pack: part => ({ ...part, hasDescriptor: true })
  })
  await readsAlike(t, bytes, 'POI')
})

/** Gives the number of days since the last day of 1899, as spreadsheets count. */
function serialOf (time: string): number {
  return Date.parse(`${time.replace(' ', 'T')}Z`) / 86_400_000 + 25_569
}
