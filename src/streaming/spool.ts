import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import { StartError } from '../errors/start-error.ts'
import { freeBuffers } from '../limits/garbage.ts'
import { Semaphore } from '../limits/semaphore.ts'

const READ_BYTES = 64 * 1024

/** A source of temporary files for what is too large for memory, such as a body whose length is not known yet. */
export interface Spool { open: () => Promise<SpooledFile> }

/** The texts of 503 OVERLOADED: when `maxFiles` files are open, and when a file cannot be made or written. */
export interface SpoolWords { tooMany: string, noRoom: string }

export interface SpooledFile {
  fd: number
  /** Writes the bytes to the end of the file. Throws OVERLOADED when that fails, for example on a full disk. */
  write: (chunk: Buffer) => Promise<void>
  /** Yields the whole file from its start. May be called several times. */
  read: () => AsyncGenerator<Buffer, void, void>
  /** Gives `length` bytes from `position` on; fewer where the file ends earlier. */
  readAt: (position: number, length: number) => Promise<Buffer>
  /** Closes the file. Its bytes are deleted when no thread has it open any more. A second call does nothing. */
  close: () => Promise<void>
}

/**
 * Makes a spool with at most `maxFiles` open files, in this folder. A file loses its name as soon as it is open. So a
 * crash after that leaves no file behind, and no other process finds it by a name.
 */
export function createSpool (folder: string, maxFiles: number, words: SpoolWords): Spool {
  const semaphore = new Semaphore({ slots: maxFiles })
  return {
    async open () {
      const slot = semaphore.tryAcquire()
      if ('refused' in slot) throw new AppError('OVERLOADED', words.tooMany)
      let handle: FileHandle
      try {
        handle = await openUnnamed(folder)
      } catch (error) {
        slot.release()
        throw new AppError('OVERLOADED', words.noRoom, { cause: error })
      }
      return {
        fd: handle.fd,
        write: async (chunk) => {
          try {
            // One write may take fewer bytes than it was given, for example on a nearly full disk.
            for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten
          } catch (error) {
            throw new AppError('OVERLOADED', words.noRoom, { cause: error })
          }
        },
        read: async function * () {
          let position = 0
          for (;;) {
            const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, position)
            if (bytesRead === 0) return
            position += bytesRead
            yield buffer.subarray(0, bytesRead)
            freeBuffers(bytesRead)
          }
        },
        readAt: async (position, length) => {
          const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position)
          return buffer.subarray(0, bytesRead)
        },
        close: async () => {
          slot.release()
          await handle.close()
        }
      }
    }
  }
}

/** Checks that the service can make a file in the folder and write to it. Throws StartError if it cannot. */
export async function requireFolder (folder: string): Promise<void> {
  try {
    const handle = await openUnnamed(folder)
    await handle.write('x').finally(async () => { await handle.close() })
  } catch (error) {
    throw new StartError(
      `The folder for temporary files, ${folder} (TMPDIR), cannot be written: ` +
      `${(error as { code?: string }).code ?? 'unknown'}.`,
      { cause: error }
    )
  }
}

async function openUnnamed (folder: string): Promise<FileHandle> {
  const path = join(folder, `connect-usage-bff-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
  } catch (error) {
    await handle.close()
    throw error
  }
  return handle
}
