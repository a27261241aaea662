import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { checkFile } from './embedded-file.ts'
import { takeOwnership } from './embedded-owner.ts'
import { StoreStartError, type Mark, type StoreLog } from './store.ts'

export type Database = RootDatabase<unknown, string | (string | number)[]>

/** What the store has on disk for one idempotency key, from the first mark or answer of the key on. */
export interface Kept {
  v: number
  base: Mark['as'] | 'done'
  fingerprint: string
  /** When the mark or the answer was written. In milliseconds since 1970, and so is `expiresAt`. */
  sentAt: number
  expiresAt: number
  /** The time of `sentAt` by `performance.now()` of the process whose version is `by`. Others have another clock. */
  at?: number
  by?: number
  note?: string | null
  answer?: string
}

export const DUE = 'due'
/** The largest size of the database. lmdb reserves as much address space, but no disk space. */
const MAP_BYTES = 8 * 1024 ** 3
const MIB = 1024 ** 2
/**
 * Room for four of the largest answers. `openDatabase` writes this number of bytes before lmdb opens its files: on a
 * full disk lmdb would end the process with SIGBUS or SIGSEGV (lmdb 3.5.6), which no code can catch. Writing also finds
 * a quota, which `statfs` does not show.
 */
const MIN_FREE_BYTES = 4 * MIB

/**
 * Opens the database in a folder, which it makes if it is missing, and makes this process the owner: the only process
 * that may write. All writes must name `version`. Throws StoreStartError with a message for operators.
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

/** Gives the database key by which an expired entry is found. The database sorts these keys by time. */
export function dueKey (expiresAt: number, key: string): (string | number)[] {
  return [DUE, Math.ceil(expiresAt / 60_000), key]
}

/** Gives the reason of a failed write. For a failed commit, the error of lmdb has it in a promise, `commitError`. */
export async function reasonOf (error: unknown): Promise<unknown> {
  return await (error as { commitError?: Promise<never> }).commitError?.catch((inner: unknown) => inner) ?? error
}

async function openAndOwn (path: string): Promise<{ db: Database, version: number }> {
  // In the bundle, a static import would load lmdb at each start, also when Redis is the store.
  const lmdb = await import('lmdb')
  const db: Database = lmdb.open({
    path, noSubdir: false, encoding: 'json', useVersions: true, cache: false, mapSize: MAP_BYTES,
    // Off, so that the promise of a write resolves when the write is on the disk, not already when it can be read.
    overlappingSync: false,
    // Off, because with batches lmdb makes a promise that no code can reach, so its rejection would be unhandled.
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

/** Stands in place of the recursive `mkdir`, which does not return below `/proc` (Node.js 20 and 24). */
async function makeFolder (path: string): Promise<void> {
  const error = await mkdir(path, { mode: 0o700 }).then(() => null, (reason: NodeJS.ErrnoException) => reason)
  if (error === null || (error.code === 'EEXIST' && (await stat(path)).isDirectory())) return
  if (error.code !== 'ENOENT' || dirname(path) === path) throw error
  await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 })
}

/**
 * Rejects with the error of the system when MIN_FREE_BYTES cannot be written to the folder. Writes into a file that has
 * no name any more, so the bytes do not stay on the disk, not even after a crash.
 */
async function requireRoom (folder: string): Promise<void> {
  const path = join(folder, `room-${randomUUID()}`)
  const handle = await open(path, 'wx', 0o600)
  try {
    await unlink(path)
    // Random bytes, because a file system may compress other bytes to nearly nothing.
    const noise = randomBytes(MIB)
    for (let written = 0; written < MIN_FREE_BYTES; written += MIB) await handle.writeFile(noise)
  } finally {
    await handle.close()
  }
}
