import { inflateRawSync } from 'node:zlib'

/**
 * The most bytes of a workbook, of all its unpacked parts together, of one unpacked sheet, and of any other part.
 * Connect publishes no such limits.
 */
const limits = {
  upload: 50 * 1024 * 1024,
  unpackedTotal: 120 * 1024 * 1024,
  unpackedSheet: 100 * 1024 * 1024,
  unpackedOther: 16 * 1024 * 1024
}

/** The first bytes of an OLE2 file, Microsoft's older container. A workbook with a password is such a file. */
const ole2 = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]

const signatures = {
  entry: 0x04034b50, directory: 0x02014b50, end: 0x06054b50, zip64End: 0x06064b50, locator: 0x07064b50
}
/** The value of a 32-bit field whose real value is in the ZIP64 fields. */
const elsewhere = 0xffffffff

interface Entry { name: string, method: number, streamed: boolean, packed: number, unpacked: number, offset: number }

export interface Archive {
  /** What is wrong with the zip archive; null when it can be read. */
  fault: string | null
  /** Gives the text of an entry, or null when there is no entry of that name. Throws when unpacking fails. */
  text: (name: string) => string | null
}

/** Checks the declared sizes of all entries before anything is unpacked. A fault is given, not thrown. */
export function openArchive (bytes: Uint8Array): Archive {
  if (bytes.length > limits.upload) return refused('The file is larger than 50 MB.')
  if (ole2.every((byte, index) => bytes[index] === byte)) {
    return refused('The file is protected by a password, or of the old XLS format.')
  }
  const entries = readDirectory(bytes)
  if (entries === null) return refused('The file is not an XLSX workbook.')
  let total = 0
  for (const entry of entries) {
    total += entry.unpacked
    if (entry.unpacked > limitOf(entry)) return tooLarge(`Its part ${entry.name.slice(0, 64)}`, limitOf(entry))
    if (total > limits.unpackedTotal) return tooLarge('All its parts together', limits.unpackedTotal)
    if (entry.method !== 0 && hidesItsSize(entry)) return refused('The file is not an XLSX workbook.')
  }
  const byName = new Map(entries.map(entry => [entry.name, entry]))
  return {
    fault: null,
    text: (name) => {
      const entry = byName.get(entryName(name))
      return entry === undefined ? null : textOf(unpack(bytes, entry))
    }
  }
}

/**
 * Gives the form of a name by which entries are found: some programs write backslashes, or other letter cases than in
 * the links between the parts.
 */
export function entryName (name: string): string {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()
}

function refused (fault: string): Archive {
  return { fault, text: () => null }
}

function tooLarge (what: string, limit: number): Archive {
  return refused(`The workbook is too large once unpacked. ${what} may have at most ${limit / 1024 ** 2} MB.`)
}

function limitOf ({ name }: Entry): number {
  return name.includes('worksheets/') ? limits.unpackedSheet : limits.unpackedOther
}

/**
 * Whether an entry declares no content but can have some. Compressed empty content takes two bytes; more bytes cannot
 * be empty. For a streamed entry (its sizes follow its data), a compressed size of 0 tells nothing.
 */
function hidesItsSize (entry: Entry): boolean {
  return entry.unpacked === 0 && (entry.packed > 2 || (entry.streamed && entry.packed === 0))
}

function unpack (bytes: Uint8Array, entry: Entry): Uint8Array {
  const view = viewOf(bytes)
  if (view.getUint32(entry.offset, true) !== signatures.entry) throw new Error('no entry where the directory says')
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
  const packed = bytes.subarray(start, start + entry.packed)
  if (packed.length !== entry.packed) throw new Error('the entry is cut off')
  if (entry.method === 0) return packed
  if (entry.method !== 8) throw new Error('unknown way of packing')
  return inflateRawSync(packed, { maxOutputLength: limitOf(entry) })
}

function textOf (bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

function readDirectory (bytes: Uint8Array): Entry[] | null {
  const view = viewOf(bytes)
  const end = endRecordOffset(view)
  if (end === -1) return null
  let count = view.getUint16(end + 10, true)
  let offset = view.getUint32(end + 16, true)
  if (count === 0xffff || offset === elsewhere) {
    const zip64 = zip64End(view, end)
    if (zip64 === null) return null
    count = zip64.count
    offset = zip64.offset
  }
  const entries: Entry[] = []
  for (let index = 0; index < count; index++) {
    if (offset + 46 > bytes.length || view.getUint32(offset, true) !== signatures.directory) return null
    const nameEnd = offset + 46 + view.getUint16(offset + 28, true)
    const extraEnd = nameEnd + view.getUint16(offset + 30, true)
    entries.push({
      name: entryName(new TextDecoder().decode(bytes.subarray(offset + 46, nameEnd))),
      streamed: (view.getUint16(offset + 8, true) & 8) !== 0,
      method: view.getUint16(offset + 10, true),
      ...sizesOf(view, offset, nameEnd, extraEnd)
    })
    offset = extraEnd + view.getUint16(offset + 32, true)
  }
  return entries
}

function endRecordOffset (view: DataView): number {
  const earliest = Math.max(0, view.byteLength - 22 - 0xffff)
  for (let offset = view.byteLength - 22; offset >= earliest; offset--) {
    if (view.getUint32(offset, true) === signatures.end) return offset
  }
  return -1
}

/** Reads the ZIP64 end record, which some programs write for small archives, too. Null without one. */
function zip64End (view: DataView, end: number): { count: number, offset: number } | null {
  const locator = end - 20
  if (locator < 0 || view.getUint32(locator, true) !== signatures.locator) return null
  const at = Number(view.getBigUint64(locator + 8, true))
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== signatures.zip64End) return null
  return { count: Number(view.getBigUint64(at + 32, true)), offset: Number(view.getBigUint64(at + 48, true)) }
}

/**
 * Gives the sizes and the offset of an entry, from the ZIP64 fields where the entry uses them. Some Java programs use
 * them for every entry, also a small one.
 */
function sizesOf (
  view: DataView, record: number, start: number, extraEnd: number
): Pick<Entry, 'packed' | 'unpacked' | 'offset'> {
  const sizes = {
    unpacked: view.getUint32(record + 24, true),
    packed: view.getUint32(record + 20, true),
    offset: view.getUint32(record + 42, true)
  }
  const values = zip64Values(view, start, Math.min(extraEnd, view.byteLength))
  for (const field of ['unpacked', 'packed', 'offset'] as const) {
    if (sizes[field] === elsewhere) sizes[field] = values.shift() ?? Number.POSITIVE_INFINITY
  }
  return sizes
}

function zip64Values (view: DataView, start: number, end: number): number[] {
  for (let offset = start; offset + 12 <= end; offset += 4 + view.getUint16(offset + 2, true)) {
    if (view.getUint16(offset, true) !== 1) continue
    const count = Math.floor(Math.min(view.getUint16(offset + 2, true), end - offset - 4) / 8)
    return Array.from({ length: count }, (_, index) => Number(view.getBigUint64(offset + 4 + index * 8, true)))
  }
  return []
}

function viewOf (bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
