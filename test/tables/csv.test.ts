import fc from 'fast-check'
import t from 'tap'
import { readCsv } from '../../src/tables/read-csv.ts'
import { incoming } from '../../src/tables/incoming.ts'
import type { TableRow } from '../../src/tables/table.ts'
import { writeCsv } from '../../src/tables/write-text.ts'
import { chunks, join, readAll, tableOf, typeOf } from './helper.ts'

const read = async (text: string | Buffer, size?: number): Promise<unknown[]> =>
  (await readAll(readCsv(chunks(text, size)))).rows.map(({ number, cells }) => [number, cells])

t.test('each delimiter is found in the first line, outside quotes', async (t) => {
  for (const delimiter of [',', ';', '\t', '|']) {
    const header = ['record_id', '"a,;\t|,;\t|"', 'quantity'].join(delimiter)
    const text = `${header}\r\n${['"1"', '"2"', '"3,5"'].join(delimiter)}`
    t.same(await read(text), [[2, { record_id: '1', 'a,;\t|,;\t|': '2', quantity: '3,5' }]], JSON.stringify(delimiter))
  }
  t.same(await read('record_id\n7'), [[2, { record_id: '7' }]], 'one column')
  for (const size of [1, 2, 100]) {
    t.same(await read('\r\n\n\r\na;b\r\n1;2', size), [[5, { a: '1', b: '2' }]], 'empty lines before the header')
  }
  const { rows } = await readAll(readCsv(chunks('a,b;c\n1,2;3'), ';'))
  t.same(rows[0]?.cells, { 'a,b': '1,2', c: '3' }, 'a delimiter that is named')
})

t.test('rows have the numbers of a spreadsheet; lines without a value are no rows', async (t) => {
  const text = '\ufeffa,b\r\n1,\r\n\r\n,\n"x\ny",2\r3,4\n'
  for (const size of [1, 2, 3, 7, 100]) {
    t.same(await read(text, size), [[2, { a: '1' }], [5, { a: 'x\ny', b: '2' }], [6, { a: '3', b: '4' }]], `${size}`)
  }
})

t.test('what is no table is refused', async (t) => {
  const cases: ReadonlyArray<[string, string | Buffer, RegExp]> = [
    ['nothing', '', /is empty/],
    ['a byte order mark alone', '\ufeff', /is empty/],
    ['only empty lines', '\n\n\n', /is empty/],
    ['a header without names', ',,\n1,2,3', /no names/],
    ['one name twice', 'a,b,a\n1,2,3', /Two columns have the name "a"/],
    ['a name that is no plain data', '__proto__\n1', /__proto__/],
    ['more cells than names', 'a,b\n1,2,3', /Row 2 has 3 cells, but the header has 2/],
    ['fewer cells than names', 'a,b,c\n1,2,3\n1,2', /Row 3 has 2 cells/],
    ['a value without a name', 'a,,b\n1,2,3', /Row 2 has a value in a column that has no name/],
    ['a quote that stays open', 'a,b\n"1,2\n3,4', /a quote is missing/],
    ['a quote inside a value', 'a,b\n5" disk,2', /a quote stands where none may be/],
    ['latin-1', Buffer.from('a,b\nü,2', 'latin1'), /not UTF-8/],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2', 'utf16le'), /not UTF-8/]
  ]
  for (const [what, text, detail] of cases) {
    await t.rejects(read(text), { code: 'MALFORMED_BODY', message: detail }, what)
    await t.rejects(read(text, 1), { code: 'MALFORMED_BODY', message: detail }, `${what}, byte by byte`)
  }
  t.same(await read('a,b,\n1,2,\n3,4,\n'), [[2, { a: '1', b: '2' }], [3, { a: '3', b: '4' }]], 'empty cells at the end')
})

t.test('a cell, a row and a header over their limits are refused', async (t) => {
  const limits: ReadonlyArray<[string, RegExp]> = [
    [`a\n${'x'.repeat(32_768)}`, /more than 32767 characters/],
    [
      `${Array.from({ length: 9 }, (_, i) => `c${i}`).join(',')}\n${Array(9).fill('x'.repeat(32_000)).join(',')}`,
      /262144/
    ],
    [`a\n"${'x'.repeat(2_000_000)}`, /quote may not be closed/],
    [Array.from({ length: 1001 }, (_, i) => `c${i}`).join(','), /more than 1000 columns/]
  ]
  for (const [text, detail] of limits) await t.rejects(read(text), { code: 'BODY_TOO_LARGE', message: detail })
  t.equal((await read(`a\n${'x'.repeat(32_767)}`)).length, 1)
})

t.test('between decimal commas, a number with a point is refused and never read as a fraction', async (t) => {
  const read = async (text: string): Promise<TableRow[]> => {
    const table = await readCsv(chunks(`record_note;amount;quantity\n${text}`))
    return (await readAll(incoming(table, { decimal: 'comma' }))).rows
  }
  for (const [row, name] of [['x;1.744;1', 'amount'], ['x;1;-7.44', 'quantity'], ['x;1;1.5e3', 'quantity']] as const) {
    await t.rejects(
      read(`y;1,5;2\n${row}`),
      { code: 'MALFORMED_BODY', message: new RegExp(`^Row 3: ${name} is ".*"\\. With decimal=comma`) },
      row
    )
  }
  t.same((await read('1.5;1.744,5;1744')).map(({ cells }) => cells), [
    { record_note: '1.5', amount: '1.744,5', quantity: '1744' }
  ], 'the check reports what is no number')
})

