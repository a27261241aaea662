import fc from 'fast-check'
import { readXlsx } from 'hucre/xlsx'
import t from 'tap'
import { textFault } from '../../src/errors/text-fault.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import type { Cells } from '../../src/tables/table.ts'
import { join, tableOf, typeOf } from './helper.ts'

const COLUMNS = ['record_id', 'quantity', 'record_note']

const write = async (rows: readonly Cells[], categories: readonly Cells[] = [], columns = COLUMNS): Promise<Buffer> =>
  await join(writeXlsx(tableOf(columns, rows, categories), typeOf))

const sheetsOf = async (bytes: Buffer): Promise<Record<string, unknown[][]>> =>
  Object.fromEntries((await readXlsx(bytes)).sheets.map(({ name, rows }) => [name, rows]))

t.test('another library reads the sheets, numbers as numbers and long ones as texts', async (t) => {
  const category = { category_id: 'c', category_name: 'C & D' }
  const rows = [
    { record_id: 'r1', quantity: '12.5' },
    { record_id: '2', quantity: '9007199254740993.12345678', record_note: ' <a>&"\' ' },
    { quantity: '123456789012345', record_note: 'é😀\t\n' },
    { quantity: '0.000123456789012345' },
    { quantity: '1234567890123456' },
    { quantity: '007' }, { quantity: '1e3' }, { quantity: '-0.5' }
  ]
  t.same(await sheetsOf(await write(rows, [category])), {
    records: [
      COLUMNS,
      ['r1', 12.5, null],
      ['2', '9007199254740993.12345678', ' <a>&"\' '],
      [null, 123456789012345, 'é😀\t\n'],
      [null, 0.000123456789012345, null],
      [null, '1234567890123456', null],
      [null, '007', null], [null, '1e3', null], [null, -0.5, null]
    ],
    categories: [['category_id', 'category_name'], ['c', 'C & D']]
  })
  t.same(Object.keys(await sheetsOf(await write(rows))), ['records'])
})

t.test('the same rows give the same bytes, however they come', async (t) => {
  const rows = Array.from({ length: 30_000 }, (_, at) => ({ record_id: `r${at * 7919 % 104729}`, quantity: `${at}.5` }))
  const numbered = rows.map((cells, at) => ({ number: at + 2, cells }))
  const whole = { ...tableOf(COLUMNS, []), rows: (async function * () { yield numbered })() }
  t.ok((await write(rows)).equals(await join(writeXlsx(whole, typeOf))))
})

t.test('what a workbook cannot hold is refused with its place', async (t) => {
  for (const text of ['\0', 'a\u001f', '\ud800', '\ufffe', '\uffff']) {
    const detail = { code: 'VALIDATION_FAILED', message: /Row 3: "record_note"/ }
    await t.rejects(write([{ record_id: 'a' }, { record_note: `x${text}y` }]), detail, JSON.stringify(text))
  }
  await t.rejects(async () => await write([], [], []), { code: 'MALFORMED_BODY' })
  const many = { ...tableOf(['a'], []), rows: endless() }
  await t.rejects(join(writeXlsx(many, typeOf)), { code: 'BODY_TOO_LARGE', message: /more than 1048575 rows/ })
})

t.test('another library reads every text as it was', async (t) => {
  const unit = fc.oneof(
    fc.constantFrom('_x000D_', '_x0041_', '_x', '&amp;', '<', '>', '"', ' ', '\t', '\n', ']]>', '\u007f', '\u0085'),
    fc.string({ unit: 'binary', maxLength: 1 }).filter(one => textFault(one) === null && !/[\r\ufffe\uffff]/.test(one))
  )
  const text = fc.array(unit, { minLength: 1, maxLength: 6 }).map(parts => parts.join(''))
  await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (texts) => {
    const { records } = await sheetsOf(await write(texts.map(one => ({ record_note: one }))))
    t.strictSame(records?.slice(1).map(row => row[2]), texts)
  }), { seed: 16, numRuns: 100 })
})

async function * endless (): AsyncGenerator<Array<{ number: number, cells: Cells }>, void, void> {
  const batch = Array.from({ length: 10_000 }, (_, at) => ({ number: at, cells: {} }))
  for (;;) yield batch
}
