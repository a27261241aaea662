import { writeUsageWorkbook } from '../src/workbooks/usage-file.ts'
import { form, until } from './helper.ts'
import type { Call } from './helper.ts'

/** Usage files of Fallball Cloud, brought as far as a test needs them. */
const columns = ['record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'category_id', 'amount']

export const goodRow = (n: number): string[] => [
  `R${n}`,
  'item.mpn',
  'FB-SEATS',
  '5',
  '2026-10-01 00:00:00',
  '2026-10-01 23:59:59',
  'asset.id',
  `AS-5501-1000-000${n}`,
  'seats',
  '10.50'
]

export const workbook = async (rows: string[][] = [1, 2, 3, 4].map(goodRow)): Promise<Uint8Array> =>
  await writeUsageWorkbook(columns, rows, [{ id: 'seats', name: 'Seats', description: null }])

export const header = {
  name: 'October',
  period: { from: '2026-10-01', to: '2026-10-31' },
  product: { id: 'PRD-276-377-545' },
  contract: { id: 'CRD-10000-20000-30000' },
  external_id: 'EXT-1'
}

export async function draft (vendor: Call): Promise<string> {
  return (await vendor('POST', '/usage/files', header)).json.id
}

export async function ready (vendor: Call, rows?: string[][]): Promise<string> {
  const id = await draft(vendor)
  await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', await workbook(rows)))
  await until(
    () => vendor('GET', `/usage/files/${id}`),
    ({ json }) => json.status === 'ready' || json.status === 'invalid'
  )
  return id
}

export async function pending (vendor: Call): Promise<string> {
  const id = await ready(vendor)
  await vendor('POST', `/usage/files/${id}/submit`, {})
  return id
}

export async function accepted (vendor: Call, provider: Call): Promise<string> {
  const id = await pending(vendor)
  await provider('POST', `/usage/files/${id}/accept`)
  await until(
    () => provider('GET', `/usage/chunks?usagefile.id=${id}`),
    ({ list }) => list.every(one => one.status === 'ready')
  )
  return id
}