t.test('defaults, decimal commas, zones and escapes become what a workbook has', async (t) => {
  const text = 'record_id;quantity;start_time_utc;record_note\n' +
    "r1;1,50;2026-01-02T03:04:05+02:00;'=1+1\nr2;1.234,5;2026-01-02 03:04:05;1,5\n"
  const { rows, columns } = await readAll(incoming(await readCsv(chunks(text)), {
    decimal: 'comma', isEscaped: true, defaults: { item_search_criteria: 'item.mpn', record_note: 'none' }
  }))
  t.same(columns, ['record_id', 'quantity', 'start_time_utc', 'record_note', 'item_search_criteria'])
  t.same(rows.map(({ cells }) => cells), [
    {
      record_id: 'r1', quantity: '1.50', start_time_utc: '2026-01-02 01:04:05', record_note: '=1+1',
      item_search_criteria: 'item.mpn'
    },
    {
      record_id: 'r2', quantity: '1.234,5', start_time_utc: '2026-01-02 03:04:05', record_note: '1,5',
      item_search_criteria: 'item.mpn'
    }
  ])
})

t.test('what is written is safe in a spreadsheet, and can be written as it is', async (t) => {
  const rows = [
    { note: '=1+1', quantity: '-5' }, { note: "'x", quantity: '+1' }, { note: 'a,"b"\r\nc' }, { quantity: '0' }
  ]
  const options = { typeOf, isEscaped: true, hasBom: true }
  const columns = ['note', 'quantity']
  t.equal(
    (await join(writeCsv(tableOf(columns, rows), options))).toString(),
    "\ufeffnote,quantity\r\n'=1+1,-5\r\n''x,+1\r\n\"a,\"\"b\"\"\r\nc\",\r\n,0\r\n"
  )
  const raw = await join(writeCsv(tableOf(columns, rows), { typeOf, isEscaped: false, hasBom: false }))
  t.match(raw.toString(), /^note,quantity\r\n=1\+1,-5\r\n'x,/)
})

t.test('a table that is written and read is the same table', async (t) => {
  const unit = fc.constantFrom('a', '"', ',', ';', '\r', '\n', ' ', "'", '=', '-', '1', 'é', '😀', '\t')
  const text = fc.string({ unit, maxLength: 6 })
  const columns = ['note', 'quantity', 'v.x']
  const toCells = (row: readonly string[]): Record<string, string> =>
    Object.fromEntries(row.flatMap((cell, at) => cell === '' ? [] : [[columns[at]!, cell]]))
  const rows = fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 8 })
  await fc.assert(fc.asyncProperty(rows, async (cells) => {
    const given = cells.map(toCells)
    const csv = await join(writeCsv(tableOf(columns, given), { typeOf, isEscaped: true, hasBom: false }))
    const table = incoming(await readCsv(chunks(csv, 5)), { isEscaped: true })
    t.strictSame((await readAll(table)).rows.map(row => row.cells), given.filter(row => Object.keys(row).length > 0))
  }), { seed: 16, numRuns: 300 })
})

t.test('columns may have the names that all objects inherit', async (t) => {
  const text = 'record_id,constructor,toString\n1,,\n2,x,\n'
  t.equal(
    String(await join(writeCsv(await readCsv(chunks(text)), { typeOf, isEscaped: true, hasBom: false }))),
    text.replaceAll('\n', '\r\n')
  )
  const filled = incoming(await readCsv(chunks(text)), { defaults: { constructor: 'c', valueOf: 'v' } })
  t.same((await readAll(filled)).rows.map(({ cells }) => Object.entries(cells).sort()), [
    [['constructor', 'c'], ['record_id', '1'], ['valueOf', 'v']],
    [['constructor', 'x'], ['record_id', '2'], ['valueOf', 'v']]
  ])
})

t.test('a line that never ends is refused after half a megabyte', async (t) => {
  for (const [start, byte] of [['', ','], ['a,b\n', ','], ['a;b\n1;2\n', ';'], ['a,b\n"', '"'], ['a,b\n', 'x']]) {
    let taken = 0
    const endless = async function * (): AsyncGenerator<Buffer> {
      yield Buffer.from(start ?? '')
      for (;;) {
        yield Buffer.alloc(8192, byte)
        taken += 8192
      }
    }
    await t.rejects(readAll(readCsv(endless())), { code: 'BODY_TOO_LARGE' }, JSON.stringify(start + (byte ?? '')))
    t.ok(taken < 2 ** 20, `${taken} bytes`)
  }
})

t.test('numbers with an exponent or a plus sign are written out exactly', async (t) => {
  const given = ['1e-7', '1.50E1', '+2.50', '-9007199254740993.5e2', '1e3', '007', 'e', '1e400', '12.0']
  const csv = `quantity,record_note\n${given.map(text => `${text},1e3\n`).join('')}`
  const { rows } = await readAll(incoming(await readCsv(chunks(csv)), {}))
  t.same(rows.map(({ cells }) => cells['quantity']), [
    '0.0000001', '15.0', '2.50', '-900719925474099350', '1000', '007', 'e', '1e400', '12.0'
  ])
  t.ok(rows.every(({ cells }) => cells['record_note'] === '1e3'), 'texts stay')
})
