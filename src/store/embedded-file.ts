import { open, type FileHandle } from 'node:fs/promises'
import type { StoreLog } from './store.ts'

/** `MDB_MAGIC` of a meta page of LMDB, with the lowest byte first, as on all machines that we build for. */
const MARK = Buffer.from([0xde, 0xc0, 0xef, 0xbe])
/** Two pages of 4,096 bytes. Replaces a page size of 0 in a damaged meta page, so that nothing is divided by 0. */
const MIN_DATABASE_BYTES = 8192
const META_BYTES = 200
/** The page number that stands for the root of an empty tree: `P_INVALID` of lmdb. */
const NO_PAGE = 2n ** 64n - 1n

const REMEDY = 'move the folder away, or restore a backup'

/** What a meta page tells of one state of the database. The two meta pages hold the last two states. */
interface Meta {
  pageBytes: number
  transaction: bigint
  /** The numbers of two pages: the root of the tree of free pages, and the root of the tree of entries. */
  roots: readonly bigint[]
  lastPage: bigint
}

/**
 * Checks a database before lmdb opens it. lmdb reads the file as memory, so a missing page would end the process by a
 * signal, without a message. Rejects when the file cannot be read, is no database, or ends before a root of its trees.
 * A missing or empty file is fine. Logs a warning when another page may be missing.
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
    // A last page beyond the end proves no damage: free pages there need not be in the file (mm_last_pg in mdb.c).
    if (meta.lastPage >= pages) {
      log.warn({}, `data.mdb may lack its end: if this process ends by the signal SIGBUS, ${REMEDY}`)
    }
  } finally {
    await handle.close()
  }
}

/** Gives the newer of the two meta pages; null when the file does not begin with a meta page. */
async function readNewestMeta (handle: FileHandle): Promise<Meta | null> {
  const first = await readMeta(handle, 0)
  const second = first === null ? null : await readMeta(handle, first.pageBytes)
  return second !== null && first !== null && second.transaction > first.transaction ? second : first
}

/** Null when no meta page is there. The offsets are those of `MDB_meta` and `MDB_db` in mdb.c of lmdb. */
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
