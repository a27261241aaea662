import { open, type FileHandle } from 'node:fs/promises'
import type { StoreLog } from './store.ts'

/** Stands in both meta pages of an LMDB database: `MDB_MAGIC`, in the byte order of all machines that we build for. */
const MARK = Buffer.from([0xde, 0xc0, 0xef, 0xbe])
/** Two pages of the smallest size. A database has at least these. */
const MIN_DATABASE_BYTES = 8192
/** The bytes of a page that hold MDB_meta. */
const META_BYTES = 200
/** The root of a tree that has no page: `P_INVALID`. */
const NO_PAGE = 2n ** 64n - 1n

const REMEDY = 'move the folder away, or restore a backup'

/** What a meta page tells of one state of the database. */
interface Meta {
  pageBytes: number
  transaction: bigint
  /** The pages at which the tree of free pages and the tree of entries begin. */
  roots: readonly bigint[]
  lastPage: bigint
}

/**
 * Checks the file of a database before lmdb opens it. Does nothing when there is no file or an empty one. Rejects for a
 * file that is no database, and for one that was cut off before a page that lmdb reads first. Logs a warning when other
 * pages may be missing. lmdb reads the file as memory, so that a missing page ends the process by a signal, without a
 * message.
 */
export async function checkFile (path: string, log: StoreLog): Promise<void> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (handle === null) return
  try {
    const { size } = await handle.stat()
    if (size === 0) return
    const meta = size < MIN_DATABASE_BYTES ? null : await readNewestMeta(handle)
    if (meta === null) throw new Error(`data.mdb is damaged, or is no database: ${REMEDY}`)
    const pages = BigInt(Math.floor(size / meta.pageBytes))
    if (meta.roots.some(root => root !== NO_PAGE && root >= pages)) {
      throw new Error(`data.mdb is damaged, because its end is missing: ${REMEDY}`)
    }
    // This is no proof. Free pages at the end need not be in the file ("mm_last_pg" in mdb.c).
    if (meta.lastPage >= pages) {
      log.warn({}, `data.mdb may lack its end: if this process ends by the signal SIGBUS, ${REMEDY}`)
    }
  } finally {
    await handle.close()
  }
}

/** Gives what the newer of the two meta pages tells; null when the file does not begin with a meta page. */
async function readNewestMeta (handle: FileHandle): Promise<Meta | null> {
  const first = await readMeta(handle, 0)
  const second = first === null ? null : await readMeta(handle, first.pageBytes)
  return second !== null && first !== null && second.transaction > first.transaction ? second : first
}

/** Null when no meta page is at `position`. The offsets are those of `MDB_meta` and `MDB_db` in mdb.c of lmdb. */
async function readMeta (handle: FileHandle, position: number): Promise<Meta | null> {
  const { buffer } = await handle.read(Buffer.alloc(META_BYTES), 0, META_BYTES, position)
  const start = buffer.subarray(0, 64).indexOf(MARK)
  if (start < 0) return null
  return {
    pageBytes: buffer.readUInt32LE(start + 24) || MIN_DATABASE_BYTES,
    transaction: buffer.readBigUInt64LE(start + 128),
    roots: [buffer.readBigUInt64LE(start + 64), buffer.readBigUInt64LE(start + 112)],
    lastPage: buffer.readBigUInt64LE(start + 120)
  }
}
