import type { Category } from '../workbooks/types.ts'
import { writeUsageWorkbook } from '../workbooks/usage-file.ts'

export interface SampleWorkbook { fileName: string, bytes: Uint8Array }

type Cell = string | number | null

const columns = [
  'record_id', 'record_note', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'category_id', 'amount', 'v.invoice_number'
]

const categories: readonly Category[] = [
  { id: 'compute', name: 'Compute', description: 'Virtual machines' },
  { id: 'storage', name: 'Storage', description: 'Object storage' },
  { id: 'seats', name: 'Seats', description: null }
]

const october = ['2026-10-01 00:00:00', '2026-10-31 23:59:59']
const firstHalf = ['2026-10-01 00:00:00', '2026-10-15 23:59:59']
const secondHalf = ['2026-10-16 00:00:00', '2026-10-31 23:59:59']

const goodRows: readonly (readonly Cell[])[] = [
  [
    'fb-2026-10-0001',
    'Web servers',
    'item.mpn',
    'FB-VM-HOURS',
    744,
    ...october,
    'asset.id',
    'AS-5501-1000-0001',
    'compute',
    '37.2000',
    'INV-2026-1001'
  ],
  [
    'fb-2026-10-0002',
    'Batch jobs',
    'item.mpn',
    'FB-VM-HOURS',
    '120.25',
    ...firstHalf,
    'asset.id',
    'AS-5501-1000-0002',
    'compute',
    '6.0125',
    'INV-2026-1001'
  ],
  [
    'fb-2026-10-0003',
    null,
    'item.mpn',
    'FB-STORAGE-GB',
    '512.1250',
    ...october,
    'parameter.account_id',
    'fb-1001',
    'storage',
    '10.2425',
    'INV-2026-1001'
  ],
  [
    'fb-2026-10-0004',
    null,
    'item.global_id',
    'PRD-276-377-545-0002',
    80.5,
    ...october,
    'parameter.account_id',
    'fb-1003',
    'storage',
    1.61,
    'INV-2026-1002'
  ],
  [
    'fb-2026-10-0005',
    'Sales team',
    'item.mpn',
    'FB-SEATS',
    25,
    ...october,
    'asset.id',
    'AS-5501-1000-0004',
    'seats',
    200,
    'INV-2026-1002'
  ],
  [
    'fb-2026-10-0006',
    'Joined in the second half',
    'item.mpn',
    'FB-SEATS',
    4,
    ...secondHalf,
    'asset.id',
    'AS-5501-1000-0004',
    null,
    '16.00',
    null
  ]
]

/** Row 3 of the sheet has an unknown MPN, row 5 a negative quantity, and row 8 ends on 32 October. */
const rowsWithThreeBad: readonly (readonly Cell[])[] = [
  [
    'fb-2026-10-0101',
    null,
    'item.mpn',
    'FB-VM-HOURS',
    744,
    ...october,
    'asset.id',
    'AS-5501-1000-0001',
    'compute',
    '37.2000',
    'INV-2026-1003'
  ],
  [
    'fb-2026-10-0102',
    'Unknown MPN',
    'item.mpn',
    'FB-GPU-HOURS',
    12,
    ...october,
    'asset.id',
    'AS-5501-1000-0001',
    'compute',
    '24.00',
    'INV-2026-1003'
  ],
  [
    'fb-2026-10-0103',
    null,
    'item.mpn',
    'FB-VM-HOURS',
    '12.50',
    ...firstHalf,
    'asset.id',
    'AS-5501-1000-0002',
    'compute',
    '0.6250',
    'INV-2026-1003'
  ],
  [
    'fb-2026-10-0104',
    'Negative quantity',
    'item.mpn',
    'FB-STORAGE-GB',
    -3.5,
    ...october,
    'parameter.account_id',
    'fb-1002',
    'storage',
    '0.07',
    'INV-2026-1003'
  ],
  [
    'fb-2026-10-0105',
    null,
    'item.mpn',
    'FB-STORAGE-GB',
    '64.0000',
    ...october,
    'parameter.account_id',
    'fb-1003',
    'storage',
    '1.28',
    'INV-2026-1004'
  ],
  [
    'fb-2026-10-0106',
    null,
    'item.mpn',
    'FB-SEATS',
    10,
    ...october,
    'asset.id',
    'AS-5501-1000-0003',
    'seats',
    80,
    'INV-2026-1004'
  ],
  [
    'fb-2026-10-0107',
    'Impossible date',
    'item.mpn',
    'FB-SEATS',
    1,
    '2026-10-01 00:00:00',
    '2026-10-32 23:59:59',
    'asset.id',
    'AS-5501-1000-0003',
    'seats',
    8,
    'INV-2026-1004'
  ],
  [
    'fb-2026-10-0108',
    null,
    'item.mpn',
    'FB-SEATS',
    2,
    ...secondHalf,
    'asset.id',
    'AS-5501-1000-0004',
    'seats',
    8,
    'INV-2026-1004'
  ]
]

/** Gives the workbooks that the tour uploads, of the product "Fallball Cloud" for October 2026. */
export async function sampleWorkbooks (): Promise<SampleWorkbook[]> {
  return [
    { fileName: 'usage.xlsx', bytes: await writeUsageWorkbook(columns, goodRows, categories) },
    { fileName: 'usage-three-bad-rows.xlsx', bytes: await writeUsageWorkbook(columns, rowsWithThreeBad, categories) }
  ]
}
