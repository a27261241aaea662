import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { overLimit } from '../table.ts'

export interface ZipEntry { name: string, content: AsyncIterable<Buffer> | Iterable<Buffer> }

/** How much the deflater gets at once. The output depends on the cuts, so they are at fixed places. */
const BLOCK_BYTES = 256 * 1024
/** Larger entries and archives need the 64 bit form of zip. */
const MAX_BYTES = 2 ** 32 - 1
/** Sizes and checksum follow the content, because they are not known before; names are UTF-8. */
const FLAGS = 0x0808
const DEFLATED = 8
const VERSION = 20
/** 1 January 1980, the earliest date of a zip: the same rows give the same bytes at any time. */
const DATE = 0x21

/** Writes a zip archive entry by entry, in constant memory. Throws BODY_TOO_LARGE for more than 4 GiB. */
export async function * writeZip (entries: Iterable<ZipEntry>): AsyncGenerator<Buffer, void, void> {
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content } of entries) {
    const start = offset
    const header = localHeader(name)
    yield header
    offset += header.length
    const totals = { crc: 0, size: 0 }
    let packed = 0
    for await (const chunk of deflate(inBlocks(content, totals))) {
      packed += chunk.length
      yield chunk
    }
    offset += packed
    const sizes = sizesOf(totals.crc, packed, totals.size)
    const descriptor = Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), sizes])
    yield descriptor
    offset += descriptor.length
    if (offset > MAX_BYTES) throw tooLarge()
    directory.push(directoryEntry(name, sizes, start))
  }
  yield * directory
  yield directoryEnd(directory, offset)
}

/** Cuts the content into blocks of one size, and counts it. */
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

function sizesOf (crc: number, packed: number, size: number): Buffer {
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(crc, 0)
  sizes.writeUInt32LE(packed, 4)
  sizes.writeUInt32LE(size, 8)
  return sizes
}

/** The fields that a local header and an entry of the directory share: version, flags, method, time, date. */
function commonFields (): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16LE(VERSION, 0)
  fields.writeUInt16LE(FLAGS, 2)
  fields.writeUInt16LE(DEFLATED, 4)
  fields.writeUInt16LE(DATE, 8)
  return fields
}

function localHeader (name: string): Buffer {
  const lengths = Buffer.alloc(4)
  lengths.writeUInt16LE(Buffer.byteLength(name), 0)
  return Buffer.concat([
    Buffer.from('PK\x03\x04', 'latin1'), commonFields(), Buffer.alloc(12), lengths, Buffer.from(name)
  ])
}

function directoryEntry (name: string, sizes: Buffer, start: number): Buffer {
  const rest = Buffer.alloc(18)
  rest.writeUInt16LE(Buffer.byteLength(name), 0)
  rest.writeUInt32LE(start, 14)
  const version = Buffer.from([VERSION, 0])
  return Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'), version, commonFields(), sizes, rest, Buffer.from(name)
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
