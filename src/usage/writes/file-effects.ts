import type * as Connect from '../../connect/types.ts'
import { digestOf, type Trace } from './attempt.ts'
import { fieldsOf, text } from '../mapping/normalize.ts'
import { statusOf } from '../mapping/usage-file.ts'

/**
 * Whether a file shows that an action took effect: asked only after a doubtful end. A status that could also have come
 * about otherwise proves nothing.
 */
type Effect = (file: Connect.UsageFile) => boolean

/** A usage rule may decide seconds after the submit; `rejected` could be from an earlier round. */
export const isSubmitted: Effect = (file) => ['pending', 'accepted', 'closed'].includes(statusOf(file) ?? '')

export const isAcceptedWith =
  (note: string | undefined): Effect =>
    file =>
      ['accepted', 'closed'].includes(statusOf(file) ?? '') &&
    (note === undefined || isSameText(file.acceptance_note, note))

export const isRejectedWith = (note: string): Effect => (file) =>
  statusOf(file) === 'rejected' && isSameText(file.rejection_note, note)

export const isClosed: Effect = (file) => statusOf(file) === 'closed'
export const isDeleted: Effect = (file) => statusOf(file) === 'deleted'

/** Work that is over leaves no trace that could be told from earlier work. */
export const isReprocessing: Effect = (file) => text(file.sub_status)?.toLowerCase() === 'processing'

/** Records that a decision for all would have changed: none are left when it took effect. */
export const undecidedRecords = (fileId: string) => ({
  'usagefile.id': fileId,
  status: ['valid', 'rejected'] as const
})

function isSameText (found: unknown, given: string): boolean {
  return (text(found) ?? '').trim() === given.trim()
}

/**
 * Whether a later upload than the one seen before has arrived, by Connect's own times: our clock and Connect's are not
 * the same.
 */
export const isUploadedSince = (before: Trace | null): Effect => (file) => {
  const at = uploadedAt(file)
  return before !== null && at !== null && at !== before['uploadedAt']
}

/** What of a file changes when anything is done to it. Links are signed anew at every look, and counters run on. */
export function fileTrace (file: Connect.UsageFile): Trace {
  const events = Object.entries(fieldsOf(file.events) ?? {}).map(([name, event]): [string, unknown] => [
    name,
    fieldsOf(event)?.['at']
  ])
  return {
    status: text(file.status),
    uploadedAt: uploadedAt(file),
    rest: digestOf(
      file.sub_status,
      file.description,
      file.note,
      file.currency,
      file.external_id,
      file.period,
      file.acceptance_note,
      file.rejection_note,
      events.sort()
    )
  }
}

function uploadedAt (file: Connect.UsageFile): string | null {
  return text(file.events?.['uploaded']?.at)
}
