import fc from 'fast-check'
import { writeXlsx as writeWithOther } from 'hucre/xlsx'
import t from 'tap'
import { textFault } from '../../src/errors/text-fault.ts'
import { plainDecimal } from '../../src/tables/xlsx/cell-text.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import { join, tableOf, typeOf } from './helper.ts'
import { MAIN, readWorkbook, SHEET, workbookOf, type TestWorkbook } from './workbook-of.ts'

const HEADER = '<row r="1"><c r="A1" t="str"><v>record_id</v></c><c r="B1" t="str"><v>quantity</v></c></row>'
const cellsOf = async (workbook: TestWorkbook): Promise<unknown[]> =>
  (await readWorkbook(workbookOf(workbook))).rows.map(({ number, cells }) => [number, cells])
const cellOf = async (cell: string, rest: TestWorkbook = {}): Promise<unknown> => {
  const { rows } = await readWorkbook(workbookOf({ ...rest, sheet: SHEET(`${HEADER}<row r="2">${cell}</row>`) }))
  return rows[0]?.cells['record_id']
}

t.test('a workbook of another library is read: texts, numbers, dates, categories', async (t) => {
  const bytes = Buffer.from(await writeWithOther({
    sheets: [
      { name: 'categories', rows: [['category_id', 'category_name'], ['c1', 'One']] },
      {
        name: 'records',
        rows: [
          ['record_id', 'quantity', 'start_time_utc'],
          ['r1', 12.5, new Date('2026-01-02T03:04:05Z')],
          [null, null, null],
          ['r2', '9007199254740993.12345678', '2026-01-02 03:04:05'],
          ['r3 <&> é😀', 37.199999999999996, true]
        ]
      }
    ]
  }))
  t.same(await readWorkbook(bytes), {
    columns: ['record_id', 'quantity', 'start_time_utc'],
    rows: [
      { number: 2, cells: { record_id: 'r1', quantity: '12.5', start_time_utc: '2026-01-02 03:04:05' } },
      {
        number: 4,
        cells: { record_id: 'r2', quantity: '9007199254740993.12345678', start_time_utc: '2026-01-02 03:04:05' }
      },
      { number: 5, cells: { record_id: 'r3 <&> é😀', quantity: '37.199999999999996', start_time_utc: 'TRUE' } }
    ],
    categories: [{ category_id: 'c1', category_name: 'One' }]
  })
  const { rows } = await readWorkbook(bytes, 'categories')
  t.same(rows, [{ number: 2, cells: { category_id: 'c1', category_name: 'One' } }])
  const missing = { code: 'MALFORMED_BODY', message: /Its sheets are: "categories", "records"/ }
  await t.rejects(readWorkbook(bytes, 'nothing'), missing)
})

t.test('every kind of cell has its text', async (t) => {
  const strings = `<sst xmlns="${MAIN}"><si><t>one</t></si>` +
    '<si><r><t>ri</t></r><r><rPr><b/></rPr><t xml:space="preserve">ch </t></r>' +
    '<rPh sb="0" eb="1"><t>PHONETIC</t></rPh></si>' +
    '<si><t>_x000D_a_x005F_x0041_</t></si><si/><si><t><![CDATA[<x>]]></t></si></sst>'
  const cells: ReadonlyArray<[string, string | undefined]> = [
    ['<c r="A2" t="s"><v>0</v></c>', 'one'],
    ['<c r="A2" t="s"><v>1</v></c>', 'rich '],
    ['<c r="A2" t="s"><v>2</v></c>', '\ra_x0041_'],
    ['<c r="A2" t="s"><v>3</v></c>', undefined],
    ['<c r="A2" t="s"><v>4</v></c>', '<x>'],
    ['<c t="s"><v> 0 </v></c>', 'one'],
    ['<c r="a2" t="inlineStr"><is><t>in</t></is></c>', 'in'],
    ['<c r="$A$2" t="inlineStr"><is><r><t>i</t></r><r><t>n</t></r><rPh><t>X</t></rPh></is></c>', 'in'],
    ['<c r="A2" t="str"><f>1+1</f><v>cached</v></c>', 'cached'],
    ['<c r="A2"><f>1+1</f><v>2</v></c>', '2'],
    ['<c r="A2" t="e"><v>#N/A</v></c>', '#N/A'],
    ['<c r="A2" t="b"><v>0</v></c>', 'FALSE'],
    ['<c r="A2" t="d"><v>2026-01-02T03:04:05Z</v></c>', '2026-01-02 03:04:05'],
    ['<c r="A2" t="d"><v>2026-01-02T03:04</v></c>', '2026-01-02 03:04:00'],
    ['<c r="A2" t="d"><v>2026-01-02</v></c>', '2026-01-02 00:00:00'],
    ['<c r="A2" t="n"><v>9007199254740993.12345678</v></c>', '9007199254740993.12345678'],
    ['<c r="A2"><v> 0.30000000000000004 </v></c>', '0.30000000000000004'],
    ['<c r="A2"><v>1.50</v></c>', '1.50'],
    ['<c r="A2"><v>1E-05</v></c>', '0.00001'],
    ['<c r="A2" s="1"/>', undefined],
    ['<c r="A2"><v></v></c>', undefined],
    ['<c r="A2" t="str"><v>a</v></c><extLst><c><v>9</v></c></extLst>', 'a']
  ]
  for (const [cell, text] of cells) t.equal(await cellOf(cell, { strings }), text, cell)
  t.equal(plainDecimal('-12.345e+5'), '-1234500')
  t.equal(plainDecimal('1.0000000000000001E-2'), '0.010000000000000001')
  t.equal(plainDecimal('1.25E1'), '12.5')
  t.equal(plainDecimal('0E0'), '0')
})

