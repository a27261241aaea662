import { readdirSync, readFileSync } from 'node:fs'
import { writeXlsx as writeWithHucre } from 'hucre/xlsx'
import t from 'tap'
import type { UsageProblem } from '../../schemas/usage-check.ts'
import { checkTable } from '../../src/tables/check.ts'
import { ARTEFACTS, CHUNK, type Artefact } from './artefacts.ts'
import { convert, readWithHucre, roundTrip } from './round-trip.ts'
import { readWorkbook } from './workbook-of.ts'

/** Writes a workbook with a library of another project. Blank cells are left out. */
async function workbookOf ({ columns, rows, categories }: Pick<Artefact, 'columns' | 'rows' | 'categories'>):
Promise<Buffer> {
  const cells = (row: readonly string[]): Array<string | null> => row.map(text => text === '' ? null : text)
  const named = categories.map(category => Object.values(category))
  return Buffer.from(await writeWithHucre({
    sheets: [
      { name: 'general', rows: [['attribute_id', 'attribute_value'], ['usage_schema', 'QT']] },
      { name: 'records', rows: [[...columns], ...rows.map(cells)] },
      ...(named.length === 0 ? [] : [{ name: 'categories', rows: [Object.keys(categories[0]!), ...named] }])
    ]
  }))
}

/** The problems that these files have, and that Connect does not refuse. */
const WARNINGS: Readonly<Record<string, string[]>> = {
  'the processed workbook of 2021': ['PERIOD_OUTSIDE'],
  'the upload of 8 columns': ['TIME_INVALID'],
  'the upload of 23 columns': ['PERIOD_OUTSIDE', 'VALUE_MISSING'],
  'the template of 2019': ['COLUMN_UNKNOWN']
}

for (const [name, artefact] of Object.entries(ARTEFACTS)) {
  t.test(`${name} passes the check`, async (t) => {
    const { columns, rows, categories } = await readWorkbook(await workbookOf(artefact))
    t.same(rows.map(({ cells }) => columns.map(column => cells[column] ?? '')), artefact.rows, 'all texts as they are')
    const table = { columns, categories: () => categories, rows: (async function * () { yield rows })() }
    const { schema, period } = artefact
    const { check } = await checkTable(table, { schema, period, hasCells: true })
    t.same(check.problems.filter(({ severity }: UsageProblem) => severity === 'error'), [])
    t.equal(check.valid, true)
    t.same([...new Set(check.problems.map(({ code }) => code))].sort(), WARNINGS[name])
  })
}

t.test('the artefacts and the samples go round through all forms', async (t) => {
  const books: Array<readonly [string, Buffer]> = [['the chunk', await workbookOf({ ...CHUNK, categories: [] })]]
  for (const [name, artefact] of Object.entries(ARTEFACTS)) books.push([name, await workbookOf(artefact)])
  const samples = readdirSync('sandbox/samples').filter(name => name.endsWith('.xlsx'))
  for (const name of samples) books.push([name, readFileSync(`sandbox/samples/${name}`)])
  t.ok(books.length >= 7)
  for (const [name, book] of books) {
    t.ok((await readWithHucre(book, 'records')).length > 0, `${name} has rows`)
    t.same(await roundTrip(book, { hucre: readWithHucre }), [], name)
  }
})

t.test('a chunk has the digits of Connect in every form', async (t) => {
  const book = await workbookOf({ ...CHUNK, categories: [] })
  const csv = (await convert(book, 'xlsx', 'csv')).toString().split('\r\n')
  t.equal(csv[0], CHUNK.columns.join(','))
  t.equal(csv[1], CHUNK.rows[0]?.join(','))
  const ndjson = (await convert(book, 'xlsx', 'ndjson')).toString().split('\n')
  t.match(JSON.parse(ndjson[1] ?? ''), { quantity: '55.0000', start_time_utc: '2019-11-10 07:20:39' })
})
