import { eventBy, nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { readReconciliationWorkbook } from '../workbooks/reconciliation-file.ts'
import type { ReconciliationRow, ReconciliationWorkbook } from '../workbooks/types.ts'
import { requireRole, seesFile } from './access.ts'
import { requireStatus } from './files.ts'
import { changeBilling, closeFileWhenDone, closeOne, refuseClose } from './records.ts'
import { addEffect, newReconciliationId } from './store.ts'
import { readStored } from './stored-file.ts'
import type { Actor, Reconciliation, StoredFile, UsageFile, UsageRecord } from './types.ts'

export function requireReconcilable (actor: Actor, file: UsageFile): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'reconciliation', ['accepted', 'closed'])
}

/**
 * With null for `given`, the `general` sheet of the workbook names the usage file. The rows change the records later,
 * after `processingMs`. A wrong workbook is not refused at once: its reconciliation fails after that time.
 */
export async function createReconciliation (
  sandbox: Sandbox, actor: Actor, given: UsageFile | null, stored: StoredFile, uploadNote: string | null
): Promise<Reconciliation> {
  if (given) requireReconcilable(actor, given)
  else requireRole(actor, 'provider')
  const workbook = await read(sandbox, stored)
  const file = given ?? reportOf(sandbox, actor, workbook)
  const chunk = file?.chunks.find((one) => one.hub.id === workbook.hubId) ?? null
  const created = eventBy(sandbox, actor)
  const reconciliation: Reconciliation = {
    id: newReconciliationId(sandbox.store, file, nowOf(sandbox)),
    status: 'uploaded',
    provider: actor.account,
    file,
    chunk,
    uploadNote,
    processingNote: null,
    error: null,
    events: { created, uploaded: created },
    upload: stored,
    results: []
  }
  sandbox.store.reconciliations.set(reconciliation.id, reconciliation)
  if (file) file.reconciliation = reconciliation
  addEffect(sandbox.store, reconciliation.id, 'created')
  const { processingMs } = sandbox.options
  sandbox.tasks.after(processingMs * 0.3, () => {
    if (reconciliation.status === 'uploaded') reconciliation.status = 'processing'
  })
  sandbox.tasks.after(processingMs, () => process(sandbox, actor, reconciliation, workbook))
  return reconciliation
}

async function read (sandbox: Sandbox, stored: StoredFile): Promise<ReconciliationWorkbook> {
  const refuse = (fileError: string): ReconciliationWorkbook => ({ reportId: null, hubId: null, rows: [], fileError })
  const limit = sandbox.options.maxWorkbookBytes
  if (stored.kind === 'disk' && stored.size > limit) return refuse(`The file is larger than ${limit} bytes.`)
  try {
    return await readReconciliationWorkbook(await readStored(stored))
  } catch {
    return refuse('The file is not a readable workbook.')
  }
}

function reportOf (sandbox: Sandbox, actor: Actor, workbook: ReconciliationWorkbook): UsageFile | null {
  const file = workbook.reportId === null ? undefined : sandbox.store.files.get(workbook.reportId)
  return file && seesFile(actor.account, file) ? file : null
}

function faultOf (reconciliation: Reconciliation, workbook: ReconciliationWorkbook): string | null {
  const { file, chunk } = reconciliation
  if (workbook.fileError !== null) return workbook.fileError
  if (!file) return `The general sheet names no known report (report_id ${workbook.reportId ?? 'missing'}).`
  if (workbook.reportId !== null && workbook.reportId !== file.id) {
    return `The general sheet names another report: ${workbook.reportId}.`
  }
  if (workbook.hubId !== null && !chunk) return `The general sheet names an unknown hub: ${workbook.hubId}.`
  if (file.status !== 'accepted' && file.status !== 'closed') return `The usage file is ${file.status}.`
  return null
}

function process (
  sandbox: Sandbox, actor: Actor, reconciliation: Reconciliation, workbook: ReconciliationWorkbook
): void {
  const { file, chunk } = reconciliation
  const fault = faultOf(reconciliation, workbook)
  if (fault !== null || !file) {
    reconciliation.status = 'failed'
    reconciliation.error = fault
    return
  }
  const records = new Map<string, UsageRecord>()
  for (const record of chunk ? chunk.records : file.records) {
    records.set(record.recordId, record)
    records.set(record.id, record)
  }
  const counts = { closed: 0, changed: 0, left: 0, refused: 0 }
  reconciliation.results = workbook.rows.map((row) => {
    const outcome = closeRow(sandbox, actor, row, records.get(row.recordId))
    const isRefused = typeof outcome !== 'string'
    counts[isRefused ? 'refused' : outcome] += 1
    return { row: row.row, error: isRefused ? outcome.error : null }
  })
  const { closed, changed, refused, left } = counts
  const changes = changed === 0 ? '' : `, changed ${changed}`
  reconciliation.processingNote = `Closed ${closed}${changes}, refused ${refused}, left ${left}.`
  reconciliation.status = 'processed'
  if (closed > 0) closeFileWhenDone(sandbox, actor, file)
}

function closeRow (
  sandbox: Sandbox, actor: Actor, row: ReconciliationRow, record: UsageRecord | undefined
): 'closed' | 'changed' | 'left' | { error: string } {
  const { externalBillingId: id, externalBillingNote: note } = row
  if (row.fault !== null) return { error: row.fault }
  if (!record) return { error: `Unknown record_id ${row.recordId}.` }
  if (!id && !note) return 'left'
  if (record.status === 'closed' && record.file.status === 'closed') {
    return changeBilling(sandbox, record, id || record.billingId, note || record.billingNote)
  }
  if (record.status === 'closed') {
    return record.billingId === id ? 'left' : { error: `Already closed with billing id ${record.billingId ?? 'none'}.` }
  }
  if (!id || !note) return { error: 'Both external_billing_id and external_billing_note are needed.' }
  addEffect(sandbox.store, record.id, 'closeAttempts')
  const refusal = refuseClose(record, id, note)
  if (refusal) return { error: refusal.message }
  closeOne(sandbox, actor, record, id, note)
  return 'closed'
}
