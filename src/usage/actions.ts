import { FILE_ACTIONS, FILE_STATUSES, type FileAction, type FileStatus } from '../../schemas/usage-file.ts'
import type { CHUNK_ACTIONS, CHUNK_STATUSES } from '../../schemas/usage-chunk.ts'
import type { Role } from '../credentials/callers.ts'

export type ChunkAction = typeof CHUNK_ACTIONS[number]
type ChunkStatus = typeof CHUNK_STATUSES[number]

/**
 * The actions on a file, each with the role and the statuses in which it is allowed. Connect's documents do not say it
 * for every status. Where they do not, the action is allowed here, and Connect decides.
 */
const FILE_TABLE: Readonly<Record<FileAction, { role: Role; statuses: readonly FileStatus[] }>> = {
  update: {
    role: 'vendor',
    statuses: ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'rejected']
  },
  upload: { role: 'vendor', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  // In some accounts a file stays `uploaded` after processing.
  submit: { role: 'vendor', statuses: ['uploaded', 'ready'] },
  delete: { role: 'vendor', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  accept: { role: 'provider', statuses: ['pending'] },
  reject: { role: 'provider', statuses: ['pending'] },
  'approve-all': { role: 'provider', statuses: ['pending', 'accepted'] },
  reconcile: { role: 'provider', statuses: ['accepted', 'closed'] },
  reprocess: { role: 'provider', statuses: ['accepted', 'closed'] },
  // No document of Connect forbids to close the approved records of a closed file.
  'close-records': { role: 'provider', statuses: ['accepted', 'closed'] },
  close: { role: 'provider', statuses: ['accepted'] }
}

const CHUNK_TABLE: Readonly<Record<ChunkStatus, readonly ChunkAction[]>> = {
  draft: ['update', 'regenerate'],
  ready: ['update', 'close', 'regenerate'],
  failed: ['update', 'regenerate'],
  closed: ['update']
}

/** Gives the actions that a role may take on a file in a status; none for an unknown status. */
export function fileActions (status: FileStatus | null, role: Role): FileAction[] {
  return status === null ? [] : [...ALLOWED[role].get(status) ?? []]
}

/** The allowed actions of a role by status, computed once, because a list needs them for each of its files. */
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

/** Gives the actions that a role may take on a chunk. A vendor has none. */
export function chunkActions (status: ChunkStatus | null, role: Role): ChunkAction[] {
  return role === 'vendor' || status === null ? [] : [...CHUNK_TABLE[status]]
}
