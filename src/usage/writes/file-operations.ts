import type { UpdateUsageFileBody } from '../../../schemas/usage-file-input.ts'
import type { FileAction, FileStatus, UsageFile } from '../../../schemas/usage-file.ts'
import type * as Connect from '../../connect/types.ts'
import { isFileActionAllowed } from '../actions.ts'
import { fieldsOf, text, time } from '../mapping/normalize.ts'
import { actionsOf, detailOf, statusOf, toUsageFile } from '../mapping/usage-file.ts'
import { digestOf, isSameSnapshot, type Snapshot } from './snapshot.ts'
import { instant, trimmed } from './compare.ts'
import { notShown } from './confirm-success.ts'
import type { Run, SimpleWrite } from './engine.ts'
import { ignoresUpdate, showsUpdate, updateBody } from './file-header.ts'
import { present } from './present.ts'

interface FileInput { readonly fileId: string }
type FileRun<Given> = Run<FileInput & Given, Connect.UsageFile>
type FileWrite<Given> = SimpleWrite<FileInput & Given, Connect.UsageFile, UsageFile>

function fileDefaults (action: FileAction): Omit<FileWrite<unknown>, 'operationId' | 'send' | 'shows'> {
  return {
    toldBy: 'status, fields and times of the file',
    nextRequestSends: 'when it is as before',
    resend: 'nothing',
    readsFirst: false,
    explainsLostRefusals: true,
    read: async ({ connect, input, context }) => await connect.usageFiles.get(input.fileId, context),
    snapshot: fileSnapshot,
    denies: () => false,
    obstacle: (file, { context: { actor } }) => {
      const status = statusOf(file)
      if (status === null || isFileActionAllowed(action, status, actor.role)) return null
      const detail = `The usage file is ${status}: ${action} is not possible now.`
      return { detail, extra: { currentStatus: status, actions: actionsOf(file, actor) } }
    },
    isWhole: (answer, { input }) => detailOf(input.fileId, answer) !== null,
    show: (file, { context }) => toUsageFile(file, context.actor, 'detail'),
    showUnread: (answer, { context, input }) =>
      toUsageFile({ ...answer, id: input.fileId }, context.actor, 'list')
  }
}

function fileWrite<Given = unknown> (
  action: FileAction, write: Pick<FileWrite<Given>, 'operationId' | 'send' | 'shows'> & Partial<FileWrite<Given>>
): FileWrite<Given> {
  return { ...fileDefaults(action), ...write }
}

interface LeavingWrite<Given> extends Pick<FileWrite<Given>, 'operationId' | 'send' | 'shows'> {
  /** The statuses that a file can have after a success. Every other known status denies a reported success. */
  readonly leadsTo: readonly FileStatus[]
  /** Whether a file that shows no known status denies a success, too. Default: false. */
  readonly mustShow?: boolean
}

/** For an action that takes a file at once out of every status that allows it: Connect then refuses a second send. */
function leavingWrite<Given = unknown> (
  action: FileAction, { leadsTo, mustShow = false, ...write }: LeavingWrite<Given>
): FileWrite<Given> {
  return fileWrite(action, {
    resend: 'a failure or a reset',
    denies: file => !(isIn(file, ...leadsTo) ?? !mustShow),
    ...write
  })
}

/** `rejected` does not show the submit, because the file may have been rejected before. */
export const SUBMIT = leavingWrite('submit', {
  operationId: 'submitUsageFile',
  leadsTo: ['pending', 'accepted', 'rejected', 'closed'],
  send: async ({ connect, input }, context) => await connect.usageFiles.submit(input.fileId, context),
  shows: file => isIn(file, 'pending', 'accepted', 'closed')
})

/** Accepts a file. A note that was sent is compared: a usage rule may have accepted the file with another note. */
export const ACCEPT = leavingWrite<{ readonly note: string | undefined }>('accept', {
  operationId: 'acceptUsageFile',
  leadsTo: ['accepted', 'closed'],
  send: async ({ connect, input }, context) =>
    await connect.usageFiles.accept(input.fileId, present('acceptance_note', input.note), context),
  shows: (file, { input: { note } }) =>
    isIn(file, 'accepted', 'closed') && (note === undefined || trimmed(file.acceptance_note) === note.trim())
})

export const REJECT = leavingWrite<{ readonly note: string }>('reject', {
  operationId: 'rejectUsageFile',
  leadsTo: ['rejected'],
  send: async ({ connect, input }, context) =>
    await connect.usageFiles.reject(input.fileId, { rejection_note: input.note }, context),
  shows: (file, { input }) => isIn(file, 'rejected') && trimmed(file.rejection_note) === input.note.trim()
})

/** Closes a file. A closed file stays closed, so after a success Connect must show `closed`. */
export const CLOSE_FILE = leavingWrite('close', {
  operationId: 'closeUsageFile',
  leadsTo: ['closed'],
  mustShow: true,
  send: async ({ connect, input }, context) => await connect.usageFiles.close(input.fileId, context),
  shows: file => isIn(file, 'closed')
})

