import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { overLimit } from '../table.ts'

export interface ZipEntry { name: string, content: AsyncIterable<Buffer> | Iterable<Buffer> }

interface Sizes { crc: number, packed: number, size: number }

/** An entry of another archive, copied as it is packed. `method` is the number that zip has for the way of packing. */
export interface PackedEntry {
  name: Buffer
  method: number
  isUtf8: boolean
  /** The time and the date of the entry, as the 16-bit numbers of zip. */
  time: number
  date: number
  sizes: Sizes
  content: AsyncIterable<Buffer>
}

/** The packed bytes depend on where the input is cut. Cuts at fixed places give equal bytes for equal content. */
const BLOCK_BYTES = 256 * 1024
/** The most bytes of an entry, and of all entries together. More need the 64-bit form of zip, not written here. */
const MAX_BYTES = 2 ** 32 - 1
/** The bit of an entry's flags that tells that its sizes and checksum come after its content. */
const SIZES_FOLLOW = 0x0008
/** The bit of an entry's flags that tells that its name is in UTF-8. */
export const UTF8_NAME = 0x0800
const DEFLATED = 8
const VERSION = 20
/** 1 January 1980, the earliest date of zip. With one date in all new entries, equal content gives equal bytes. */
const DATE = 0x21

/**
 * Gives the bytes of a zip archive. No entry has to be whole in memory. Throws 413 when one entry, or all together,
 * have 4 GiB or more.
 */
export async function * writeZip (entries: Iterable<ZipEntry | PackedEntry>): AsyncGenerator<Buffer, void, void> {
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const start = offset
    const written = 'sizes' in entry ? writePacked(entry) : writeDeflated(entry)
    for (let next = await written.next(); ; next = await written.next()) {
      if (next.done === true) {
        directory.push(directoryEntry(next.value, start))
        break
      }
      offset += next.value.length
      if (offset > MAX_BYTES) throw tooLarge()
      yield next.value
    }
  }
  yield * directory
  yield directoryEnd(directory, offset)
}

/** What the header before an entry, and its line in the directory at the end, tell about the entry. */
interface Facts { name: Buffer, flags: number, method: number, time: number, date: number, sizes: Sizes }

async function * writePacked (entry: PackedEntry): AsyncGenerator<Buffer, Facts, void> {
  const { name, method, isUtf8, time, date, sizes } = entry
  if (sizes.packed > MAX_BYTES || sizes.size > MAX_BYTES) throw tooLarge()
  const facts = { name, flags: isUtf8 ? UTF8_NAME : 0, method, time, date, sizes }
  yield localHeader(facts, sizes)
  yield * entry.content
  return facts
}

async function * writeDeflated ({ name, content }: ZipEntry): AsyncGenerator<Buffer, Facts, void> {
  const sizes = { crc: 0, packed: 0, size: 0 }
  const flags = UTF8_NAME | SIZES_FOLLOW
  const facts = { name: Buffer.from(name), flags, method: DEFLATED, time: 0, date: DATE, sizes }
  yield localHeader(facts, { crc: 0, packed: 0, size: 0 })
  for await (const chunk of deflate(inBlocks(content, sizes))) {
    sizes.packed += chunk.length
    yield chunk
  }
  yield Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), bytesOf(sizes)])
  return facts
}

/** Gives the content in blocks of BLOCK_BYTES, and adds up its checksum and size in `totals`. */
async function * inBlocks (
  content: ZipEntry['content'], totals: { crc: number, size: number }
): AsyncGenerator<Buffer, void, void> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES)
  let filled = 0
  const finish = (): Buffer => {
    const whole = block.subarray(0, filled)
    totals.crc = crc32(whole, totals.crc)
    totals.size += filled
    if (totals.size > MAX_BYTES) throw tooLarge()
    block = Buffer.allocUnsafe(BLOCK_BYTES)
    filled = 0
    return whole
  }
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const copied = chunk.copy(block, filled, at)
      at += copied
      filled += copied
      if (filled === BLOCK_BYTES) yield finish()
    }
  }
  if (filled > 0) yield finish()
}

function deflate (blocks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // The reader of the deflater gets the errors of `blocks`, so the callback has nothing to do.
  return pipeline(Readable.from(blocks), createDeflateRaw({ chunkSize: 64 * 1024 }), () => {})
}

function bytesOf ({ crc, packed, size }: Sizes): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32LE(crc, 0)
  bytes.writeUInt32LE(packed, 4)
  bytes.writeUInt32LE(size, 8)
  return bytes
}

/** The fields that the header of an entry and its line in the directory share. */
function commonFields ({ flags, method, time, date }: Facts): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16LE(VERSION, 0)
  fields.writeUInt16LE(flags, 2)
  fields.writeUInt16LE(method, 4)
  fields.writeUInt16LE(time, 6)
  fields.writeUInt16LE(date, 8)
  return fields
}

function localHeader (facts: Facts, sizes: Sizes): Buffer {
  const lengths = Buffer.alloc(4)
  lengths.writeUInt16LE(facts.name.length, 0)
  return Buffer.concat([
    Buffer.from('PK\x03\x04', 'latin1'), commonFields(facts), bytesOf(sizes), lengths, facts.name
  ])
}

function directoryEntry (facts: Facts, start: number): Buffer {
  const rest = Buffer.alloc(18)
  rest.writeUInt16LE(facts.name.length, 0)
  rest.writeUInt32LE(start, 14)
  const version = Buffer.from([VERSION, 0])
  return Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'), version, commonFields(facts), bytesOf(facts.sizes), rest, facts.name
  ])
}

function directoryEnd (directory: readonly Buffer[], start: number): Buffer {
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(directory.reduce((size, one) => size + one.length, 0), 12)
  end.writeUInt32LE(start, 16)
  return end
}

const tooLarge = (): Error => overLimit('The workbook would have more than 4 GiB of rows.')
