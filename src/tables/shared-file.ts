import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate as immediate } from 'node:timers/promises'

/** An open file of this process, by which a worker thread finds it. */
export interface SharedFile { fd: number, device: number, inode: number }

const READ_BYTES = 64 * 1024

/** Describes an open file for another thread. */
export function shareFile (fd: number): SharedFile {
  const { dev: device, ino: inode } = fstatSync(fd)
  return { fd, device, inode }
}

/**
 * Opens the file once more, with a descriptor that only this thread has, while `work` runs. The other thread may close
 * its own descriptor at any time. The number of that descriptor may then belong to another file, and writes would go
 * there. Throws when that has happened already.
 */
export async function withFile<Result> (
  { fd, device, inode }: SharedFile, flags: 'r' | 'r+', work: (fd: number) => Promise<Result>
): Promise<Result> {
  const own = openSync(`/dev/fd/${fd}`, flags)
  try {
    const { dev, ino } = fstatSync(own)
    if (dev !== device || ino !== inode) throw new Error('the file of another thread is closed')
    return await work(own)
  } finally {
    closeSync(own)
  }
}

/** Reads an open file from its start. */
export async function * readFile (fd: number): AsyncGenerator<Buffer, void, void> {
  for (let position = 0; ;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    const length = readSync(fd, buffer, 0, READ_BYTES, position)
    if (length === 0) return
    position += length
    yield buffer.subarray(0, length)
    // Blocking reads alone would starve the streams of this thread.
    await immediate()
  }
}

/**
 * Writes all chunks to an open file from its start, and gives the number of bytes. Calls `before` and `after` with each
 * chunk. `bytes` is a number there: the size of the file including this chunk. `before` may throw to stop the writing.
 */
export async function writeFile (
  fd: number,
  chunks: AsyncIterable<Buffer>,
  { before, after }: { before: (bytes: number) => void, after: (bytes: number) => void }
): Promise<number> {
  let bytes = 0
  for await (const chunk of chunks) {
    before(bytes + chunk.length)
    for (let at = 0; at < chunk.length;) {
      const written = writeSync(fd, chunk, at, chunk.length - at, bytes)
      at += written
      bytes += written
    }
    after(bytes)
  }
  return bytes
}
