import t from 'tap'
import { readXlsx } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { writeTemplate } from '../../src/workbooks/template-file.ts'
import type { Schema } from '../../src/workbooks/types.ts'
import { catalog, items } from './fixtures/catalog.ts'

const product = { id: 'PRD-276-377-545', name: 'Fallball Cloud', items }

async function headers (schema: Schema): Promise<{ all: unknown[], bold: unknown[] }> {
  const { sheets } = await readXlsx(await writeTemplate({ ...product, schema }), { readStyles: true })
  const records = sheets[4]
  const all = records?.rows[0] ?? []
  return { all, bold: all.filter((_, column) => records?.cells?.get(`0,${column}`)?.style?.font?.bold) }
}

t.test('domain 4.1: a template has the sheets of the genuine one', async t => {
  const { sheets } = await readXlsx(await writeTemplate({ ...product, schema: 'tr' }))
  t.same(sheets.map(({ name }) => name), ['intro', 'data_definitions', 'valid_values', 'example', 'records'])
  t.same(
    sheets[2]?.rows.filter(([column]) => column === 'item_search_value').map(([, value]) => value),
    ['FB-VM-HOURS', 'FB-STORAGE-GB', 'FB-SEATS']
  )
  t.same(
    sheets[2]?.rows.filter(([column]) => column === 'asset_search_criteria').map(([, value]) => value),
    ['asset.id', 'parameter.<parameter id>']
  )
  t.equal(sheets[4]?.rows.length, 1)
})

t.test('domain 4.1: the columns of a template follow the schema, the required ones bold', async t => {
  const required = [
    'record_id',
    'item_search_criteria',
    'item_search_value',
    'quantity',
    'start_time_utc',
    'end_time_utc',
    'asset_search_criteria',
    'asset_search_value'
  ]
  t.same((await headers('qt')).bold, required)
  t.same((await headers('cr')).bold, [...required, 'amount'])
  t.same((await headers('tr')).bold, [...required, 'amount', 'tier'])
  t.equal((await headers('qt')).all.length, 14)
  t.equal((await headers('pr')).all.length, 15)
  t.equal((await headers('tr')).all.length, 16)
})

t.test('a template as it is has no rows to check', async t => {
  for (const schema of ['qt', 'pr', 'cr', 'tr'] as const) {
    const { fileError } = await checkUsageWorkbook(
      await writeTemplate({ ...product, schema, items: [] }),
      catalog({ schema })
    )
    t.equal(fileError, 'The records sheet has no rows below its header.', schema)
  }
})
