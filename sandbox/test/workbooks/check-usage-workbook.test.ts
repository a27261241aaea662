import t from 'tap'
import { writeXlsx } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import type { Catalog } from '../../src/workbooks/types.ts'
import { asset, catalog, goodRow, items, upload, type Row } from './fixtures/catalog.ts'
import { checkedRow, errorsOf } from './check-fixture.ts'

async function faultOf (bytes: Uint8Array, catalogChanges: Partial<Catalog> = {}): Promise<string | null> {
  const { rows, fileError } = await checkUsageWorkbook(bytes, catalog(catalogChanges))
  if ((rows.length === 0) !== (fileError !== null)) throw new Error('only a file fault leaves no rows')
  return fileError
}

t.test('a valid row gives all its values', async t => {
  const row = await checkedRow({
    record_note: '#  padded',
    category_id: 'storage',
    tier: 2,
    'v.invoice': 'INV-1',
    'p.rate': 1.5,
    'v.blank': null
  })
  t.same(row, {
    row: 2,
    recordId: 'r-1',
    note: '#  padded',
    item: items[1],
    asset: asset(1),
    categoryId: 'storage',
    quantity: '1.5000',
    amount: '10.25',
    tier: 2,
    start: '2026-10-01T00:00:00+00:00',
    end: '2026-10-31T23:59:59+00:00',
    params: [{ name: 'v.invoice', value: 'INV-1' }, { name: 'p.rate', value: '1.5' }],
    errors: []
  })
})

t.test('domain 5: each fault of a row has its code, column and cell', async t => {
  const known: readonly (readonly [Row, Partial<Catalog>, string, string, string | null])[] = [
    [{ record_id: null }, {}, 'USG_001', 'record_id', 'A2'],
    [{ quantity: ' ' }, {}, 'USG_001', 'quantity', 'D2'],
    [{ amount: null }, {}, 'USG_001', 'amount', 'I2'],
    [{ start_time_utc: null }, {}, 'USG_001', 'start_time_utc', 'E2'],
    [{ item_search_value: null }, {}, 'USG_001', 'item_search_value', 'C2'],
    [{ asset_search_criteria: null }, {}, 'USG_001', 'asset_search_criteria', 'G2'],
    [{ asset_search_value: null }, {}, 'USG_001', 'asset_search_value', 'H2'],
    [{ item_search_criteria: 'item.name' }, {}, 'USG_003', 'item_search_criteria', 'B2'],
    [{ asset_search_criteria: 'parameter.' }, {}, 'USG_004', 'asset_search_criteria', 'G2'],
    [{ item_search_value: 'FB-NONE' }, {}, 'USG_011', 'item_search_value', 'C2'],
    [{ item_search_criteria: 'item.global_id' }, {}, 'USG_011', 'item_search_value', 'C2'],
    [{ asset_search_value: 'AS-0000-0000-0000' }, {}, 'USG_013', 'asset_search_value', 'H2'],
    [{ quantity: 'ten' }, {}, 'USG_020', 'quantity', 'D2'],
    [{ quantity: '1e3' }, {}, 'USG_020', 'quantity', 'D2'],
    [{ quantity: -1 }, {}, 'USG_021', 'quantity', 'D2'],
    [{ amount: '-0.01' }, {}, 'USG_021', 'amount', 'I2'],
    [{ quantity: '1.23456' }, {}, 'USG_022', 'quantity', 'D2'],
    [{ amount: '10000000000000000.1' }, {}, 'USG_023', 'amount', 'I2'],
    [{ tier: 3 }, { schema: 'tr' }, 'USG_024', 'tier', 'J2'],
    [{ tier: '0.5' }, { schema: 'tr' }, 'USG_024', 'tier', 'J2'],
    [{ tier: null }, { schema: 'tr' }, 'USG_001', 'tier', 'J2'],
    [{ end_time_utc: '2026-10-32 00:00:00' }, {}, 'USG_030', 'end_time_utc', 'F2'],
    [{ end_time_utc: '2026-10-31' }, {}, 'USG_030', 'end_time_utc', 'F2'],
    [{ end_time_utc: 46000.5 }, {}, 'USG_030', 'end_time_utc', 'F2'],
    [{ end_time_utc: '2026-09-30 00:00:00' }, {}, 'USG_031', 'end_time_utc', 'F2'],
    [
      { start_time_utc: '2026-09-01 00:00:00', end_time_utc: '2026-09-30 23:59:59' },
      { future: true },
      'USG_032',
      'end_time_utc',
      'F2'
    ],
    [
      { start_time_utc: '2026-11-01 00:00:00', end_time_utc: '2026-11-02 00:00:00' },
      { late: true },
      'USG_032',
      'start_time_utc',
      'E2'
    ],
    [{ 'v.note': 'x'.repeat(256) }, {}, 'USG_050', 'v.note', 'J2'],
    [{ 'v.note': null }, { requiredCustomFields: ['note'] }, 'USG_051', 'v.note', 'J2']
  ]
  for (const [changes, catalogChanges, code, column, cell] of known) {
    const errors = await errorsOf(changes, catalogChanges)
    t.match(errors, [{ code, column, cell }], JSON.stringify(changes))
    t.equal(errors.length, 1, 'and nothing else is')
  }
})

t.test('domain 5: an unknown MPN has the error text of Connect', async t => {
  t.same(await errorsOf({ item_search_value: 'FB-NONE' }), [
    { code: 'USG_011', message: 'Unknown MPN', column: 'item_search_value', cell: 'C2' }
  ])
})

