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
 * Changes the billing id and the billing note of a record, which the calling function must have checked to be closed.
 * Gives `left` when both are the same already, else `changed`. Connect's workflow documents allow this for records of a
 * closed file.
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

/**
 * Gives the reason why a record cannot be closed now; null when it can. It is no Error, because a bulk close may be
 * refused 200,000 times.
 */
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

/**
 * Marks a chunk as closed: sets its status and its event, drops the lines in `outdated`, and records the effect
 * `closed`. Checks neither the role nor the status of the chunk, and does not close its records: the calling function
 * must.
 */
export function setChunkClosed (sandbox: Sandbox, actor: Actor, chunk: Chunk): void {
  chunk.status = 'closed'
  chunk.outdated = null
  chunk.events.closed = eventBy(sandbox, actor)
  addEffect(sandbox.store, chunk.id, 'closed')
}

export interface CloseResult { id: string, status?: RecordStatus, error_codes?: string, error_details?: string }

/**
 * Closes records in bulk, and gives one result for each row: a refused row does not stop the others. Throws a 400 for a
 * body of a wrong form, before any row takes effect.
 */
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
 * Closes an accepted file and, without billing id and note, its records that are still approved. Its ready and draft
 * chunks close, too: no source says so, but they have no record left to close. Throws a 403 for a vendor, and a 400 for
 * a file in another status.
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
 * Closes an accepted file that has no valid or approved record left; else does nothing. Connect's workflow pages of
 * 2022 describe this for the last chunk and for reconciled records. For records that are closed one by one no source
 * does.
 */
export function closeFileWhenDone (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  if (file.status === 'accepted' && file.counts.valid + file.counts.approved === 0) closeFile(sandbox, actor, file)
}
