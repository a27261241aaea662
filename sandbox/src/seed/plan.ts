import type { SeedSize } from '../options.ts'
import type { Random } from '../random.ts'
import type { Contract, FileStatus } from '../state/types.ts'
import {
  alpineContract, backupContract, bundleContract, fallballContract, legacyContract, messagingContract,
  northwindContract, pacificContract, testContract, voiceContract
} from './contracts.ts'

export interface PlannedFile { contract: Contract, status: FileStatus, rows: number }

const full: Readonly<Partial<Record<FileStatus, number>>> = {
  closed: 96,
  accepted: 54,
  pending: 30,
  ready: 22,
  invalid: 18,
  rejected: 16,
  draft: 14,
  deleted: 8,
  processing: 4,
  uploading: 2,
  uploaded: 2
}
const small: typeof full = {
  closed: 4,
  accepted: 4,
  pending: 3,
  ready: 2,
  invalid: 2,
  rejected: 2,
  draft: 2,
  deleted: 1,
  processing: 1,
  uploading: 1,
  uploaded: 1
}

/** The contracts of the planned files, besides Northwind's. One that stands here more often gets more files. */
const sources: readonly Contract[] = [
  fallballContract,
  fallballContract,
  fallballContract,
  fallballContract,
  bundleContract,
  backupContract,
  backupContract,
  voiceContract,
  voiceContract,
  messagingContract,
  legacyContract,
  testContract,
  alpineContract,
  alpineContract,
  pacificContract
]

const withRows: ReadonlySet<FileStatus> =
  new Set<FileStatus>(['closed', 'accepted', 'pending', 'ready', 'invalid', 'rejected', 'deleted'])

/** Plans the usage files of the start, the oldest first. The special ones that seed.ts adds are newer. */
export function planFiles (size: SeedSize, random: Random): PlannedFile[] {
  const counts = Object.entries(size === 'full' ? full : small) as [FileStatus, number][]
  const rowsOf = (status: FileStatus): number => {
    if (!withRows.has(status)) return 0
    return size === 'full' ? 40 + random.below(130) : 6 + random.below(6)
  }
  const ranked = counts.flatMap(([status, count], rank) => Array.from({ length: count }, (_, index) => ({
    order: rank * 12 + index * (count > 20 ? 1.2 : 3) + random.below(20),
    planned: { contract: sources[(index + rank) % sources.length] ?? fallballContract, status, rows: rowsOf(status) }
  })))
  const foreign: PlannedFile[] = Array.from({ length: size === 'full' ? 12 : 2 }, (_, index) =>
    ({ contract: northwindContract, status: index % 2 === 0 ? 'closed' : 'pending', rows: 20 }))
  const planned = ranked.sort((a, b) => a.order - b.order).map((one) => one.planned)
  return [...foreign, ...planned]
}
