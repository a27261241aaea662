import fc from 'fast-check'
import t from 'tap'
import { readJson, readNdjson } from '../../src/tables/read-json.ts'
import { toWorkbookTime } from '../../src/tables/times.ts'
import { writeJson, writeNdjson } from '../../src/tables/write-text.ts'
import { chunks, join, readAll, tableOf, typeOf, type Read } from './helper.ts'

const ndjson = async (text: string, size?: number): Promise<Read> =>
  await readAll(readNdjson(chunks(text, size), typeOf))
const json = async (text: string, size?: number): Promise<Read> => await readAll(readJson(chunks(text, size), typeOf))

t.test('numbers keep the digits with which they were written', async (t) => {
  const digits = ['9007199254740993.12345678', '0.10', '1e3', '-0', '37.199999999999996', '12345678901234567890']
  const rows = digits.map(number => `{"record_id":"r\\u00e9\\"","quantity": ${number} ,"amount":null}`)
  for (const size of [1, 5, 65_536]) {
    const lines = await ndjson(rows.join('\n'), size)
    t.same(lines.rows, digits.map((quantity, at) => ({ number: at + 2, cells: { record_id: 'ré"', quantity } })))
    t.same(lines.columns, ['record_id', 'quantity', 'amount'])
    t.same((await json(`{"rows":[${rows.join(',')}]}`, size)).rows, lines.rows, 'JSON')
  }
})

t.test('categories stand beside the rows', async (t) => {
  const category = { category_id: 'c1', category_name: 'One' }
  const lines = await ndjson(`\n{"category":${JSON.stringify(category)}}\r\n\r\n{"record_id":"1"}\n`)
  t.same(lines, { columns: ['record_id'], rows: [{ number: 2, cells: { record_id: '1' } }], categories: [category] })
  t.same(await json(JSON.stringify({ categories: [category], rows: [{ record_id: '1' }] })), lines)
  t.same(await json(JSON.stringify({ rows: [{ record_id: '1' }], categories: [category] })), lines)
})

t.test('what is no table is refused', async (t) => {
  const lines: ReadonlyArray<[string, RegExp]> = [
    ['[1]', /Line 1 is no row/],
    ['{"a":"1"}\n{"a":"1"', /Line 2 is no row/],
    ['{"a":"1"} {"a":"2"}', /something follows its end/],
    ['{"a":"1","a":"2"}', /a is given twice/],
    ['{"a":true}', /no string, number or null/],
    ['{"quantity":01}', /missing/],
    ['{"a":["x"]}', /no string, number or null/],
    ['{"a":{"b":"x"}}', /"a" must be a string/],
    ['{"a":{"b":{"c":"x"}}}', /no string, number or null/],
    ['{"a":"\u0001"}', /control character/],
    ['{"record_id":5}', /"record_id" is no column of numbers/],
    ['{"__proto__":"x"}', /__proto__/],
    ['{"a":"1"}\n{"category":{"category_id":"x"}}', /must stand before the first row/]
  ]
  for (const [text, detail] of lines) {
    await t.rejects(ndjson(text), { code: 'MALFORMED_BODY', message: detail }, text)
    await t.rejects(ndjson(text, 1), { code: 'MALFORMED_BODY', message: detail }, text)
  }
  const bodies: ReadonlyArray<[string, RegExp]> = [
    ['', /ends too early/],
    ['{}', /"rows" is missing/],
    ['{"rows":{}}', /"rows" must be a list/],
    ['{"rows":[],"x":1}', /"x" is not known/],
    ['{"rows":[],"rows":[]}', /given twice/],
    ['{"rows":[{"a":"1"}', /ends too early/],
    ['{"rows":[1]}', /rows\[0\] is no row/],
    ['{"rows":[],"categories":[{"category_id":1}]}', /categories\[0\]: "category_id" must be a string/]
  ]
  for (const [text, detail] of bodies) await t.rejects(json(text), { code: 'MALFORMED_BODY', message: detail }, text)
})

t.test('what is over a limit is refused', async (t) => {
  await t.rejects(ndjson(`{"a":"${'x'.repeat(32_768)}"}`), { code: 'BODY_TOO_LARGE' })
  await t.rejects(ndjson(`{"a":"${'x'.repeat(300_000)}`), { code: 'BODY_TOO_LARGE' })
  await t.rejects(ndjson('{"category":{"category_id":"x"}}\n'.repeat(10_001)), { code: 'BODY_TOO_LARGE' })
  const many = Array.from({ length: 1001 }, (_, at) => `"c${at}":"x"`).join(',')
  await t.rejects(ndjson(`{${many}}`), { code: 'BODY_TOO_LARGE' })
})

t.test('a table that is written and read is the same table', async (t) => {
  const name = fc.string({ minLength: 1, maxLength: 4 }).filter(one => one !== '__proto__')
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const cells = fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true })
  await fc.assert(fc.asyncProperty(fc.array(cells), fc.array(cells, { maxLength: 2 }), async (rows, categories) => {
    const written = await join(writeNdjson(tableOf([], rows, categories)))
    const lines = await ndjson(written.toString(), 7)
    t.strictSame(lines.rows.map(row => row.cells), rows)
    t.strictSame(lines.categories, categories)
    const whole = await join(writeJson(tableOf([], rows, categories)))
    t.same(JSON.parse(whole.toString()), { rows, categories })
    t.strictSame((await json(whole.toString(), 7)).rows, lines.rows)
  }), { seed: 16, numRuns: 200 })
})

t.test('a time with a zone becomes UTC; every other text stays', async (t) => {
  const times: ReadonlyArray<[string, string]> = [
    ['2026-01-02T03:04:05Z', '2026-01-02 03:04:05'],
    ['2026-01-02T03:04:05.000Z', '2026-01-02 03:04:05'],
    ['2026-01-02 03:04+05:30', '2026-01-01 21:34:00'],
    ['2026-12-31T23:00:00-0200', '2027-01-01 01:00:00']
  ]
  for (const [given, expected] of times) t.equal(toWorkbookTime(given), expected, given)
  const kept = [
    '', 'x', '2026-01-02', '2026-01-02T03:04:05', '2026-01-02 03:04:05', '2026-02-30T00:00:00Z', '2026-01-02T24:00:00Z',
    '2026-01-02T03:04:05.5Z', '2026-01-02T03:04:05+24:00', '9999-12-31T23:00:00-02:00', '2026-13-01T00:00:00Z'
  ]
  for (const text of kept) t.equal(toWorkbookTime(text), text)
})
