import t from 'tap'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { clip } from '../../src/workbooks/cell-text.ts'
import { readReconciliationWorkbook } from '../../src/workbooks/reconciliation-file.ts'
import { readSheets } from '../../src/workbooks/read-sheets.ts'
import { catalog, goodRow, upload } from './fixtures/catalog.ts'
import { rawWorkbook, rowsOf, textCell, type RawWorkbook } from './fixtures/raw-workbook.ts'

/** Workbooks as other programs write them; section 9 of the public contract reads them in the same way. */
const names = Object.keys(goodRow)
const rows = (changes: Readonly<Record<string, string>> = {}): string => rowsOf([
  names.map(textCell),
  names.map(name => changes[name] ?? textCell(String(goodRow[name])))
])

async function check (changes: Readonly<Record<string, string>>, more: Partial<RawWorkbook> = {}):
Promise<Awaited<ReturnType<typeof checkUsageWorkbook>>> {
  return await checkUsageWorkbook(rawWorkbook({ rows: rows(changes), ...more }), catalog())
}

async function cells (xml: readonly string[], more: Partial<RawWorkbook> = {}): Promise<readonly unknown[]> {
  const { sheets, fault } = await readSheets(rawWorkbook({ rows: rowsOf([xml]), ...more }), ['records'])
  return fault === null ? sheets.get('records')?.[0]?.values ?? [] : [fault]
}

t.test('an error cell is a fault of its row, and is no text', async t => {
  const { rows } = await check({
    item_search_value: '<c t="e"><v>#N/A</v></c>', quantity: '<c t="e"><v>#DIV/0!</v></c>'
  })
  t.same(rows[0]?.errors.map(({ code, column, message }) => [code, column, message]), [
    ['USG_005', 'item_search_value', 'item_search_value holds the error #N/A'],
    ['USG_005', 'quantity', 'quantity holds the error #DIV/0!']
  ])
  const workbook = await readReconciliationWorkbook(rawWorkbook({
    rows: rowsOf([
      ['record_id', 'external_billing_id', 'external_billing_note'].map(textCell),
      [textCell('r-1'), '<c t="e"><v>#N/A</v></c>', textCell('note')]
    ])
  }))
  t.equal(workbook.rows[0]?.fault, 'external_billing_id holds the error #N/A.')
})

t.test('numbers keep every digit, and a double of 17 digits is the number it stands for', async t => {
  t.same(
    await cells(['9007199254740993.12345678', '12345678901234567890', '0.10000000000000001', '1.50', '1E+2', '42']
      .map(number => `<c><v>${number}</v></c>`)),
    ['9007199254740993.12345678', '12345678901234567890', 0.1, '1.50', 100, 42]
  )
  const { rows } = await check({ amount: '<c><v>9007199254740993.12345678</v></c>' })
  t.equal(rows[0]?.amount, '9007199254740993.12345678')
})

t.test('a cell of type d is the moment it names', async t => {
  const { rows } = await check({
    start_time_utc: '<c t="d"><v>2026-10-05T09:21:39</v></c>',
    end_time_utc: '<c t="d"><v>2026-10-06T00:00:00.000Z</v></c>'
  })
  t.match(rows[0], { start: '2026-10-05T09:21:39+00:00', end: '2026-10-06T00:00:00+00:00', errors: [] })
  const serial = await check({ start_time_utc: '<c s="1"><v>46300.5</v></c>' })
  t.match(serial.rows[0], { start: '2026-10-05T12:00:00+00:00' })
})

t.test('characters are counted, not UTF-16 units, and no message ends in half a character', async t => {
  const of = async (count: number): Promise<string[]> =>
    (await checkUsageWorkbook(await upload([{ ...goodRow, 'v.note': '😀'.repeat(count) }]), catalog()))
      .rows.flatMap(({ errors }) => errors.map(({ message }) => message))
  t.same(await of(255), [])
  t.same(await of(256), ['v.note has 256 characters, at most 255 are allowed'])
  t.equal(clip('😀'.repeat(5), 3), '😀😀…')
})

t.test('archives: ZIP64 ends, backslashes and another letter case in names', async t => {
  const archives: Partial<RawWorkbook>[] = [
    { isZip64: true }, { rename: name => name.replaceAll('/', '\\') }, { rename: name => name.toUpperCase() }
  ]
  for (const more of archives) {
    const { fileError, rows } = await check({}, more)
    t.same([fileError, rows[0]?.errors], [null, []])
  }
})

t.test('texts: t directly in c, runs, phonetic readings, escapes', async t => {
  t.same(
    await cells([
      '<c t="inlineStr"><t>direct</t></c>',
      '<c t="inlineStr"><is><r><t>two </t></r><r><t>runs</t></r></is></c>',
      '<c t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh></is></c>',
      '<c t="s"><v>0</v></c>',
      '<c t="str"><v>a_x0041_ &amp; &#x1F600;<![CDATA[<b>]]></v></c>'
    ], { sharedStrings: '<si><t>課</t><rPh sb="0" eb="1"><t>か</t></rPh><phoneticPr fontId="1"/></si>' }),
    ['direct', 'two runs', '東京', '課', 'aA & 😀<b>']
  )
})
