import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { RootDatabase } from 'lmdb'
import { StoreStartError } from './store.ts'

/** The entry that names the one process that may write. Its version is a random number, which every write must name. */
export const OWNER = 'owner'

interface Process { pid: number, startedAt: string, boot: string }

/**
 * Makes this process the owner of the database. Gives the version that its writes must name. Throws StoreStartError
 * while the earlier owner runs, or when another process is faster. An owner in another container, or on a system
 * without /proc, cannot be seen: it is replaced, and its later writes are refused.
 */
export async function takeOwnership (
  db: RootDatabase<unknown, string | (string | number)[]>,
  path: string
): Promise<number> {
  const version = randomInt(1, 2 ** 47)
  const me = await thisProcess()
  const before = db.getEntry(OWNER)
  if (before === undefined) {
    if (
      await db.ifNoExists(OWNER, () => {
        db.put(OWNER, me, version).catch(() => {})
      })
    ) { return version }
  } else {
    if (await isRunning(before.value)) throw inUse(path, (before.value as Process).pid)
    if (await db.put(OWNER, me, version, before.version)) return version
  }
  throw inUse(path, null)
}

function inUse (path: string, pid: number | null): StoreStartError {
  const who = pid === null ? 'another process' : `process ${pid}`
  return new StoreStartError(
    `The state store at ${path} is in use by ${who}. One process may hold it: give each process a STORE_URL of its own.`
  )
}

async function thisProcess (): Promise<Process | null> {
  return await processOf('self')
}

async function isRunning (owner: unknown): Promise<boolean> {
  if (typeof owner !== 'object' || owner === null) return false
  const { pid, startedAt, boot } = owner as Process
  const now = await processOf(String(pid))
  return now !== null && now.startedAt === startedAt && now.boot === boot
}

/** `self` is this process. Null for a process that does not run, and on a system without /proc. */
async function processOf (name: string): Promise<Process | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${name}/stat`, 'latin1'),
      readFile('/proc/sys/kernel/random/boot_id', 'latin1')
    ])
    // After the command, which stands in parentheses and may hold any character (proc(5)), the first field is the state
    // and the 20th the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A process in the state Z (zombie) or X (dead) has ended, and does not use the database.
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return { pid: Number.parseInt(stat), startedAt: fields[19] ?? '', boot: boot.trim() }
  } catch {
    return null
  }
}
