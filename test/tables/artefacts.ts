import type { CheckOptions } from '../../src/tables/check.ts'
import type { Cells } from '../../src/tables/table.ts'

/** Rows as in a file that Connect made or took. The ids of accounts and people are changed. */
export interface Artefact {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  categories: readonly Cells[]
  schema: CheckOptions['schema']
  period: CheckOptions['period']
}

const EIGHT = [
  'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value'
]
const SIXTEEN = [
  'record_id', 'record_note', ...EIGHT.slice(1), 'category_id', 'amount', 'tier', 'item_name', 'item_unit', 'item_mpn',
  'item_precision'
]
const CUSTOM = [
  'v.invoice_number', 'v.reseller_mpn', 'v.customer_id', 'v.partner_margin', 'v.ri_margin', 'v.from_exchange_rate',
  'v.to_exchange_rate'
]
const MAY = ['2026-05-01 00:00:00', '2026-05-31 23:59:59'] as const
const E3 = 'CFQ7TTC0LFLX:0021:CFQ7TTC12ZPW'
const category = (id: string, name: string, text: string): Cells =>
  ({ category_id: id, category_name: name, category_description: text })

export const ARTEFACTS: Readonly<Record<string, Artefact>> = {
  // The processed workbook of a live integration test, schema QT: all texts, rows before the period of the file.
  'the processed workbook of 2021': {
    columns: EIGHT,
    rows: [['0003', '4.0000', 42, 46], ['0001', '3.0000', 43, 47], ['0001', '2.0000', 43, 47]].map(
      ([item, quantity, start, end], at) => [
        `R18-001-BGS-5600${at + 1}`, 'item.global_id', `PRD-838-787-106-${item}`, `${quantity}`,
        `2019-11-13 07:20:${start}`, `2019-12-16 07:20:${end}`, 'asset.id', 'AS-3919-2310-2857'
      ]),
    categories: [category('Cat1', 'Category Name', 'Decpritopn')],
    schema: 'qt',
    period: { from: '2021-07-05 00:00:00', to: '2021-07-08 23:59:59' }
  },
  // An upload that Connect took: 8 columns, hours of one digit.
  'the upload of 8 columns': {
    columns: EIGHT,
    rows: ['0111', '0112', '0113'].map(number => [
      `SAND-25-03-PR-T-${number}`, 'item.mpn', 'MPN-C-PPU', '7.0', '2020-02-25 9:21:39', '2020-02-25 9:25:39',
      'asset.id', 'AS-8126-3704-2566'
    ]),
    categories: [],
    schema: 'qt',
    period: { from: '2020-02-01 00:00:00', to: '2020-02-29 23:59:59' }
  },
  // The sample of 2026: columns of the vendor, blank cells, a precision that only some rows have.
  'the upload of 23 columns': {
    columns: [...SIXTEEN, ...CUSTOM],
    rows: [
      [
        '7d8f0e2a-4b3c-4e1f-9a2b-1c2d3e4f5a6b', 'aws-554027867388-AmazonEC2-2026051900-0001', 'item.mpn', 'AmazonEC2',
        '1', ...MAY, 'parameter.account_id', '554027867388', 'AWS.Amazon Elastic Compute Cloud', '11.7162', '0',
        'Amazon Elastic Compute Cloud', 'Unit', 'AmazonEC2', 'Decimal(8)', '', '', '', '', '', '', ''
      ],
      [
        '3a2e1d9c-7b4f-4a82-9d65-8c1f5e3a2b40',
        '#  Microsoft 365 E3 (no Teams) - from 2026-04-27T00:00:00Z through 2026-05-27T00:00:00Z', 'item.mpn', E3, '1',
        MAY[0], '2026-05-27 00:00:00', 'asset.id', 'AS-1000-2000-3001', E3, '83.25', '',
        `${E3} Microsoft 365 E3 (no Teams)`, 'unit', E3, '', 'G295819866', '2275314',
        '175ac3de-8ae0-6a5d-58b3-92ba3b67931d', '0', '0', '1', '1'
      ],
      [
        'ORD18754688-2', 'COTERM, Education', 'item.mpn', '65304853CA01A12', '28', '2026-05-02 00:00:00',
        '2026-06-01 00:00:00', 'parameter.subscription_id', '1ED00000000', '', '562.24', '', 'Acrobat Pro for teams',
        '', '', '', '', '', '', '', '', '', ''
      ]
    ],
    categories: [
      category('AWS.Amazon Elastic Compute Cloud', 'Amazon Elastic Compute Cloud', 'AWS usage'),
      category(E3, 'Microsoft 365 E3 (no Teams)', 'Microsoft usage')
    ],
    schema: 'cr',
    period: { from: MAY[0], to: MAY[1] }
  },
  // The template of 2019, with the numbers of its example.
  'the template of 2019': {
    columns: ['usage_record_id', ...EIGHT.slice(1)],
    rows: ['10', '5.4', '0.5', '1110', '124.23'].map((quantity, at) => [
      `${at + 1}`, 'item.mpn', 'mpn-000001', quantity, `2018-01-23 07:21:4${at}`, `2018-01-27 07:21:4${at}`,
      'parameter.account_id', `account0${at + 1}`
    ]),
    categories: [],
    schema: 'qt',
    period: null
  }
}

/** The chunk of a live test, schema QT, with what the provider fills in. */
export const CHUNK = {
  columns: [
    'record_id', 'record_note', 'start_time_utc', 'end_time_utc', 'item_id', 'item_name', 'item_mpn', 'item_unit',
    'item_type', 'item_period', 'item_precision', 'category_id', 'status', 'asset_id', 'asset_external_id',
    'asset_external_uid', 'asset_recon_id', 'quantity', 'external_billing_id', 'external_billing_note'
  ],
  rows: [['8', '45.0000', 11], ['7', '55.0000', 10]].map(([last, quantity, day]) => [
    `PRD-113-628-780-973HG000123${last}`, '', `2019-11-${day} 07:20:39`, `2019-11-${Number(day) + 1} 07:20:39`,
    'PRD-113-628-780-0003', 'Sku C (PPU)', 'MPN C (PPU)', 'Unit*H', 'PPU', 'Monthly', 'Decimal(4)', 'Cat1', 'approved',
    'AS-0596-0203-2918', 'ENSIM20191125000051', '74046c6f-1db7-40ce-8a32-2db66f0a83c0', '', `${quantity}`, '', ''
  ])
}
