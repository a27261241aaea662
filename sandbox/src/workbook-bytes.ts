import type { Sandbox } from './sandbox.ts'
import { catalogOf } from './state/catalog.ts'
import { chunkGeneral } from './state/general.ts'
import { readStored } from './state/stored-file.ts'
import type {
  Chunk, ChunkLine, ProcessedCopy, Product, Reconciliation, UsageFile, UsageRecord
} from './state/types.ts'
import { toSheetTime } from './time.ts'
import { checkUsageWorkbook } from './workbooks/check-usage-workbook.ts'
import { writeChunkFile } from './workbooks/chunk-file.ts'
import { writeProcessedFile, writeProviderFile } from './workbooks/processed-file.ts'
import { writeReconciliationResult } from './workbooks/reconciliation-file.ts'
import { writeTemplate } from './workbooks/template-file.ts'
import type { ChunkRow } from './workbooks/types.ts'
import { writeUsageWorkbook } from './workbooks/usage-file.ts'

/**
 * Gives the uploaded workbook. That of a seeded file is made when it is asked for: a start with hundreds of files must
 * be quick.
 */
export async function uploadedBytes (file: UsageFile): Promise<Uint8Array> {
  if (file.upload?.kind === 'disk') return await readStored(file.upload)
  const custom = [...new Set(file.records.flatMap((record) => record.params.map(({ name }) => name)))]
  const rows = file.records.map((record) => [...uploadRow(record), ...custom.map((name) => paramOf(record, name))])
  return await writeUsageWorkbook([...uploadColumns, ...custom], rows, file.categories)
}

/** Gives the processed workbook as the vendor gets it. */
export async function processedBytes (sandbox: Sandbox, file: UsageFile): Promise<Uint8Array> {
  const upload = await uploadedBytes(file)
  const checked = await checkUsageWorkbook(upload, catalogOf(sandbox, file))
  return await writeProcessedFile(upload, checked, file.processed?.general ?? [])
}

/** The columns that are added to every processed workbook for the provider. */
const pendingColumns: Readonly<Record<string, (record: UsageRecord) => string | undefined>> = {
  item_name: ({ item }) => item?.name,
  item_type: ({ item }) => item?.type,
  item_unit: ({ item }) => item?.unit,
  item_period: () => 'Monthly',
  asset_id: ({ asset }) => asset?.id,
  asset_external_id: ({ asset }) => asset?.externalId,
  customer_account_id: ({ asset }) => asset?.customer.id,
  customer_company_name: ({ asset }) => asset?.customer.name
}

/** The columns of the provider's workbook that, besides `status`, are added or changed once the file is accepted. */
const acceptedColumns: typeof pendingColumns = {
  record_id: ({ id }) => id,
  item_id: ({ item }) => item?.id,
  item_mpn: ({ item }) => item?.mpn,
  product_id: ({ file }) => file.contract.product.id,
  asset_recon_id: ({ asset }) => asset?.reconId ?? undefined
}

export async function providerBytes (file: UsageFile, copy: ProcessedCopy): Promise<Uint8Array> {
  const isAccepted = copy.status === 'accepted' || copy.status === 'closed'
  const columns = { ...pendingColumns, ...(isAccepted ? acceptedColumns : {}) }
  const added = Object.entries(columns).map(([name, valueOf]) =>
    ({ name, values: new Map(file.records.map((record) => [record.row, valueOf(record) ?? null])) }))
  const statuses = new Map(file.records.map(({ row }, index) => [row, copy.recordStatuses[index] ?? null]))
  if (isAccepted) added.push({ name: 'status', values: statuses })
  return await writeProviderFile(await uploadedBytes(file), copy.general, file.categories, added)
}

export async function chunkBytes (
  chunk: Chunk,
  billing?: (record: UsageRecord) => [string, string] | null
): Promise<Uint8Array> {
  const lines: readonly ChunkLine[] =
    chunk.outdated ??
    chunk.records.map(record => ({
      record,
      status: record.status,
      billingId: record.billingId,
      billingNote: record.billingNote
    }))
  const rows = lines.flatMap(line => chunkRow(line, billing?.(line.record) ?? null))
  return await writeChunkFile(chunk.file.contract.product.schema, chunkGeneral(chunk), chunk.file.categories, rows)
}

export async function reconciliationUpload (reconciliation: Reconciliation): Promise<Uint8Array> {
  if (reconciliation.upload.kind === 'disk') return await readStored(reconciliation.upload)
  const { chunk } = reconciliation
  if (!chunk) throw new Error('a seeded reconciliation belongs to a chunk')
  return await chunkBytes(chunk, (record) =>
    record.status === 'closed' ? [record.billingId ?? '', record.billingNote ?? ''] : null)
}

export async function reconciliationResult (reconciliation: Reconciliation): Promise<Uint8Array> {
  return await writeReconciliationResult(await reconciliationUpload(reconciliation), reconciliation.results)
}

export async function templateBytes (product: Product): Promise<Uint8Array> {
  const { id, name, schema, items } = product
  return await writeTemplate({ id, name, schema, items })
}

const uploadColumns = [
  'record_id', 'record_note', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'category_id', 'amount', 'tier'
]

const paramOf = (record: UsageRecord, wanted: string): string | null =>
  record.params.find(({ name }) => name === wanted)?.value ?? null

/** A record without an item or asset gets an unknown MPN or asset id, so that a check finds the same fault again. */
function uploadRow (record: UsageRecord): (string | number | null)[] {
  return [
    record.recordId,
    record.note,
    'item.mpn',
    record.item?.mpn ?? 'UNKNOWN-MPN',
    record.quantity?.text ?? null,
    record.start === null ? null : toSheetTime(record.start),
    record.end === null ? null : toSheetTime(record.end),
    'asset.id',
    record.asset?.id ?? 'AS-0000-0000-0000',
    record.categoryId,
    record.amount?.text ?? null,
    record.tier
  ]
}

function chunkRow (line: ChunkLine, billing: [string, string] | null): ChunkRow[] {
  const { record } = line
  if (!record.item || !record.asset) return []
  return [{
    recordId: record.recordId,
    recordNote: record.note,
    start: record.start ?? record.file.period.from,
    end: record.end ?? record.file.period.to,
    item: record.item,
    categoryId: record.categoryId,
    status: line.status,
    asset: record.asset,
    quantity: record.quantity?.text ?? '0',
    amount: record.amount?.text ?? null,
    tier: record.tier,
    externalBillingId: billing ? billing[0] : line.billingId,
    externalBillingNote: billing ? billing[1] : line.billingNote
  }]
}
