import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { takeOwnership } from './embedded-owner.ts'
import { StoreStartError, type Mark } from './store.ts'

export type Database = RootDatabase<unknown, string | (string | number)[]>

/** What is on disk of a key. */
export interface Kept {
  v: number
  base: Mark['as'] | 'done'
  fingerprint: string
  /** Wall-clock milliseconds. */
  sentAt: number
  expiresAt: number
  /** The same moment by the clock of the process that wrote it, which nobody can set; `by` names that process. */
  at?: number
  by?: number
  note?: string | null
  answer?: string
}

/** What is to be taken out lies under this. */
export const DUE = 'due'
/** Address space, not disk: the file grows with what is in it. */
const MAP_BYTES = 8 * 1024 ** 3
const MIB = 1024 ** 2
/**
 * Free space that a start needs: room for some of the largest answers. It is tried before lmdb opens its files: where
 * there is none, lmdb ends the process with SIGBUS (it maps its lock file, and a page gets no block) or SIGSEGV (3.5.6,
 * when the opening fails), and nobody can catch that. A trial also finds quotas, which `statfs` does not know.
 */
const MIN_FREE_BYTES = 4 * MIB

/**
 * Opens the database in a folder, which is made if need be, and takes it over for this process; gives it with the
 * version that the process's writes are bound to. Throws StoreStartError, in words for whoever starts the service.
 */
export async function openDatabase (path: string): Promise<{ db: Database, version: number }> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
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

/** By minutes: what has expired lies together at the front. */
export function dueKey (expiresAt: number, key: string): (string | number)[] {
  return [DUE, Math.ceil(expiresAt / 60_000), key]
}

/** Why a write failed: of a commit lmdb rejects two promises, and the inner one has the reason. */
export async function reasonOf (error: unknown): Promise<unknown> {
  return await (error as { commitError?: Promise<never> }).commitError?.catch((inner: unknown) => inner) ?? error
}

async function openAndOwn (path: string): Promise<{ db: Database, version: number }> {
  // Here, because a bundle loads what its modules import from packages outside it at once, whoever imports them later.
  const lmdb = await import('lmdb')
  const db: Database = lmdb.open({
    path, noSubdir: false, encoding: 'json', useVersions: true, cache: false, mapSize: MAP_BYTES,
    // A write is told to be done when it is on the disk, not when it is visible.
    overlappingSync: false,
    // Batches of an event turn have a promise of lmdb's own, which nobody could keep from being an unhandled rejection.
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

/** Rejects with the file system's own error where a file of MIN_FREE_BYTES cannot be written. Nothing stays behind. */
async function requireRoom (folder: string): Promise<void> {
  const path = join(folder, `room-${randomUUID()}`)
  const handle = await open(path, 'wx', 0o600)
  try {
    await unlink(path)
    // What a file system can compress takes no room.
    const noise = randomBytes(MIB)
    for (let written = 0; written < MIN_FREE_BYTES; written += MIB) await handle.writeFile(noise)
  } finally {
    await handle.close()
  }
}