t.test('numbers with the style of a date are times, since 1900 and since 1904', async (t) => {
  const styles = `<styleSheet xmlns="${MAIN}"><numFmts>` +
    '<numFmt numFmtId="170" formatCode="[$-409]yyyy\\-mm\\-dd &quot;dh&quot;"/>' +
    '<numFmt numFmtId="171" formatCode="&quot;d&quot;0.00\\d"/>' +
    '<numFmt numFmtId="172" formatCode="[h]:mm:ss"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>' +
    '<xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="172"/></cellXfs></styleSheet>'
  const cell = (style: number, value: string): string => `<c r="A2" s="${style}"><v>${value}</v></c>`
  const cells: ReadonlyArray<[number, string, string]> = [
    [0, '46024.5', '46024.5'],
    [1, '46024', '2026-01-02 00:00:00'],
    [2, '46024.127835648148', '2026-01-02 03:04:05'],
    [3, '46024.5', '2026-01-02 12:00:00'],
    [4, '46024.5', '46024.5'],
    [5, '1.5', '1.5'],
    [1, '1', '1900-01-01 00:00:00'],
    [1, '59', '1900-02-28 00:00:00'],
    [1, '61', '1900-03-01 00:00:00'],
    [1, '-1', '-1'],
    [1, '1e300', `1${'0'.repeat(300)}`]
  ]
  for (const [style, value, text] of cells) {
    t.equal(await cellOf(cell(style, value), { styles }), text, `${style} ${value}`)
  }
  const properties = 'date1904="1"'
  t.equal(await cellOf(cell(1, '44562'), { styles, properties }), '2026-01-02 00:00:00')
  t.equal(await cellOf(cell(1, '0'), { styles, properties }), '1904-01-01 00:00:00')
  t.equal(await cellOf(cell(1, '2957003'), { styles, properties }), '9999-12-31 00:00:00')
  t.equal(await cellOf(cell(1, '2957004'), { styles, properties }), '2957004', 'no time has a year of five digits')
})

