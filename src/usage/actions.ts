import { FILE_ACTIONS, FILE_STATUSES, type FileAction, type FileStatus } from '../../schemas/usage-file.ts'
import type { CHUNK_ACTIONS, CHUNK_STATUSES } from '../../schemas/usage-chunk.ts'
import type { Actor, Role, Scope } from '../credentials/callers.ts'

export type ChunkAction = typeof CHUNK_ACTIONS[number]
type ChunkStatus = typeof CHUNK_STATUSES[number]

/**
 * Which role may do an action, with which scope, in which statuses of the file. A row also has the statuses for which
 * Connect's documents do not say whether they allow the action.
 */
const FILE_TABLE: Readonly<Record<FileAction, { role: Role, scope: Scope, statuses: readonly FileStatus[] }>> = {
  update: {
    role: 'vendor',
    scope: 'usage:write',
    statuses: ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'rejected']
  },
  upload: { role: 'vendor', scope: 'usage:write', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  // In some accounts of Connect a file stays `uploaded` after it was processed, so `uploaded` allows a submit.
  submit: { role: 'vendor', scope: 'usage:submit', statuses: ['uploaded', 'ready'] },
  delete: { role: 'vendor', scope: 'usage:write', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  accept: { role: 'provider', scope: 'usage:decide', statuses: ['pending'] },
  reject: { role: 'provider', scope: 'usage:decide', statuses: ['pending'] },
  'approve-all': { role: 'provider', scope: 'usage:decide', statuses: ['pending', 'accepted'] },
  reconcile: { role: 'provider', scope: 'usage:close', statuses: ['accepted', 'closed'] },
  reprocess: { role: 'provider', scope: 'usage:close', statuses: ['accepted', 'closed'] },
  // `closed` allows it: a closed file may still have approved records, and no document of Connect forbids their close.
  'close-records': { role: 'provider', scope: 'usage:close', statuses: ['accepted', 'closed'] },
  close: { role: 'provider', scope: 'usage:close', statuses: ['accepted'] }
}

const CHUNK_TABLE: Readonly<Record<ChunkStatus, readonly ChunkAction[]>> = {
  draft: ['update', 'regenerate'],
  ready: ['update', 'close', 'regenerate'],
  failed: ['update', 'regenerate'],
  closed: ['update']
}

const CHUNK_SCOPE: Scope = 'usage:close'

/** Whether a file may have records left to approve (for `approve-all`) and to close (for `close-records`). */
export interface RecordsLeft { toApprove: boolean, toClose: boolean }

export function fileActions (status: FileStatus | null, { role, scopes }: Actor, left: RecordsLeft): FileAction[] {
  if (status === null) return []
  return (ALLOWED[role].get(status) ?? []).filter(action => {
    if (!scopes.includes(FILE_TABLE[action].scope)) return false
    return action === 'approve-all' ? left.toApprove : action !== 'close-records' || left.toClose
  })
}

/**
 * Gives, for each status of a file, the actions that a role may do. The module calls this once for each role, because a
 * list of files needs these actions for each file.
 */
const allowedTo = (role: Role): ReadonlyMap<FileStatus, readonly FileAction[]> =>
  new Map(
    FILE_STATUSES.map(status => [status, FILE_ACTIONS.filter(action => isFileActionAllowed(action, status, role))])
  )
const ALLOWED: Readonly<Record<Role, ReadonlyMap<FileStatus, readonly FileAction[]>>> = {
  vendor: allowedTo('vendor'),
  provider: allowedTo('provider')
}

export function isFileActionAllowed (action: FileAction, status: FileStatus | null, role: Role): boolean {
  const row = FILE_TABLE[action]
  return row.role === role && status !== null && row.statuses.includes(status)
}

export function chunkActions (status: ChunkStatus | null, { role, scopes }: Actor): ChunkAction[] {
  return role === 'vendor' || status === null || !scopes.includes(CHUNK_SCOPE) ? [] : [...CHUNK_TABLE[status]]
}
