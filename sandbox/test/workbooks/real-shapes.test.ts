import t from 'tap'
import { writeXlsx } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { catalog, item } from './fixtures/catalog.ts'

const anyAsset = { id: 'AS-1000-2000-3001', externalId: '', externalUid: '', reconId: null }

t.test('domain 4.1: the eight columns of a connector in their own order are accepted, all text', async t => {
  const rows = Array.from({ length: 10 }, (_, index) => [
    `SAND-${index}`,
    'item.mpn',
    'MPN-C-PPU',
    '7.0',
    '2020-02-25 9:21:39',
    '2020-02-25 9:25:39',
    'asset.id',
    'AS-8126-3704-2566'
  ])
  const header = [
    'record_id',
    'item_search_criteria',
    'item_search_value',
    'quantity',
    'start_time_utc',
    'end_time_utc',
    'asset_search_criteria',
    'asset_search_value'
  ]
  const order = [3, 0, 7, 6, 5, 4, 2, 1]
  const bytes = await writeXlsx({
    sheets: [{ name: 'records', rows: [header, ...rows].map(row => order.map(index => row[index] ?? null)) }]
  })
  const checked = await checkUsageWorkbook(bytes, catalog({
    schema: 'qt',
    period: { from: '2020-02-01T00:00:00Z', to: '2020-02-29T23:59:59Z' },
    findItem: (_, value) => value === 'MPN-C-PPU' ? item(1, value, 'C', 'Unit', 'Integer') : undefined,
    findAsset: (_, value) => value === 'AS-8126-3704-2566' ? anyAsset : undefined
  }))
  t.equal(checked.fileError, null)
  t.equal(checked.rows.length, 10)
  t.same(checked.rows.flatMap(({ errors }) => errors), [])
  t.match(checked.rows[0], { quantity: '7.0', start: '2020-02-25T09:21:39+00:00', amount: null, tier: null })
})

t.test(
  'the sixteen columns and seven custom ones of a distributor are accepted, blanks as empty inline strings',
  async t => {
    const header = [
      'record_id',
      'record_note',
      'item_search_criteria',
      'item_search_value',
      'quantity',
      'start_time_utc',
      'end_time_utc',
      'asset_search_criteria',
      'asset_search_value',
      'category_id',
      'amount',
      'tier',
      'item_name',
      'item_unit',
      'item_mpn',
      'item_precision',
      'v.invoice_number',
      'v.reseller_mpn',
      'v.customer_id',
      'v.partner_margin',
      'v.ri_margin',
      'v.from_exchange_rate',
      'v.to_exchange_rate'
    ]
    const blank = Array.from({ length: 7 }, () => '')
    const rows = [
      [
        '7d8f',
        'aws',
        'item.mpn',
        'AmazonEC2',
        1,
        '2026-05-01 00:00:00',
        '2026-05-31 23:59:59',
        'parameter.account_id',
        '554027867388',
        'AWS.EC2',
        11.7162,
        0,
        'EC2',
        'Unit',
        'AmazonEC2',
        'Decimal(8)',
        ...blank
      ],
      [
        '3a2e',
        '#  Microsoft 365',
        'item.mpn',
        'CFQ7:0021:CFQ8',
        1,
        '2026-05-01 00:00:00',
        '2026-05-27 00:00:00',
        'asset.id',
        'AS-1000-2000-3001',
        'CFQ7:0021:CFQ8',
        83.25,
        '',
        'E3',
        'unit',
        'CFQ7:0021:CFQ8',
        '',
        'G295',
        '2275314',
        '175a',
        '0',
        '0',
        '1',
        '1'
      ],
      [
        'ORD1',
        'COTERM',
        'item.mpn',
        '65304853CA01A12',
        28,
        '2026-05-02 00:00:00',
        '2026-06-01 00:00:00',
        'parameter.subscription_id',
        '1ED00000000',
        '',
        562.24,
        '',
        'Acrobat',
        'Unit',
        '65304853CA01A12',
        '',
        ...blank
      ]
    ]
    const bytes = await writeXlsx({
      stringMode: 'inline',
      sheets: [
        {
          name: 'categories',
          rows: [
            ['category_id', 'category_name', 'category_description'],
            ['AWS.EC2', 'EC2', 'usage'],
            ['CFQ7:0021:CFQ8', 'E3', '']
          ]
        },
        { name: 'records', rows: [header, ...rows] }
      ]
    })
    const assets = ['554027867388', 'AS-1000-2000-3001', '1ED00000000']
    const checked = await checkUsageWorkbook(
      bytes,
      catalog({
        period: { from: '2026-05-01T00:00:00Z', to: '2026-05-31T23:59:59Z' },
        findItem: (_, mpn) => item(1, mpn, mpn, 'Unit', 'Decimal(8)'),
        findAsset: (_, value) => (assets.includes(value) ? anyAsset : undefined)
      })
    )
    t.equal(checked.fileError, null)
    t.same(
      checked.rows.flatMap(({ errors }) => errors),
      []
    )
    t.match(
      checked.rows.map(({ amount, tier, params }) => [amount, tier, params.length]),
      [
        ['11.7162', 0, 0],
        ['83.25', null, 7],
        ['562.24', null, 0]
      ]
    )
    t.same(checked.categories[1], { id: 'CFQ7:0021:CFQ8', name: 'E3', description: null })
  }
)