t.test('archives and parts of every allowed shape read alike', async (t) => {
  const sheet = SHEET(HEADER + '<row r="2" spans="1:2"><c r="A2" t="str"><v>é</v></c><c r="B2"><v>7</v></c></row>' +
    '<row r="3" s="1"><c r="A3" s="1"/></row>')
  const expected = [[2, { record_id: 'é', quantity: '7' }]]
  const prefixed = sheet.replace(/<(\/?)(\w)/g, '<$1x:$2').replace('xmlns=', 'xmlns:x=')
  const strict = 'http://purl.oclc.org/ooxml/officeDocument/relationships'
  const wide = (text: string, mark: string): Buffer => Buffer.from(mark + text, 'utf16le')
  const rels = (target: string, type = 'x'): string => '<Relationships><Relationship Id="r0" ' +
    `Type="${type}/worksheet" Target="${target}"/></Relationships>`
  const shapes: Readonly<Record<string, TestWorkbook>> = {
    plain: {},
    stored: { pack: part => ({ ...part, isStored: true }) },
    'data descriptors': { pack: part => ({ ...part, hasDescriptor: true }) },
    zip64: { pack: part => ({ ...part, isZip64: true }) },
    'names in other case': { pack: part => ({ ...part, name: part.name.toUpperCase() }) },
    'absolute names': { pack: part => ({ ...part, name: `/${part.name}` }) },
    'backslashes in names': { pack: part => ({ ...part, name: part.name.replaceAll('/', '\\') }) },
    'an absolute target': { parts: { 'xl/_rels/workbook.xml.rels': rels('/xl/worksheets/sheet1.xml') } },
    'a ./ target': { parts: { 'xl/_rels/workbook.xml.rels': rels('./worksheets/x/../sheet1.xml', strict) } },
    'a prefix': { sheet: prefixed },
    'UTF-16 with a mark': { sheet: wide(`<?xml version="1.0" encoding="UTF-16"?>${sheet}`, '\ufeff') },
    'UTF-16 without a mark': { sheet: wide(sheet, '') },
    'UTF-16 big endian': { sheet: wide(sheet, '\ufeff').swap16() },
    'UTF-8 with a mark': { sheet: `\ufeff<?xml version="1.0" encoding="utf-8"?><!-- c --><?p i?>${sheet}` },
    'no references': { sheet: sheet.replace(/ r="[A-Z]?\d"/g, '') },
    'no relation of the archive': { parts: { '_rels/.rels': null } },
    'a hidden sheet': {
      parts: {
        'xl/workbook.xml': '<workbook><sheets><sheet name=" Records" id="r0" state="hidden"/></sheets></workbook>'
      }
    }
  }
  for (const [what, shape] of Object.entries(shapes)) t.same(await cellsOf({ sheet, ...shape }), expected, what)
})

t.test('what our writer writes is read as it was', async (t) => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 })
    .filter(one => textFault(one) === null && !/[\ufffe\uffff]/.test(one))
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(9)).map(([a, b]) => `${a}.${b}`)
  const model = { record_id: text, quantity: decimal, record_note: text }
  const cells = fc.record(model, { requiredKeys: ['record_id'], noNullPrototype: true })
  const lists = [fc.array(cells, { maxLength: 10 }), fc.array(cells, { maxLength: 2 })] as const
  await fc.assert(fc.asyncProperty(...lists, async (rows, categories) => {
    const columns = ['record_id', 'quantity', 'record_note']
    const read = await readWorkbook(await join(writeXlsx(tableOf(columns, rows, categories), typeOf)))
    t.strictSame(read.rows, rows.map((row, at) => ({ number: at + 2, cells: row })))
    t.strictSame(read.categories, categories)
  }), { seed: 16, numRuns: 100 })
})

t.test('a million and more characters in strings go by way of a file', async (t) => {
  const count = 20_000
  const list = Array.from({ length: count }, (_, at) => `<si><t>${at}-${'é'.repeat(at % 97)}</t></si>`)
  const strings = `<sst>${list.join('')}<si><t>${'x'.repeat(32_767)}</t></si></sst>`
  const order = Array.from({ length: count + 1 }, (_, at) => at * 7919 % (count + 1))
  const rows = order.map((index, at) => `<row r="${at + 2}"><c r="A${at + 2}" t="s"><v>${index}</v></c></row>`)
  const read = await readWorkbook(workbookOf({ strings, sheet: SHEET(HEADER + rows.join('')) }))
  t.same(
    read.rows.map(({ cells }) => cells['record_id']),
    order.map(index => index === count ? 'x'.repeat(32_767) : `${index}-${'é'.repeat(index % 97)}`)
  )
})

t.test('the sheet of the template of 2019 has another name', async (t) => {
  const sheet = SHEET('<row r="1"><c r="A1" t="inlineStr"><is><t>usage_record_id</t></is></c></row>')
  const named = (name: string): Buffer => workbookOf({
    sheet,
    parts: {
      'xl/workbook.xml': '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">' +
        `<sheets><sheet name="${name}" sheetId="1" r:id="r0"/></sheets></workbook>`
    }
  })
  t.same((await readWorkbook(named('usage_records'))).columns, ['usage_record_id'])
  t.same((await readWorkbook(named('Usage_Records '))).columns, ['usage_record_id'], 'in any case')
  await t.rejects(readWorkbook(named('usage_records'), 'general'), { code: 'MALFORMED_BODY' })
  await t.rejects(readWorkbook(named('usage')), { code: 'MALFORMED_BODY' })
})
