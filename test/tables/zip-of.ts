import { crc32, deflateRawSync } from 'node:zlib'

export interface TestPart {
  name: string
  content: string | Buffer
  isStored?: boolean
  /** The content deflated, where the content itself would take too much memory. Needs `size` and `crc`. */
  deflated?: Buffer
  /** The size that the archive claims. Default: the true one. */
  size?: number
  crc?: number
  hasDescriptor?: boolean
  isZip64?: boolean
}

/** Makes a zip archive, also one that lies. */
export function zipOf (parts: readonly TestPart[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const part of parts) {
    const bytes = typeof part.content === 'string' ? Buffer.from(part.content) : part.content
    const data = part.deflated ?? (part.isStored === true ? bytes : deflateRawSync(bytes))
    const crc = part.crc ?? crc32(bytes)
    const [name, size] = [Buffer.from(part.name), part.size ?? bytes.length]
    const flags = 0x800 | (part.hasDescriptor === true ? 8 : 0)
    const fields = words([20, 2], [flags, 2], [part.isStored === true ? 0 : 8, 2], [0, 2], [0x21, 2])
    const inDescriptor = part.hasDescriptor === true
    const local = Buffer.concat([
      words([0x04034b50, 4]), fields,
      inDescriptor ? Buffer.alloc(12) : words([crc, 4], [data.length, 4], [size, 4]),
      words([name.length, 2], [0, 2]), name, data,
      inDescriptor ? words([0x08074b50, 4], [crc, 4], [data.length, 4], [size, 4]) : Buffer.alloc(0)
    ])
    files.push(local)
    const extra = part.isZip64 === true
      ? words([1, 2], [24, 2], [size, 4], [0, 4], [data.length, 4], [0, 4], [offset, 4], [0, 4])
      : Buffer.alloc(0)
    const claimed = part.isZip64 === true ? [0xffffffff, 0xffffffff, 0xffffffff] : [data.length, size, offset]
    directory.push(Buffer.concat([
      words([0x02014b50, 4], [20, 2]), fields, words([crc, 4], [claimed[0]!, 4], [claimed[1]!, 4]),
      words([name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [claimed[2]!, 4]), name, extra
    ]))
    offset += local.length
  }
  const list = Buffer.concat(directory)
  const count = parts.length
  const end = words([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [list.length, 4], [offset, 4], [0, 2])
  return Buffer.concat([...files, list, end])
}

function words (...values: Array<[value: number, bytes: 2 | 4]>): Buffer {
  return Buffer.concat(values.map(([value, bytes]) => {
    const buffer = Buffer.alloc(bytes)
    if (bytes === 2) buffer.writeUInt16LE(value)
    else buffer.writeUInt32LE(value >>> 0)
    return buffer
  }))
}
