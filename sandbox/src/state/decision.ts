import { eventBy } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { requireRole } from './access.ts'
import { createChunks } from './chunks.ts'
import { requireStatus } from './files.ts'
import { asObject, textField } from './header.ts'
import { refreshProcessed } from './general.ts'
import { setFileStatus } from './file-status.ts'
import { setRecordStatus } from './record-status.ts'
import { judgeByRules } from './rule-verdict.ts'
import { addEffect } from './store.ts'
import type { Actor, UsageFile } from './types.ts'

export function submitFile (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  requireRole(actor, 'vendor')
  requireStatus(file, 'submit', ['ready'])
  setFileStatus(sandbox, file, 'pending')
  file.events.submitted = eventBy(sandbox, actor)
  addEffect(sandbox.store, file.id, 'submitted')
  const run = file.run
  sandbox.tasks.after(sandbox.options.processingMs * 2, () => {
    if (file.run === run && file.status === 'pending') applyRules(sandbox, file)
  })
}

/** Applies the usage rules as they are now. When no rule decides the file, the option `defaultRule` does. */
function applyRules (sandbox: Sandbox, file: UsageFile): void {
  const verdict = judgeByRules(sandbox.store.rules, file)
  for (const [record, status] of verdict.records) {
    setRecordStatus(record, status)
    addEffect(sandbox.store, record.id, status)
  }
  const decision = verdict.file ?? sandbox.options.defaultRule
  if (decision === 'accept') accept(sandbox, null, file, 'Auto Approved')
  if (decision === 'reject') reject(sandbox, null, file, 'Auto Rejected')
}

export function acceptFile (sandbox: Sandbox, actor: Actor, file: UsageFile, input: unknown): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'accept', ['pending'])
  accept(sandbox, actor, file, textField(asObject(input), 'acceptance_note', 200) ?? null)
}

function accept (sandbox: Sandbox, actor: Actor | null, file: UsageFile, note: string | null): void {
  setFileStatus(sandbox, file, 'accepted')
  file.acceptanceNote = note
  file.events.accepted = eventBy(sandbox, actor)
  for (const record of file.records) {
    if (record.status === 'valid') setRecordStatus(record, 'approved')
  }
  createChunks(sandbox, file)
  refreshProcessed(file)
  addEffect(sandbox.store, file.id, 'accepted')
}

export function rejectFile (sandbox: Sandbox, actor: Actor, file: UsageFile, input: unknown): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'reject', ['pending'])
  reject(sandbox, actor, file, textField(asObject(input), 'rejection_note', 200) ?? null)
}

function reject (sandbox: Sandbox, actor: Actor | null, file: UsageFile, note: string | null): void {
  setFileStatus(sandbox, file, 'rejected')
  file.rejectionNote = note
  file.events.rejected = eventBy(sandbox, actor)
  for (const record of file.records) {
    if (record.status !== 'invalid') setRecordStatus(record, 'rejected')
  }
  refreshProcessed(file)
  addEffect(sandbox.store, file.id, 'rejected')
}

export function approveAll (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'approve-all', ['pending', 'accepted'])
  for (const record of file.records) {
    if (record.status === 'valid' || record.status === 'rejected') setRecordStatus(record, 'approved')
  }
  addEffect(sandbox.store, file.id, 'approvedAll')
}

export function reprocessFile (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  requireRole(actor, 'provider')
  requireStatus(file, 'reprocess', ['accepted', 'closed'])
  file.subStatus = 'processing'
  addEffect(sandbox.store, file.id, 'reprocessed')
  sandbox.tasks.after(sandbox.options.processingMs, () => {
    refreshProcessed(file)
    file.subStatus = 'processed'
  })
}
