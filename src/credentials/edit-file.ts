import { randomUUID } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const TRY_AGAIN_MS = 50
const NEW_FILE_MODE = 0o640

/**
 * Replaces the text of a file. `edit` gets the old text (null without a file); if `edit` throws, the file stays as it
 * is. Rejects with that error, when the lock is not free within `patienceMs`, and when the system refuses.
 *
 * A reader gets the old text or the new text, also after a crash. Mode and owner do not change. For a symbolic link to
 * a file, that file is edited.
 */
export async function editFile<T> (
  path: string,
  edit: (text: string | null) => { text: string; result: T },
  patienceMs = 10_000
): Promise<T> {
  const target = await orNull(realpath(path)) ?? resolve(path)
  const lock = `${target}.lock`
  await acquire(lock, patienceMs)
  try {
    const { text, result } = edit(await orNull(readFile(target, 'utf8')))
    await replace(target, text)
    return result
  } finally {
    await rm(lock, { force: true })
  }
}

async function orNull<T> (work: Promise<T>): Promise<T | null> {
  return await work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/**
 * Makes the lock file, and waits while another process has it. Throws Error after `patienceMs`. The lock file of a
 * process that crashed stays: two processes that remove it at the same time could both edit.
 */
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
      throw new Error(`another edit is running; if no edit is running, delete the old lock file ${lock}`)
    }
    await sleep(TRY_AGAIN_MS)
  }
}

async function replace (target: string, text: string): Promise<void> {
  const before = await orNull(stat(target))
  const folder = dirname(target)
  const temporary = join(folder, `.${basename(target)}.${randomUUID()}.tmp`)
  try {
    await withHandle(await open(temporary, 'wx', 0o600), async (file) => {
      const { uid, gid } = await file.stat()
      await file.writeFile(text)
      // The service may run as another user than this process, and must still be able to read the file.
      if (before !== null && (uid !== before.uid || gid !== before.gid)) await file.chown(before.uid, before.gid)
      await file.chmod(before === null ? NEW_FILE_MODE : before.mode & 0o7777)
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
