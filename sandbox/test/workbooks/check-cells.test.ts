import t from 'tap'
import { writeXlsx } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import type { Catalog } from '../../src/workbooks/types.ts'
import { asset, catalog, goodRow, item, type Row } from './fixtures/catalog.ts'
import { checkedRow, errorsOf } from './check-fixture.ts'

t.test('unusual but valid rows are accepted', async t => {
  const rows: readonly (readonly [Row, Partial<Catalog>])[] = [
    [{ quantity: '7.0', item_search_value: 'FB-SEATS' }, {}],
    [{ quantity: 0 }, {}],
    [{ item_search_criteria: 'item.local_id', item_search_value: 'PRD_276_377_545_0003', quantity: 1 }, {}],
    [{ asset_search_criteria: 'parameter.account_id', asset_search_value: 'fb-1004' }, {}],
    [{ start_time_utc: '2026-10-05 9:21:39' }, {}],
    [{ start_time_utc: '2026-09-20 00:00:00' }, {}],
    [{ start_time_utc: '2026-10-31 23:59:59', end_time_utc: '2026-11-09 00:00:00' }, {}],
    [{ start_time_utc: '2026-09-01 00:00:00', end_time_utc: '2026-09-30 23:59:59' }, { late: true }],
    [{ start_time_utc: '2026-11-01 00:00:00', end_time_utc: '2026-11-02 00:00:00' }, { future: true }],
    [{ record_note: '<b>bold</b> ® ©' }, {}],
    [{ category_id: 'generic_category' }, {}],
    [{ asset_recon_id: '98547985' }, {}],
    [{ 'v.note': 'x'.repeat(255) }, { requiredCustomFields: ['v.note'] }],
    [{ amount: null }, { schema: 'qt' }],
    [{ tier: '1.0' }, { schema: 'tr' }],
    [{ tier: 'none' }, {}]
  ]
  for (const [changes, catalogChanges] of rows) {
    t.same(await errorsOf(changes, catalogChanges), [], JSON.stringify(changes))
  }
})

t.test('numbers and identifiers keep every digit', async t => {
  const findAsset = (_: string, value: string) => value === '554027867388' ? asset(2) : undefined
  const row = await checkedRow(
    {
      quantity: '9007199254740993.12345678',
      amount: 1e-7,
      asset_search_value: 554027867388,
      record_id: 1e21,
      record_note: ' _x0041_ '
    },
    {
      findItem: () => item(9, 'FB-FINE', 'Fine', 'Unit', 'Decimal(8)'),
      findAsset
    }
  )
  t.equal(row.quantity, '9007199254740993.12345678')
  t.equal(row.amount, '0.0000001')
  t.equal(row.recordId, '1000000000000000000000')
  t.equal(row.note, ' _x0041_ ')
  t.same(row.asset, asset(2))
  t.same(row.errors, [])
})

t.test('a date cell is read as a time, and every cell type can be read', async t => {
  const columns = Object.keys(goodRow)
  const bytes = await writeXlsx({
    sheets: [
      {
        name: 'records',
        rows: [
          [...columns, 'record_note'],
          [
            ...columns.map(column =>
              column === 'start_time_utc' ? new Date(Date.UTC(2026, 9, 5, 9, 21, 39)) : (goodRow[column] ?? null)
            ),
            true
          ],
          [
            ...columns.map(column =>
              column === 'record_id' ? new Date(Date.UTC(2026, 9, 5)) : (goodRow[column] ?? null)
            ),
            false
          ]
        ]
      }
    ]
  })
  const { rows } = await checkUsageWorkbook(bytes, catalog())
  t.match(rows, [
    { start: '2026-10-05T09:21:39+00:00', note: 'TRUE', errors: [] },
    { recordId: '2026-10-05 00:00:00', note: 'FALSE', errors: [] }
  ])
})

t.test('domain 2.8.26: the sheet and its first column may have their names of 2019', async t => {
  const columns = Object.keys(goodRow)
  const bytes = await writeXlsx({
    sheets: [
      { name: 'intro', rows: [['read me']] },
      {
        name: 'usage_records',
        rows: [
          columns.map(column => (column === 'record_id' ? ' usage_record_id ' : column)),
          columns.map(column => goodRow[column] ?? null)
        ]
      }
    ]
  })
  t.match(await checkUsageWorkbook(bytes, catalog()), { fileError: null, rows: [{ recordId: 'r-1', errors: [] }] })
})
