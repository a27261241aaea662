import t from 'tap'
import { readXlsx, writeXlsx } from 'hucre/xlsx'
import { writeChunkFile } from '../../src/workbooks/chunk-file.ts'
import { readReconciliationWorkbook, writeReconciliationResult } from '../../src/workbooks/reconciliation-file.ts'
import type { ChunkRow } from '../../src/workbooks/types.ts'
import { asset, item, items } from './fixtures/catalog.ts'

const general = [['report_id', 'UF-2026-10-0000-0001'], ['hub_id', 'HB-5603-6213'], ['hub_name', 'Hub']] as const
const storage = item(2, 'FB-STORAGE-GB', 'Object storage', 'GB', 'Decimal(4)')

function record (recordId: string, changes: Partial<ChunkRow> = {}): ChunkRow {
  return {
    recordId,
    recordNote: null,
    start: '2026-10-01T03:00:00+00:00',
    end: '2026-11-01T02:59:59.000Z',
    item: storage,
    categoryId: null,
    status: 'approved',
    asset: asset(1),
    quantity: '45',
    amount: null,
    tier: null,
    externalBillingId: null,
    externalBillingNote: null,
    ...changes
  }
}

t.test('domain 4.4: a chunk has the sheets and columns of Connect', async t => {
  const bytes = await writeChunkFile(
    'qt',
    general,
    [{ id: 'storage', name: 'Storage', description: null }],
    [
      record('r-1', { categoryId: 'storage' }),
      record('r-2', {
        quantity: '9007199254740993.1234',
        item: { ...storage, type: 'Reservation' },
        asset: { ...asset(2), reconId: '985' }
      })
    ]
  )
  const { sheets } = await readXlsx(bytes)
  t.same(sheets.map(({ name }) => name), ['instructions', 'general', 'categories', 'records', 'summary'])
  t.same(sheets[1]?.rows.slice(1), general)
  t.same(sheets[3]?.rows, [
    [
      'record_id',
      'record_note',
      'start_time_utc',
      'end_time_utc',
      'item_id',
      'item_name',
      'item_mpn',
      'item_unit',
      'item_type',
      'item_period',
      'item_precision',
      'category_id',
      'status',
      'asset_id',
      'asset_external_id',
      'asset_external_uid',
      'asset_recon_id',
      'quantity',
      'external_billing_id',
      'external_billing_note'
    ],
    [
      'r-1',
      null,
      '2026-10-01 03:00:00',
      '2026-11-01 02:59:59',
      storage.id,
      'Object storage',
      'FB-STORAGE-GB',
      'GB',
      'PPU',
      'Monthly',
      'Decimal(4)',
      'storage',
      'approved',
      'AS-5501-1000-0001',
      '1001',
      'uid-1',
      null,
      '45.0000',
      null,
      null
    ],
    [
      'r-2',
      null,
      '2026-10-01 03:00:00',
      '2026-11-01 02:59:59',
      storage.id,
      'Object storage',
      'FB-STORAGE-GB',
      'GB',
      'Reservation',
      'Monthly',
      'Decimal(4)',
      null,
      'approved',
      'AS-5501-1000-0002',
      '1002',
      'uid-2',
      '985',
      '9007199254740993.1234',
      null,
      null
    ]
  ])
})

t.test('domain 4.4: a rated schema adds amount and tier after the quantity', async t => {
  const { sheets } = await readXlsx(
    await writeChunkFile('tr', general, [], [record('r-1', { amount: '10.2500', tier: 1 })])
  )
  t.same(sheets[3]?.rows.map(row => row.slice(17)), [
    ['quantity', 'amount', 'tier', 'external_billing_id', 'external_billing_note'],
    ['45.0000', '10.2500', 1, null, null]
  ])
})

t.test('domain 4.4: the summary adds up exactly by item and category, in cells of text', async t => {
  const rows = [
    record('r-1', { quantity: '0.1' }),
    record('r-2', { quantity: '0.2' }),
    record('r-3', { quantity: '9007199254740993', categoryId: 'a' }),
    record('r-4', { quantity: '0.0001', categoryId: 'a' }),
    record('r-5', { quantity: '7.0', item: items[2] ?? storage })
  ]
  const { sheets } = await readXlsx(await writeChunkFile('qt', general, [], rows))
  t.same(sheets[4]?.rows, [
    ['item_id', 'item_mpn', 'category_id', 'quantity', 'records'],
    ['PRD-276-377-545-0002', 'FB-STORAGE-GB', null, '0.3', '2'],
    ['PRD-276-377-545-0002', 'FB-STORAGE-GB', 'a', '9007199254740993.0001', '2'],
    ['PRD-276-377-545-0003', 'FB-SEATS', null, '7.0', '1']
  ])
})

