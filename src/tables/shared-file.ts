import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate as immediate } from 'node:timers/promises'

/** An open file of one thread for another thread, which recognises it by the numbers of device and inode. */
export interface SharedFile { fd: number, device: number, inode: number }

const READ_BYTES = 64 * 1024

export function shareFile (fd: number): SharedFile {
  const { dev: device, ino: inode } = fstatSync(fd)
  return { fd, device, inode }
}

/**
 * Opens a file of another thread once more for `work`, because that thread may close its own descriptor at any time.
 * Throws Error when the descriptor's number already belongs to another file, or to none.
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

export async function * readFile (fd: number): AsyncGenerator<Buffer, void, void> {
  for (let position = 0; ;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    const length = readSync(fd, buffer, 0, READ_BYTES, position)
    if (length === 0) return
    position += length
    yield buffer.subarray(0, length)
    // Lets the streams of this thread work between two blocking reads.
    await immediate()
  }
}

/**
 * Writes the chunks from the beginning of a file, and gives the number of bytes. Calls `before` and `after` for each
 * chunk with the place in the file where the chunk ends. `before` may throw.
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
