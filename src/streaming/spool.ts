import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import { freeBuffers } from './garbage.ts'
import { Semaphore } from '../limits/semaphore.ts'

const READ_BYTES = 64 * 1024

/** Places on disk for what is known only when it has arrived. */
export interface Spool { open: () => Promise<SpooledFile> }

/** What the caller reads, with 503 OVERLOADED, when all places are taken, and when the disk has no room. */
export interface SpoolWords { taken: string, noRoom: string }

export interface SpooledFile {
  write: (chunk: Buffer) => Promise<void>
  read: () => AsyncGenerator<Buffer, void, void>
  /** Exactly these bytes, which must have been written. */
  readAt: (position: number, length: number) => Promise<Buffer>
  close: () => Promise<void>
}

/**
 * Takes the folder, how many files may lie there at once, and what is told to a caller whose file may not. A file is
 * readable by this process alone and has no name from the start, so that nothing is left behind even by a crash.
 */
export function createSpool (folder: string, maxFiles: number, words: SpoolWords): Spool {
  const semaphore = new Semaphore({ slots: maxFiles })
  return {
    async open () {
      const slot = semaphore.tryAcquire()
      if ('refused' in slot) throw new AppError('OVERLOADED', words.taken)
      let handle: FileHandle
      try {
        handle = await openUnnamed(folder)
      } catch (error) {
        slot.release()
        throw new AppError('OVERLOADED', words.noRoom, { cause: error })
      }
      return {
        write: async (chunk) => {
          try {
            // On a nearly full disk a write may take less than it was given.
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

/**
 * The folder for temporary files cannot be used: a fault of the installation, in words for whoever starts the service.
 */
export class FolderError extends Error {}

/** Proves that files can be made in the folder and be written to. Throws FolderError. */
export async function requireFolder (folder: string): Promise<void> {
  try {
    const handle = await openUnnamed(folder)
    await handle.write('x').finally(async () => { await handle.close() })
  } catch (error) {
    throw new FolderError(
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
