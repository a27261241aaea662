import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { checkFile } from './embedded-file.ts'
import { takeOwnership } from './embedded-owner.ts'
import { StoreStartError, type Mark, type StoreLog } from './store.ts'

export type Database = RootDatabase<unknown, string | (string | number)[]>

/**
 * The entry of the embedded store on disk for one idempotency key. It is there from the first mark or answer of the key
 * until it expires or `release` removes it.
 */
export interface Kept {
  v: number
  base: Mark['as'] | 'done'
  fingerprint: string
  /** When the mark or the answer was written, in milliseconds since 1970. */
  sentAt: number
  /** When the store forgets the key, in milliseconds since 1970. */
  expiresAt: number
  /**
   * When the entry was written, in milliseconds of `performance.now()` of the process that wrote it. `by` is the
   * version with which that process owned the database (see `takeOwnership`). A process with another version has
   * another clock and cannot use `at`.
   */
  at?: number
  by?: number
  note?: string | null
  answer?: string
}

/** The first part of the database keys by which expired entries are found (see `dueKey`). */
export const DUE = 'due'
/**
 * The largest size of the database in bytes. lmdb reserves as much address space; the file on disk grows with its
 * content.
 */
const MAP_BYTES = 8 * 1024 ** 3
const MIB = 1024 ** 2
/**
 * The free disk space in bytes that a start needs: room for four of the largest answers. The start writes this many
 * bytes before lmdb opens its files. On a full disk lmdb would end the process with SIGBUS or SIGSEGV (lmdb 3.5.6), and
 * no code can catch these. Writing also finds a quota, which `statfs` does not show.
 */
const MIN_FREE_BYTES = 4 * MIB

/**
 * Opens the database in a folder, and makes the folder if it is missing. Checks before that its file is whole and that
 * the disk has room. Makes this process the owner, which is the only process that may write. Gives the database, and
 * the version (a number) that all writes of this process must name. When any of this fails, it throws StoreStartError
 * with a message for operators.
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

/**
 * Gives the database key by which an entry is found when it has expired. It is a list: `due`, the time at which the
 * entry expires in minutes since 1970 (rounded up), and the key of the entry. The database sorts these keys by time.
 */
export function dueKey (expiresAt: number, key: string): (string | number)[] {
  return [DUE, Math.ceil(expiresAt / 60_000), key]
}

/**
 * Gives the error that tells why a write failed. For a failed commit, lmdb rejects with an error that has a second
 * promise (`commitError`); the error of that promise tells why. Gives `error` itself when there is no second promise.
 */
export async function reasonOf (error: unknown): Promise<unknown> {
  return await (error as { commitError?: Promise<never> }).commitError?.catch((inner: unknown) => inner) ?? error
}

async function openAndOwn (path: string): Promise<{ db: Database, version: number }> {
  // lmdb is imported here, because a static import would load it at each start, also when Redis is the store.
  const lmdb = await import('lmdb')
  const db: Database = lmdb.open({
    path, noSubdir: false, encoding: 'json', useVersions: true, cache: false, mapSize: MAP_BYTES,
    // The promise of a write resolves when the write is on the disk, not already when it can be read.
    overlappingSync: false,
    // Batches are off. With them, lmdb makes a promise that no code can reach, so its rejection would be unhandled.
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
 * Makes a folder, and the missing folders above it. Does nothing when the folder exists. Rejects with the error of the
 * file system. The recursive `mkdir` of Node.js is not used: below `/proc`, where no folder can be made, it does not
 * return (Node.js 20 and 24).
 */
async function makeFolder (path: string): Promise<void> {
  const error = await mkdir(path, { mode: 0o700 }).then(() => null, (reason: NodeJS.ErrnoException) => reason)
  if (error === null || (error.code === 'EEXIST' && (await stat(path)).isDirectory())) return
  if (error.code !== 'ENOENT' || dirname(path) === path) throw error
  await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 })
}

/**
 * Checks that the folder has room: writes MIN_FREE_BYTES bytes into a new file. The name of the file is removed before
 * the first byte is written, so the file is gone as soon as it is closed. Rejects with the error of the file system
 * when the bytes cannot be written.
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
