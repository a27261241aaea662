import { inflateRawSync } from 'node:zlib'

const signature = { entry: 0x04034b50, directory: 0x02014b50 }

/**
 * Gives an archive that `writeSheets` has made, with its files uncompressed. Versions of zlib compress the same text in
 * different ways, so only uncompressed files have the same bytes everywhere.
 */
export function storeUncompressed (archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const entries: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let written = 0
  let offset = 0
  for (; view.getUint32(offset, true) === signature.entry; offset += entryLength(view, offset)) {
    const entry = storedEntry(archive.subarray(offset, offset + entryLength(view, offset)))
    entries.push(entry)
  }
  for (const entry of entries) {
    const length = recordLength(view, offset)
    directory.push(storedRecord(archive.slice(offset, offset + length), entry.length - nameEnd(entry), written))
    written += entry.length
    offset += length
  }
  const end = archive.slice(offset)
  new DataView(end.buffer).setUint32(16, written, true)
  return new Uint8Array(Buffer.concat([...entries, ...directory, end]))
}

function storedEntry (entry: Uint8Array): Uint8Array {
  const head = entry.slice(0, nameEnd(entry))
  const view = new DataView(head.buffer)
  const packed = entry.subarray(head.length)
  const data = view.getUint16(8, true) === 0 ? packed : inflateRawSync(packed)
  view.setUint16(8, 0, true)
  view.setUint32(18, data.length, true)
  return Buffer.concat([head, data])
}

function storedRecord (record: Uint8Array, size: number, offset: number): Uint8Array {
  const view = new DataView(record.buffer)
  view.setUint16(10, 0, true)
  view.setUint32(20, size, true)
  view.setUint32(42, offset, true)
  return record
}

function nameEnd (entry: Uint8Array): number {
  return 30 + new DataView(entry.buffer, entry.byteOffset).getUint16(26, true)
}

function entryLength (view: DataView, offset: number): number {
  return 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true) + view.getUint32(offset + 18, true)
}

function recordLength (view: DataView, offset: number): number {
  return 46 + view.getUint16(offset + 28, true) + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true)
}