export const DELETE_FILE = leavingWrite('delete', {
  operationId: 'deleteUsageFile',
  leadsTo: ['deleted'],
  send: async ({ connect, input }, context) => await connect.usageFiles.delete(input.fileId, context),
  shows: file => isIn(file, 'deleted')
})

/**
 * When all records are approved, none is `valid` or `rejected`. After a success, this write counts such records only
 * if the answer is not the whole file: such an answer may come from a gateway, but the whole file comes from Connect.
 */
export const APPROVE_ALL = fileWrite('approve-all', {
  operationId: 'approveAllUsageRecords',
  toldBy: 'whether any record is left to approve',
  resend: 'a failure',
  send: async ({ connect, input }, context) => await connect.usageFiles.approveAll(input.fileId, context),
  shows: async (_file, run) => await countUndecided(run) === 0,
  showsOthers: true,
  denies: async (_file, run, isRead) => isRead && await countUndecided(run) > 0
})

/** Finished work looks like earlier work, so only work that still runs shows the effect. */
export const REPROCESS = fileWrite('reprocess', {
  operationId: 'reprocessUsageFile',
  toldBy: 'work that is under way',
  nextRequestSends: 'no',
  send: async ({ connect, input }, context) => await connect.usageFiles.reprocess(input.fileId, context),
  shows: file => text(file.sub_status)?.toLowerCase() === 'processing'
})

/**
 * Reads the file before the send, because Connect takes the whole header. Reads it again after each success, whatever
 * Connect answers.
 */
export const UPDATE_FILE = fileWrite<{ readonly given: UpdateUsageFileBody }>('update', {
  operationId: 'updateUsageFile',
  resend: 'a failure',
  readsFirst: true,
  send: async ({ connect, input, object }, context) =>
    await connect.usageFiles.update(input.fileId, updateBody(object ?? {}, input.given), context),
  shows: (file, { input }) => showsUpdate(file, input.given),
  denies: (file, { input, object }) => ignoresUpdate(object ?? {}, file, input.given),
  isWhole: () => false,
  showUnread: (answer, { context, input, object }) => {
    const shown = { ...object, ...answer, id: input.fileId }
    if (!showsUpdate(shown, input.given)) throw notShown()
    return toUsageFile(shown, context.actor, 'list')
  }
})

/** A write that sends a workbook. The calling function adds `send`, because it has the workbook. */
type FileUpload = Omit<FileWrite<unknown>, 'send'>

/** Connect's time of the last upload tells whether a new upload has arrived. Our own clock may show another time. */
export const UPLOAD: FileUpload = {
  ...fileDefaults('upload'),
  operationId: 'uploadUsageFile',
  readsFirst: true,
  showsOthers: true,
  shows: (file, { before }) => before !== null && isUploadedLater(file, before),
  denies: (file, { before }) => {
    if (before === null) return false
    // A cache may show the file as it was before an earlier upload. Such a file differs from `before`, has the same
    // status, and shows no new upload.
    const showsNone = file.events?.['uploaded'] !== undefined && !isUploadedLater(file, before)
    return isSameSnapshot(fileSnapshot(file), before) || (showsNone && text(file.status) === before['status'])
  }
}

/** Whether a file shows a later upload than before, or its first one. False when one of the two times is no time. */
function isUploadedLater (file: Connect.UsageFile, before: Snapshot): boolean {
  const at = uploadedAt(file)
  const earlier = before['uploadedAt'] ?? null
  return at !== null && time(at) !== null && (earlier === null || (time(earlier) !== null && earlier < at))
}

/** A file does not show its reconciliations, so nothing tells the outcome. */
export const RECONCILE: FileUpload = {
  ...fileDefaults('reconcile'),
  operationId: 'reconcileUsageFile',
  toldBy: 'nothing: the answer says what to look for',
  nextRequestSends: 'no',
  readsFirst: true,
  shows: () => null
}

export const FILE_WRITES = [
  SUBMIT, ACCEPT, REJECT, CLOSE_FILE, DELETE_FILE, UPDATE_FILE, UPLOAD, APPROVE_ALL, REPROCESS, RECONCILE
]

/** Whether a file is in one of these statuses. Null for a file that shows no known status. */
function isIn (file: Connect.UsageFile, ...statuses: FileStatus[]): boolean | null {
  const status = statusOf(file)
  return status === null ? null : statuses.includes(status)
}

async function countUndecided ({ connect, input, context }: FileRun<unknown>): Promise<number> {
  return await connect.usageRecords.count({ 'usagefile.id': input.fileId, status: ['valid', 'rejected'] }, context)
}

/** Links and counters are not in it: links are signed anew at every read, and counters change by themselves. */
export function fileSnapshot (file: Connect.UsageFile): Snapshot {
  const events = Object.entries(fieldsOf(file.events) ?? {}).map(([name, event]): [string, unknown] => [
    name,
    instant(fieldsOf(event)?.['at'])
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

/** Gives the time of the last upload by Connect's clock, in a form that sorts by time; null when it is not shown. */
export function uploadedAt (file: Connect.UsageFile): string | null {
  return instant(file.events?.['uploaded']?.at)
}
