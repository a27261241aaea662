import { eventBy, nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { clip } from '../workbooks/cell-text.ts'
import { checkUsageWorkbook } from '../workbooks/check-usage-workbook.ts'
import type { CheckedRow, CheckedWorkbook, RowError } from '../workbooks/types.ts'
import { Decimal } from '../decimal.ts'
import { requireRole } from './access.ts'
import { catalogOf } from './catalog.ts'
import { setFileStatus } from './file-status.ts'
import { requireStatus } from './files.ts'
import { refreshProcessed } from './general.ts'
import { replaceRecords } from './record-status.ts'
import { addEffect, newRecordId } from './store.ts'
import { readStored } from './stored-file.ts'
import { findAsset } from './subscriptions.ts'
import type { Actor, FileStatus, StoredFile, UsageFile, UsageRecord } from './types.ts'

export const uploadable: readonly FileStatus[] = ['draft', 'invalid', 'ready', 'rejected']

export function requireUploadable (actor: Actor, file: UsageFile): void {
  requireRole(actor, 'vendor')
  requireStatus(file, 'upload', uploadable)
}

/** Replaces the earlier upload and its records. The new workbook is checked later, after `processingMs`. */
export function uploadFile (sandbox: Sandbox, actor: Actor, file: UsageFile, stored: StoredFile): void {
  requireUploadable(actor, file)
  for (const record of file.records) sandbox.store.records.delete(record.id)
  replaceRecords(file, [])
  file.upload = stored
  file.processed = null
  file.categories = []
  file.errorDetail = null
  file.rejectionNote = null
  file.subStatus = null
  setFileStatus(sandbox, file, 'uploading')
  file.events = {
    ...(file.events.created ? { created: file.events.created } : {}),
    uploaded: eventBy(sandbox, actor)
  }
  addEffect(sandbox.store, file.id, 'uploaded')
  file.run += 1
  const run = file.run
  const { processingMs } = sandbox.options
  const isCurrent = (): boolean => file.run === run && sandbox.store.files.get(file.id) === file
  sandbox.tasks.after(processingMs * 0.3, () => { if (isCurrent()) setFileStatus(sandbox, file, 'processing') })
  sandbox.tasks.after(processingMs, async () => {
    const checked = await check(sandbox, file, stored)
    if (isCurrent()) finish(sandbox, file, checked)
  })
}

async function check (sandbox: Sandbox, file: UsageFile, stored: StoredFile): Promise<CheckedWorkbook> {
  const refuse = (fileError: string): CheckedWorkbook => ({ rows: [], categories: [], fileError })
  const limit = sandbox.options.maxWorkbookBytes
  if (stored.kind === 'disk' && stored.size > limit) return refuse(`The file is larger than ${limit} bytes.`)
  try {
    return await checkUsageWorkbook(await readStored(stored), catalogOf(sandbox, file))
  } catch {
    return refuse('The file is not a readable workbook.')
  }
}

function finish (sandbox: Sandbox, file: UsageFile, checked: CheckedWorkbook): void {
  const createdAt = nowOf(sandbox)
  const records = checked.rows.map((row) => toRecord(file, row, newRecordId(sandbox.store, createdAt), createdAt))
  for (const record of records) sandbox.store.records.set(record.id, record)
  replaceRecords(file, records)
  file.categories = checked.categories
  const invalid = file.counts.invalid
  if (checked.fileError !== null) file.errorDetail = clip(checked.fileError, 200)
  else if (records.length === 0) file.errorDetail = 'The sheet records has no rows.'
  else if (invalid > 0) file.errorDetail = `${invalid} of ${records.length} records are invalid.`
  const validStatus = sandbox.options.restsInUploaded ? 'uploaded' : 'ready'
  setFileStatus(sandbox, file, file.errorDetail === null ? validStatus : 'invalid')
  refreshProcessed(file)
}

const describeErrors = (errors: readonly RowError[]): string => errors.map(({ message }) => message).join('; ')

function toRecord (file: UsageFile, row: CheckedRow, id: string, createdAt: string): UsageRecord {
  const failed = row.errors.length > 0
  return {
    id,
    recordId: row.recordId,
    note: row.note,
    row: row.row,
    file,
    chunk: null,
    item: row.item,
    asset: row.asset === null ? null : findAsset(file.contract, 'asset.id', row.asset.id) ?? null,
    categoryId: row.categoryId,
    tier: row.tier,
    quantity: row.quantity === null ? null : new Decimal(row.quantity),
    amount: row.amount === null ? null : new Decimal(row.amount),
    start: row.start,
    end: row.end,
    params: row.params,
    status: failed ? 'invalid' : 'valid',
    errorCodes: failed ? row.errors.map((error) => error.code).join(',') : null,
    errorDetails: failed ? describeErrors(row.errors) : null,
    billingId: null,
    billingNote: null,
    closedAt: null,
    closedBy: null,
    createdAt
  }
}
