import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { overLimit } from '../table.ts'

export interface ZipEntry { name: string, content: AsyncIterable<Buffer> | Iterable<Buffer> }

interface Sizes { crc: number, packed: number, size: number }

/** An entry of another archive, which is copied as it is packed. */
export interface PackedEntry {
  name: Buffer
  method: number
  isUtf8: boolean
  /** Time and date as a zip has them. */
  time: number
  date: number
  sizes: Sizes
  content: AsyncIterable<Buffer>
}

/** The bytes that the deflater gets at once. The output depends on the cuts, so they are at fixed places. */
const BLOCK_BYTES = 256 * 1024
/** The most bytes of an entry or an archive. Larger ones need the 64 bit form of zip. */
const MAX_BYTES = 2 ** 32 - 1
/** The flag of an entry whose sizes and checksum follow its content, because they are not known before. */
const SIZES_FOLLOW = 0x0008
/** The flag of an entry whose name is UTF-8. */
const UTF8 = 0x0800
const DEFLATED = 8
const VERSION = 20
/** 1 January 1980, the earliest date of a zip: the same rows give the same bytes at any time. */
const DATE = 0x21

/** Writes a zip archive entry by entry, in constant memory. Throws 413 for more than 4 GiB. */
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

/** What the header of an entry and its entry in the directory say. */
interface Facts { name: Buffer, flags: number, method: number, time: number, date: number, sizes: Sizes }

/** Writes an entry as it is packed, and gives its facts. */
async function * writePacked (entry: PackedEntry): AsyncGenerator<Buffer, Facts, void> {
  const { name, method, isUtf8, time, date, sizes } = entry
  if (sizes.packed > MAX_BYTES || sizes.size > MAX_BYTES) throw tooLarge()
  const facts = { name, flags: isUtf8 ? UTF8 : 0, method, time, date, sizes }
  yield localHeader(facts, sizes)
  yield * entry.content
  return facts
}

/** Packs and writes an entry, and gives its facts. */
async function * writeDeflated ({ name, content }: ZipEntry): AsyncGenerator<Buffer, Facts, void> {
  const sizes = { crc: 0, packed: 0, size: 0 }
  const facts = { name: Buffer.from(name), flags: UTF8 | SIZES_FOLLOW, method: DEFLATED, time: 0, date: DATE, sizes }
  yield localHeader(facts, { crc: 0, packed: 0, size: 0 })
  for await (const chunk of deflate(inBlocks(content, sizes))) {
    sizes.packed += chunk.length
    yield chunk
  }
  yield Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), bytesOf(sizes)])
  return facts
}

/** Cuts the content into blocks of one size, and adds its checksum and size to `totals`. */
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
  // An error of the blocks destroys the deflater, whose reader gets the error.
  return pipeline(Readable.from(blocks), createDeflateRaw({ chunkSize: 64 * 1024 }), () => {})
}

function bytesOf ({ crc, packed, size }: Sizes): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32LE(crc, 0)
  bytes.writeUInt32LE(packed, 4)
  bytes.writeUInt32LE(size, 8)
  return bytes
}

/** The fields that a local header and an entry of the directory share: version, flags, method, time, date. */
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