t.test('domain 4.1: a subscription is looked up by its id or by a parameter', async t => {
  t.same(await errorsOf({ asset_search_criteria: 'parameter.account_id', asset_search_value: 'fb-1001' }), [])
  for (const criteria of ['asset.external_id', 'asset.external_uid', 'asset']) {
    t.match(await errorsOf({ asset_search_criteria: criteria }), [{ code: 'USG_004', cell: 'G2' }], criteria)
  }
})

t.test('domain 5: a later row with the record_id of an earlier row is reported', async t => {
  const { rows } = await checkUsageWorkbook(
    await upload([goodRow, { ...goodRow, record_id: 'r-2' }, goodRow]),
    catalog()
  )
  t.same(rows.map(({ errors }) => errors.map(({ code, cell }) => [code, cell])), [[], [], [['USG_002', 'A4']]])
  t.equal(rows[2]?.errors[0]?.message, 'Duplicate record_id "r-1"')
})

t.test('domain 4.1: a category must be declared when the workbook declares any', async t => {
  const rows = [
    goodRow,
    { ...goodRow, record_id: 'r-2', category_id: 'storage' },
    { ...goodRow, record_id: 'r-3', category_id: 'other' }
  ]
  const storage = { id: 'storage', name: 'Storage', description: null }
  const checked = await checkUsageWorkbook(await upload(rows, [storage, { ...storage, name: 'Again' }]), catalog())
  t.same(checked.categories, [storage])
  t.same(checked.rows.map(({ errors }) => errors.map(({ code, cell }) => [code, cell])), [[], [], [['USG_040', 'J4']]])
  const none = await checkUsageWorkbook(await upload(rows, []), catalog())
  t.same(none.rows.map(({ errors }) => errors.length), [0, 1, 1], 'an empty sheet declares none')
})

t.test('domain 4.1: four columns of a row create an item where the product takes such items', async t => {
  const described = {
    item_search_value: 'NEW-1',
    item_name: 'New',
    item_unit: 'Unit',
    item_mpn: 'NEW-1',
    item_precision: 'decimal(4)'
  }
  const row = await checkedRow(described, { dynamicItems: true })
  t.match(row, {
    errors: [],
    item: {
      id: 'PRD-276-377-545-0004',
      dynamic: true,
      mpn: 'NEW-1',
      name: 'New',
      unit: 'Unit',
      precision: 'Decimal(4)',
      type: 'PPU'
    }
  })
  t.match(await errorsOf(described), [{ code: 'USG_011' }])
  t.match(await errorsOf({ ...described, item_name: null }, { dynamicItems: true }), [
    { code: 'USG_012', column: 'item_name', cell: 'J2' }
  ])
  t.match(await errorsOf({ ...described, item_precision: 'Decimal(3)' }, { dynamicItems: true }), [
    { code: 'USG_012', column: 'item_precision' }
  ])
  t.match(await errorsOf({ item_search_value: 'NEW-1' }, { dynamicItems: true }), [{ code: 'USG_011' }])
  t.match(
    await errorsOf(
      { item_search_value: 'NEW-1', item_name: 'New', item_unit: 'Unit', item_mpn: 'NEW-1' },
      { dynamicItems: true }
    ),
    [{ code: 'USG_012', column: null, cell: null }],
    'a column that the sheet lacks leaves the row as a whole at fault'
  )
})

t.test('blank rows are skipped, and the other rows keep their numbers', async t => {
  const blank = Object.fromEntries(Object.keys(goodRow).map(column => [column, column === 'record_id' ? '' : null]))
  const { rows } = await checkUsageWorkbook(
    await upload([blank, goodRow, blank, { ...goodRow, record_id: 'r-2' }, blank]),
    catalog()
  )
  t.same(rows.map(({ row, errors }) => [row, errors]), [[3, []], [5, []]])
})

t.test('domain 5: a workbook without a required sheet, column or row is refused as a whole', async t => {
  const { amount, quantity, ...short } = goodRow
  t.equal(await faultOf(await upload([short])), 'Missing required columns: quantity, amount.')
  t.equal(await faultOf(await upload([{ ...short, quantity: 1 }]), { schema: 'qt' }), null)
  t.equal(
    await faultOf(await upload([goodRow]), { schema: 'tr', requiredCustomFields: ['plan'] }),
    'Missing required columns: tier, v.plan.'
  )
  t.equal(await faultOf(await upload([{ ...goodRow, price: 1 }])), 'Unknown column: price.')
  t.equal(await faultOf(await upload([{ ...goodRow, ' amount ': amount ?? null }])), 'Repeated column: amount.')
  t.equal(
    await faultOf(await upload([Object.fromEntries(Object.keys(goodRow).map(column => [column, null]))])),
    'The records sheet has no rows below its header.'
  )
  t.equal(
    await faultOf(await writeXlsx({ sheets: [{ name: 'Sheet1', rows: [['record_id']] }] })),
    'The workbook has no sheet named records.'
  )
  t.match(
    await faultOf(await writeXlsx({ sheets: [{ name: 'records', rows: [] }] })),
    /^Missing required columns: record_id, /
  )
  t.equal(
    (
      await faultOf(
        await upload([Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`unknown_${index}`, 1]))])
      )
    )?.length,
    200
  )
  t.match(
    await faultOf(
      await writeXlsx({ sheets: [{ name: 'records', rows: [[], Object.keys(goodRow), Object.values(goodRow)] }] })
    ),
    /^Missing required/,
    'the header must be the first row'
  )
  const odd = await writeXlsx({
    sheets: [
      { name: 'records', rows: [Object.keys(goodRow), Object.values(goodRow)] },
      { name: 'categories', rows: [['id'], ['x']] }
    ]
  })
  t.equal(await faultOf(odd), 'Sheet categories: Missing required column: category_id.')
})
