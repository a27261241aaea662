import { randomUUID } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_AGAIN_MS = 50

/**
 * Replaces the text of a file as a whole: whoever reads it meets the old text or the new one, also after a crash.
 * Edits wait for one another by a lock file beside it, so that none is lost. Mode and owner stay; a symbolic link is
 * followed and stays as well.
 * Takes the path, the edit, which may throw to leave all as it is, and how long to wait for another edit.
 */
export async function editFile<T> (
  path: string,
  edit: (text: string) => { text: string; result: T },
  patienceMs = 10_000
): Promise<T> {
  const target = await realpath(path)
  const lock = `${target}.lock`
  await acquire(lock, patienceMs)
  try {
    const { text, result } = edit(await readFile(target, 'utf8'))
    await replace(target, text)
    return result
  } finally {
    await rm(lock, { force: true })
  }
}

/** A lock is never taken over: two that find it old at once would both go on. */
async function acquire (lock: string, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (performance.now() > end) {
      throw new Error(`another edit is under way; if none is, one was cut off: delete ${lock}`)
    }
    await sleep(LOOK_AGAIN_MS)
  }
}

async function replace (target: string, text: string): Promise<void> {
  const before = await stat(target)
  const folder = dirname(target)
  const temporary = join(folder, `.${basename(target)}.${randomUUID()}.tmp`)
  try {
    await withHandle(await open(temporary, 'wx', 0o600), async (file) => {
      const { uid, gid } = await file.stat()
      await file.writeFile(text)
      // The service may run as somebody else, who must still be able to read it.
      if (uid !== before.uid || gid !== before.gid) await file.chown(before.uid, before.gid)
      await file.chmod(before.mode & 0o7777)
      await file.sync()
    })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await withHandle(await open(folder, 'r'), async (handle) => { await handle.sync() })
}

async function withHandle (handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}
