import { writeUsageWorkbook } from '../src/workbooks/usage-file.ts'
import type { Category } from '../src/workbooks/types.ts'
import { form, until } from './helper.ts'
import type { Answer, Body, Call } from './helper.ts'

/** Usage files of Fallball Cloud, brought as far as a test needs them. */
export const columns = ['record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc',
  'end_time_utc', 'asset_search_criteria', 'asset_search_value', 'category_id', 'amount']

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

/** What a file is created for, where another product than Fallball Cloud shows a claim. */
export const voiceSuite = { product: { id: 'PRD-520-330-440' }, contract: { id: 'CRD-52033-04400-00001' } }
export const backupVault = { product: { id: 'PRD-410-220-330' }, contract: { id: 'CRD-41022-03300-00001' } }
export const quantityService = { product: { id: 'PRD-700-100-300' }, contract: { id: 'CRD-70010-03000-00001' } }
export const fleetInsight = { product: { id: 'PRD-740-550-660' }, contract: { id: 'CRD-74055-06600-00001' } }
export const solutionsBundle = { product: { id: 'PRD-700-100-200' }, contract: { id: 'CRD-70010-02000-00001' } }

type Cells = readonly (string | number | null)[]

/** Uploads bytes to a new file; gives the file when Connect has processed it. */
export async function uploadBytes (vendor: Call, file: object, bytes: Uint8Array): Promise<Body> {
  const { json } = await vendor('POST', '/usage/files', file)
  await vendor('POST', `/usage/files/${json.id}/upload`, form('usage_file', bytes))
  const isProcessed = ({ json: { status } }: Answer): boolean => status === 'ready' || status === 'invalid'
  return (await until(() => vendor('GET', `/usage/files/${json.id}`), isProcessed)).json
}

/** As `uploadBytes`, with a workbook of these columns and rows. */
export async function uploadRows (
  vendor: Call, file: object, columns: readonly string[], rows: readonly Cells[], categories?: readonly Category[]
): Promise<Body> {
  return await uploadBytes(vendor, file, await writeUsageWorkbook(columns, rows, categories))
}

/** The records of a file, in the order of their rows. */
export const recordsOf = async (call: Call, fileId: string): Promise<Body[]> =>
  (await call('GET', `/usage/records?usagefile.id=${fileId}&limit=1000`)).list
