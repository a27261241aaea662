import { FILE_ACTIONS, FILE_STATUSES, type FileAction, type FileStatus } from '../../schemas/usage-file.ts'
import type { CHUNK_ACTIONS, CHUNK_STATUSES } from '../../schemas/usage-chunk.ts'
import type { Role } from '../credentials/callers.ts'

export type ChunkAction = typeof CHUNK_ACTIONS[number]
type ChunkStatus = typeof CHUNK_STATUSES[number]

/**
 * Who may do what with a file in which status. The sources do not settle every cell; where they are silent the action
 * counts as allowed, because Connect decides anyway and a button that is missing helps nobody.
 */
const FILE_TABLE: Readonly<Record<FileAction, { role: Role; statuses: readonly FileStatus[] }>> = {
  update: {
    role: 'vendor',
    statuses: ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'rejected']
  },
  upload: { role: 'vendor', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  // Some accounts have been seen to rest in `uploaded` after processing.
  submit: { role: 'vendor', statuses: ['uploaded', 'ready'] },
  delete: { role: 'vendor', statuses: ['draft', 'invalid', 'ready', 'rejected'] },
  accept: { role: 'provider', statuses: ['pending'] },
  reject: { role: 'provider', statuses: ['pending'] },
  'approve-all': { role: 'provider', statuses: ['pending', 'accepted'] },
  reconcile: { role: 'provider', statuses: ['accepted', 'closed'] },
  reprocess: { role: 'provider', statuses: ['accepted', 'closed'] },
  // Approved records of a closed file can still be closed: no source forbids it.
  'close-records': { role: 'provider', statuses: ['accepted', 'closed'] },
  close: { role: 'provider', statuses: ['accepted'] }
}

const CHUNK_TABLE: Readonly<Record<ChunkStatus, readonly ChunkAction[]>> = {
  draft: ['update', 'regenerate'],
  ready: ['update', 'close', 'regenerate'],
  failed: ['update', 'regenerate'],
  closed: ['update']
}

export function fileActions (status: FileStatus | null, role: Role): FileAction[] {
  return status === null ? [] : [...ALLOWED[role].get(status) ?? []]
}

/** Worked out once: a list asks for each of its files. */
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

/** Chunks are the provider's alone. */
export function chunkActions (status: ChunkStatus | null, role: Role): ChunkAction[] {
  return role === 'vendor' || status === null ? [] : [...CHUNK_TABLE[status]]
}