t.test('a chunk filled by the provider reads back as a reconciliation', async t => {
  const chunk = await writeChunkFile(
    'qt',
    general,
    [],
    [record('r-1'), record('r-2'), record('r-3', { externalBillingId: '77', externalBillingNote: 'kept' })]
  )
  const { sheets } = await readXlsx(chunk)
  const [filled = []] = sheets[3]?.rows.slice(1) ?? []
  filled[18] = 12345
  filled[19] = 'billed in October'
  const sentBack = await writeXlsx({ sheets: sheets.map(({ name, rows }) => ({ name, rows })) })
  t.same(await readReconciliationWorkbook(sentBack), {
    reportId: 'UF-2026-10-0000-0001',
    hubId: 'HB-5603-6213',
    rows: [
      { row: 2, recordId: 'r-1', externalBillingId: '12345', externalBillingNote: 'billed in October', fault: null },
      { row: 3, recordId: 'r-2', externalBillingId: null, externalBillingNote: null, fault: null },
      { row: 4, recordId: 'r-3', externalBillingId: '77', externalBillingNote: 'kept', fault: null }
    ],
    fileError: null
  })
  const result = await writeReconciliationResult(sentBack, [
    { row: 2, error: null },
    { row: 3, error: 'Both billing cells are blank' }
  ])
  const copy = await readXlsx(result, { readStyles: true })
  t.same(copy.sheets.map(({ name }) => name), ['instructions', 'general', 'categories', 'records', 'summary'])
  t.same(copy.sheets[3]?.rows, sheets[3]?.rows)
  t.match(
    [...(copy.sheets[3]?.cells ?? [])].filter(([, cell]) => cell.comment !== undefined),
    [
      [
        '2,0',
        { comment: { text: 'Both billing cells are blank' }, style: { border: { top: { color: { rgb: 'FF0000' } } } } }
      ]
    ]
  )
})

t.test('domain 4.4: three columns are enough for a reconciliation', async t => {
  const bytes = await writeXlsx({
    sheets: [
      {
        name: 'records',
        rows: [['external_billing_note', 'external_billing_id', 'record_id'], ['note', null, null], [], ['n', 5, 'r-1']]
      }
    ]
  })
  t.same(await readReconciliationWorkbook(bytes), {
    reportId: null,
    hubId: null,
    rows: [
      { row: 2, recordId: '', externalBillingId: null, externalBillingNote: 'note', fault: null },
      { row: 4, recordId: 'r-1', externalBillingId: '5', externalBillingNote: 'n', fault: null }
    ],
    fileError: null
  })
  const { sheets } = await readXlsx(await writeReconciliationResult(bytes, [{ row: 2, error: 'No record_id' }]), {
    readStyles: true
  })
  t.same(sheets.map(({ name }) => name), ['records'])
  t.equal(sheets[0]?.cells?.get('1,2')?.comment?.text, 'No record_id')
})

t.test('domain 5: a reconciliation without its columns, sheet or rows is at fault as a whole', async t => {
  const faultOf = async (name: string, rows: string[][]): Promise<string | null> =>
    (await readReconciliationWorkbook(await writeXlsx({ sheets: [{ name, rows }] }))).fileError
  t.equal(
    await faultOf('records', [['record_id'], ['r-1']]),
    'Missing required columns: external_billing_id, external_billing_note.'
  )
  t.equal(await faultOf('Sheet1', []), 'The workbook has no sheet named records.')
  t.equal(
    await faultOf('records', [['record_id', 'external_billing_id', 'external_billing_note']]),
    'The records sheet has no rows below its header.'
  )
  const empty = await readXlsx(await writeReconciliationResult(Buffer.from('no workbook'), []))
  t.same(empty.sheets.map(({ name, rows }) => [name, rows]), [['records', []]])
})
