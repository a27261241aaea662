import { badRequest, ConnectError, wrongState } from '../connect-error.ts'
import { eventBy, nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { requireRole, seesRecord } from './access.ts'
import { setFileStatus } from './file-status.ts'
import { requireStatus } from './files.ts'
import { asObject, textField } from './header.ts'
import { keepLines, setRecordStatus } from './record-status.ts'
import { addEffect } from './store.ts'
import type { Actor, Chunk, RecordStatus, UsageFile, UsageRecord } from './types.ts'

const statuses: readonly RecordStatus[] = ['valid', 'invalid', 'approved', 'rejected', 'closed']

export function changeRecordStatus (sandbox: Sandbox, actor: Actor, record: UsageRecord, input: unknown): void {
  requireRole(actor, 'provider')
  const status = statuses.find((one) => one === asObject(input)['status'])
  if (!status) throw badRequest('status: Not a valid choice.')
  const fromAllowed = record.status === 'valid' || record.status === 'approved' || record.status === 'rejected'
  const toAllowed = status === 'approved' || status === 'rejected'
  const decidable = record.file.status === 'pending' || record.file.status === 'accepted'
  if (!fromAllowed || !toAllowed || !decidable) {
    throw wrongState(
      `Usage record cannot go from ${record.status} to ${status} while its file is ${record.file.status}.`
    )
  }
  setRecordStatus(record, status)
  addEffect(sandbox.store, record.id, status)
}

/** Closes a record without a check: the calling function must have checked that the record is approved. */
export function closeOne (
  sandbox: Sandbox, actor: Actor, record: UsageRecord, billingId: string | null, billingNote: string | null
): void {
  setRecordStatus(record, 'closed')
  record.billingId = billingId
  record.billingNote = billingNote
  record.closedAt = nowOf(sandbox)
  record.closedBy = actor.user.id
  if (billingId !== null) record.file.counts.billed += 1
  addEffect(sandbox.store, record.id, 'closed')
}

/**
 * Changes the billing id and the billing note of a record. Gives `left` when the record has both already. Connect's
 * workflow documents allow the change for closed records of a closed file, which the calling function must check.
 */
export function changeBilling (
  sandbox: Sandbox, record: UsageRecord, billingId: string | null, billingNote: string | null
): 'changed' | 'left' {
  if (record.billingId === billingId && record.billingNote === billingNote) return 'left'
  if (record.chunk) keepLines(record.chunk)
  if (record.billingId === null && billingId !== null) record.file.counts.billed += 1
  record.billingId = billingId
  record.billingNote = billingNote
  addEffect(sandbox.store, record.id, 'billingChanged')
  return 'changed'
}

/** Gives the reason why a record cannot be closed; null when it can. To throw it for 200,000 rows would be slow. */
export function refuseClose (
  record: UsageRecord, billingId: string | null, billingNote: string | null
): { code: string, message: string } | null {
  // One of the two is enough here, because sources disagree: the specification, the workflow pages, and a hub that
  // sends only a note.
  if (!billingId && !billingNote) {
    return { code: 'USG_104', message: 'external_billing_id or external_billing_note is required.' }
  }
  if (record.status === 'closed') return { code: 'USG_102', message: 'Usage record is already closed.' }
  if (record.status !== 'approved' || (record.file.status !== 'accepted' && record.file.status !== 'closed')) {
    return { code: 'USG_101', message: `Usage record in status ${record.status} cannot be closed.` }
  }
  return null
}

function billing (input: unknown): { billingId: string | null, billingNote: string | null } {
  const body = asObject(input)
  return {
    billingId: textField(body, 'external_billing_id', 255) ?? null,
    billingNote: textField(body, 'external_billing_note', 255) ?? null
  }
}

export function closeRecord (sandbox: Sandbox, actor: Actor, record: UsageRecord, input: unknown): void {
  requireRole(actor, 'provider')
  const { billingId, billingNote } = billing(input)
  const refusal = refuseClose(record, billingId, billingNote)
  addEffect(sandbox.store, record.id, 'closeAttempts')
  if (refusal) throw new ConnectError(400, refusal.code, refusal.message)
  closeOne(sandbox, actor, record, billingId, billingNote)
  if (sandbox.options.autoCloseFile) closeFileWhenDone(sandbox, actor, record.file)
}

/** Closes a chunk only. The calling function must check the chunk's status, and close its records. */
export function setChunkClosed (sandbox: Sandbox, actor: Actor, chunk: Chunk): void {
  chunk.status = 'closed'
  chunk.outdated = null
  chunk.events.closed = eventBy(sandbox, actor)
  addEffect(sandbox.store, chunk.id, 'closed')
}

export interface CloseResult { id: string, status?: RecordStatus, error_codes?: string, error_details?: string }

/** Gives one result for each row. A refused row does not stop the others; a row of a wrong form is a 400 for all. */
export function closeRecords (sandbox: Sandbox, actor: Actor, input: unknown): CloseResult[] {
  requireRole(actor, 'provider')
  if (!Array.isArray(input)) throw badRequest('The body must be an array.')
  const rows = input.map((row: unknown) => {
    const id = textField(asObject(row), 'id', 255)
    if (!id) throw badRequest('id: This field is required.')
    return { id, ...billing(row) }
  })
  return rows.map(({ id, billingId, billingNote }) => {
    const record = sandbox.store.records.get(id)
    if (!record || !seesRecord(actor.account, record)) {
      return { id, error_codes: 'USG_103', error_details: 'Usage record not found.' }
    }
    addEffect(sandbox.store, id, 'closeAttempts')
    const refusal = refuseClose(record, billingId, billingNote)
    if (refusal) {
      return { id, status: record.status, error_codes: refusal.code, error_details: refusal.message }
    }
    closeOne(sandbox, actor, record, billingId, billingNote)
    if (sandbox.options.autoCloseFile) closeFileWhenDone(sandbox, actor, record.file)
    return { id, status: record.status }
  })
}

/**
 * Closes an accepted file, its approved records (without billing id), and its ready and draft chunks. No source tells
 * of the chunks, but they have no record left to close.
 */
export function closeFile (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'close', ['accepted'])
  setFileStatus(sandbox, file, 'closed')
  file.events.closed = eventBy(sandbox, actor)
  for (const record of file.records) {
    if (record.status === 'approved') closeOne(sandbox, actor, record, null, null)
  }
  for (const chunk of file.chunks) {
    if (chunk.status === 'ready' || chunk.status === 'draft') setChunkClosed(sandbox, actor, chunk)
  }
  addEffect(sandbox.store, file.id, 'closed')
}

/**
 * Closes an accepted file without valid and approved records. Connect's workflow pages of 2022 tell that a file closes
 * after its last chunk, and after the reconciliation of its last record. No source tells whether it closes when its
 * records are closed one by one.
 */
export function closeFileWhenDone (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  if (file.status === 'accepted' && file.counts.valid + file.counts.approved === 0) closeFile(sandbox, actor, file)
}
