import { pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl'
import { AppError } from '../../errors/app-error.ts'
import { overLimit } from '../table.ts'
import { UTF8_NAME, type PackedEntry as PackedBytes } from './write-zip.ts'

/** The most entries (files) of an archive. A usual workbook has some 20, and one more for each picture. */
const ENTRIES_MAX = 10_000
/** The most unpacked bytes of all reads of parts together. A million rows of 16 columns have 1 GiB. */
const INFLATED_MAX = 2 * 1024 ** 3
/** The most tags in all reads of parts together, counted by `<`. A million rows of 17 columns have 110 million. */
const TAGS_MAX = 128_000_000
const LESS_THAN = 0x3c
const CHUNK_BYTES = 64 * 1024

/** A zip archive of parts (files). A path is in lower case, with `/` between folders but not at the beginning. */
export interface Archive {
  has: (path: string) => boolean
  /** Throws 413 over a limit, 422 for a part that is missing, damaged, encrypted or packed in an unusual way. */
  read: (path: string, maxBytes?: number) => AsyncGenerator<Buffer, void, void>
  /** Gives all entries as they are packed. To read the content of one throws 422 if it is encrypted or cut off. */
  packed: () => PackedEntry[]
}

export interface PackedEntry extends PackedBytes { path: string }

/** Makes the error NOT_A_WORKBOOK (422), for a file that cannot be read as a workbook. */
export function notAWorkbook (detail: string, cause?: unknown): AppError {
  return new AppError('NOT_A_WORKBOOK', `The workbook cannot be read: ${detail}.`, { cause })
}

/** The file stays open. Throws 422 if it is no complete archive or has a path twice, and 413 for too many entries. */
export async function openZip (fd: number): Promise<Archive> {
  const parts = new Map<string, Entry>()
  let zip: ZipFile
  try {
    // Names are decoded in `takeEntry`: yauzl would refuse some that programs write, such as `/xl/workbook.xml`.
    zip = await fromFdPromise(fd, { autoClose: false, decodeStrings: false, lazyEntries: true })
    if (zip.entryCount > ENTRIES_MAX) throw overLimit(`The workbook has more than ${ENTRIES_MAX} entries.`)
    for await (const entry of zip.eachEntry()) takeEntry(entry, parts)
  } catch (error) {
    throw error instanceof AppError ? error : notAWorkbook('it is no whole zip archive', error)
  }
  let [inflated, tags] = [0, 0]
  return {
    has: path => parts.has(path),
    packed: () => [...parts].map(([path, entry]) => ({ path, ...packedEntry(zip, entry) })),
    read: async function * (path, maxBytes = INFLATED_MAX) {
      const entry = parts.get(path)
      if (entry === undefined) throw notAWorkbook(`the part ${describe(path)} is missing`)
      const damaged = (cause?: unknown): AppError => notAWorkbook(`the part ${describe(path)} is damaged`, cause)
      let [crc, size] = [0, 0]
      try {
        for await (const chunk of await openEntry(zip, entry)) {
          inflated += chunk.length
          size += chunk.length
          if (size > entry.uncompressedSize) throw damaged()
          if (inflated > INFLATED_MAX) throw overLimit(`The workbook has more than ${INFLATED_MAX} bytes unpacked.`)
          if (size > maxBytes) throw overLimit(`The part ${describe(path)} has more than ${maxBytes} bytes unpacked.`)
          // 64 KiB of an archive can become 64 MiB of short tags, which take 10 seconds to read.
          for (let at = 0; at < chunk.length; at += 1) if (chunk[at] === LESS_THAN) tags += 1
          if (tags > TAGS_MAX) throw overLimit(`The workbook has more than ${TAGS_MAX} tags.`)
          crc = crc32(chunk, crc)
          yield chunk
        }
      } catch (error) {
        throw error instanceof AppError ? error : damaged(error)
      }
      if (crc !== entry.crc32 || size !== entry.uncompressedSize) throw damaged()
    }
  }
}

/**
 * Gives the unpacked content of an entry. yauzl's own inflater is not used: it gives 16 KiB at once, which takes more
 * turns of the event loop.
 */
async function openEntry (zip: ZipFile, entry: Entry): Promise<AsyncIterable<Buffer>> {
  if (!entry.canDecodeFileData()) throw notAWorkbook('it is encrypted, or packed in an unusual way')
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false })
  // The reader of the inflater gets the errors of `packed`, so the callback has nothing to do.
  return entry.isCompressed() ? pipeline(packed, createInflateRaw({ chunkSize: CHUNK_BYTES }), () => {}) : packed
}

function packedEntry (zip: ZipFile, entry: Entry): Omit<PackedEntry, 'path'> {
  const { compressionMethod: method, generalPurposeBitFlag, lastModFileTime: time, lastModFileDate: date } = entry
  return {
    name: entry.fileName as unknown as Buffer,
    method,
    isUtf8: (generalPurposeBitFlag & UTF8_NAME) !== 0,
    time,
    date,
    sizes: { crc: entry.crc32, packed: entry.compressedSize, size: entry.uncompressedSize },
    content: (async function * () {
      if (entry.isEncrypted()) throw notAWorkbook('it is encrypted')
      try {
        yield * await zip.openReadStreamPromise(entry, { decodeFileData: false }) as AsyncIterable<Buffer>
      } catch (error) {
        throw notAWorkbook('it is no whole zip archive', error)
      }
    })()
  }
}

/** `target` is relative to `folder`, or begins with `/` or `\`. The result is in lower case, without `.` and `..`. */
export function resolvePath (folder: string, target: string): string {
  const base = target.startsWith('/') || target.startsWith('\\') ? '' : folder
  return partPath(`${base}/${target}`)
}

function takeEntry (entry: Entry, parts: Map<string, Entry>): void {
  const path = partPath((entry.fileName as unknown as Buffer).toString('utf8'))
  // Two parts with one path are refused: one program would read the first of them, and another program the second.
  if (parts.has(path)) throw notAWorkbook(`the part ${describe(path)} is there twice`)
  parts.set(path, entry)
}

function partPath (name: string): string {
  const folders: string[] = []
  for (const folder of name.replaceAll('\\', '/').toLowerCase().split('/')) {
    if (folder === '..') folders.pop()
    else if (folder !== '' && folder !== '.') folders.push(folder)
  }
  return folders.join('/')
}

function describe (path: string): string {
  return JSON.stringify(path.slice(0, 64))
}
