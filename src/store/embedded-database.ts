import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { checkFile } from './embedded-file.ts'
import { takeOwnership } from './embedded-owner.ts'
import { StoreStartError, type Mark, type StoreLog } from './store.ts'

export type Database = RootDatabase<unknown, string | (string | number)[]>

/** The entry of a key on disk. */
export interface Kept {
  v: number
  base: Mark['as'] | 'done'
  fingerprint: string
  /** Wall-clock milliseconds. */
  sentAt: number
  expiresAt: number
  /** `sentAt` on the monotonic clock of the process that wrote the entry. `by` is the version of that process. */
  at?: number
  by?: number
  note?: string | null
  answer?: string
}

/** The first part of the keys that tell when an entry expires. */
export const DUE = 'due'
/** Address space, not disk space: the file grows with its content. */
const MAP_BYTES = 8 * 1024 ** 3
const MIB = 1024 ** 2
/**
 * The free space that a start needs, enough for some of the largest answers. The start writes this many bytes before
 * lmdb opens its files. On a full disk lmdb would end the process with SIGBUS or SIGSEGV (lmdb 3.5.6), and no code can
 * catch these. A trial write also finds quotas, which `statfs` does not show.
 */
const MIN_FREE_BYTES = 4 * MIB

/**
 * Opens the database in a folder, makes the folder if it is missing, and makes this process the owner. Gives the
 * database, and the version that all writes of this process need. Throws StoreStartError with a message for operators.
 */
export async function openDatabase (path: string, log: StoreLog): Promise<{ db: Database, version: number }> {
  try {
    await makeFolder(resolve(path))
    await checkFile(join(path, 'data.mdb'), log)
    await requireRoom(path)
    return await openAndOwn(path)
  } catch (error) {
    if (error instanceof StoreStartError) throw error
    const reason = ((await reasonOf(error)) as Error).message.split('\n', 1)[0]
    const remedy = `It needs a local folder that this process may write to, with ${MIN_FREE_BYTES / MIB} MiB free.`
    const what = `The state store at ${path} (STORE_URL) cannot be opened: ${reason}.`
    throw new StoreStartError(`${what} ${remedy}`, { cause: error })
  }
}

/** Gives the key that tells when an entry expires, rounded up to minutes. These keys are in the order of time. */
export function dueKey (expiresAt: number, key: string): (string | number)[] {
  return [DUE, Math.ceil(expiresAt / 60_000), key]
}

/** Gives the reason of a failed write. For a failed commit lmdb rejects two promises; the inner one has the reason. */
export async function reasonOf (error: unknown): Promise<unknown> {
  return await (error as { commitError?: Promise<never> }).commitError?.catch((inner: unknown) => inner) ?? error
}

async function openAndOwn (path: string): Promise<{ db: Database, version: number }> {
  // With a static import, the bundle would load lmdb at each start, with Redis too.
  const lmdb = await import('lmdb')
  const db: Database = lmdb.open({
    path, noSubdir: false, encoding: 'json', useVersions: true, cache: false, mapSize: MAP_BYTES,
    // A write resolves when it is on the disk, not when it is visible.
    overlappingSync: false,
    // With batches, lmdb makes a promise that no code can reach. Its rejection would be an unhandled one.
    eventTurnBatching: false
  })
  try {
    return { db, version: await takeOwnership(db, path) }
  } catch (error) {
    const reason = await reasonOf(error)
    await db.close().catch(() => {})
    throw reason
  }
}

/**
 * Makes a folder and those above it that are missing. Rejects with the error of the file system. The recursive `mkdir`
 * of Node.js never ends in `/proc`, where a folder exists and cannot get another one (Node.js 20 and 24).
 */
async function makeFolder (path: string): Promise<void> {
  const error = await mkdir(path, { mode: 0o700 }).then(() => null, (reason: NodeJS.ErrnoException) => reason)
  if (error === null || (error.code === 'EEXIST' && (await stat(path)).isDirectory())) return
  if (error.code !== 'ENOENT' || dirname(path) === path) throw error
  await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 })
}

/** Rejects with the error of the file system when MIN_FREE_BYTES cannot be written. Leaves no file behind. */
async function requireRoom (folder: string): Promise<void> {
  const path = join(folder, `room-${randomUUID()}`)
  const handle = await open(path, 'wx', 0o600)
  try {
    await unlink(path)
    // Random bytes, because a file system may compress others.
    const noise = randomBytes(MIB)
    for (let written = 0; written < MIN_FREE_BYTES; written += MIB) await handle.writeFile(noise)
  } finally {
    await handle.close()
  }
}
