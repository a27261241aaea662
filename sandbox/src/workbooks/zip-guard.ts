/** Ceilings for an upload that anyone may send. Connect publishes none; these are the sandbox's own. */
const limits = {
  upload: 50 * 1024 * 1024,
  unpackedTotal: 120 * 1024 * 1024,
  unpackedSheet: 100 * 1024 * 1024,
  unpackedOther: 16 * 1024 * 1024
}

/** How Microsoft's older container starts; a workbook with a password is wrapped in one. */
const ole2 = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]

interface Entry { name: string, method: number, streamed: boolean, packed: number, unpacked: number }

/**
 * Takes the bytes of an upload; gives what is wrong with them as a zip archive, or null.
 *
 * The reader inflates an entry up to the size its directory declares, and up to 2 GiB when that is
 * nought, so the declared sizes have to be summed before it sees the file.
 */
export function zipFault (bytes: Uint8Array): string | null {
  if (bytes.length > limits.upload) return 'The file is larger than 50 MB.'
  if (ole2.every((byte, index) => bytes[index] === byte)) {
    return 'The file is protected by a password, or of the old XLS format.'
  }
  const entries = readDirectory(bytes)
  if (entries === null) return 'The file is not an XLSX workbook.'
  let total = 0
  for (const entry of entries) {
    const limit = /worksheets\//i.test(entry.name) ? limits.unpackedSheet : limits.unpackedOther
    total += entry.unpacked
    if (entry.unpacked > limit || total > limits.unpackedTotal) return 'The workbook is too large once unpacked.'
    if (entry.method !== 0 && hidesItsSize(entry)) return 'The file is not an XLSX workbook.'
  }
  return null
}

/** An empty deflate stream takes two bytes; anything longer that claims to unpack to nothing is lying. */
function hidesItsSize (entry: Entry): boolean {
  return entry.unpacked === 0 && (entry.packed > 2 || (entry.streamed && entry.packed === 0))
}

function readDirectory (bytes: Uint8Array): Entry[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endRecordOffset(view)
  if (end === -1) return null
  const count = view.getUint16(end + 10, true)
  let offset = view.getUint32(end + 16, true)
  const entries: Entry[] = []
  // ZIP64 archives put a sentinel here; nothing that needs ZIP64 fits under the size limits.
  if (count === 0xffff || offset === 0xffffffff) return null
  for (let index = 0; index < count; index++) {
    if (offset + 46 > bytes.length || view.getUint32(offset, true) !== 0x02014b50) return null
    const nameLength = view.getUint16(offset + 28, true)
    const extraLength = view.getUint16(offset + 30, true)
    const nameEnd = offset + 46 + nameLength
    let unpacked = view.getUint32(offset + 24, true)
    if (unpacked === 0xffffffff) unpacked = zip64Size(view, nameEnd, extraLength)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(offset + 46, nameEnd)),
      streamed: (view.getUint16(offset + 8, true) & 8) !== 0,
      method: view.getUint16(offset + 10, true),
      packed: view.getUint32(offset + 20, true),
      unpacked
    })
    offset = nameEnd + extraLength + view.getUint16(offset + 32, true)
  }
  return entries
}

function endRecordOffset (view: DataView): number {
  const earliest = Math.max(0, view.byteLength - 22 - 0xffff)
  for (let offset = view.byteLength - 22; offset >= earliest; offset--) {
    if (view.getUint32(offset, true) === 0x06054b50) return offset
  }
  return -1
}

/** Some Java writers use the ZIP64 extra field for every entry, however small; its first value is the unpacked size. */
function zip64Size (view: DataView, start: number, length: number): number {
  const end = Math.min(start + length, view.byteLength)
  for (let offset = start; offset + 12 <= end; offset += 4 + view.getUint16(offset + 2, true)) {
    if (view.getUint16(offset, true) === 1) return Number(view.getBigUint64(offset + 4, true))
  }
  return Number.POSITIVE_INFINITY
}
