import { tmpdir } from 'node:os'
import { crc32, createDeflateRaw } from 'node:zlib'
import { createSpool, type SpooledFile } from '../../src/streaming/spool.ts'
import type { TablePool } from '../../src/tables/pool.ts'
import { shareFile } from '../../src/tables/shared-file.ts'
import { randomFrom } from '../uploads/wire.ts'
import { chunks } from './helper.ts'
import { MAIN, SHEET, workbookOf, type TestWorkbook } from './workbook-of.ts'
import { zipOf, type TestPart } from './zip-of.ts'

export const MIB = 1024 ** 2
const HEADER = '<row r="1"><c r="A1" t="str"><v>record_id</v></c><c r="B1" t="str"><v>quantity</v></c></row>'
const ROW = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>1.5</v></c></row>'
const STRINGS = `<sst xmlns="${MAIN}"><si><t>r-1</t></si></sst>`
const GOOD: TestWorkbook = { sheet: SHEET(HEADER + ROW), strings: STRINGS }
/** The answers that a task may give for a workbook that it does not read. */
const REFUSALS = ['NOT_A_WORKBOOK', 'BODY_TOO_LARGE', 'MALFORMED_BODY', 'UPSTREAM_INVALID', 'VALIDATION_FAILED']

type Random = () => number
type Kind = (random: Random, mebibytes: number) => Buffer

const upTo = (random: Random, end: number): number => Math.floor(random() * end)
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[upTo(random, values.length)]!
const relation = (target: string, type = 'worksheet'): string =>
  `<Relationship Id="r0" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" ${target}/>`
const relations = (...list: string[]): string => `<Relationships>${list.join('')}</Relationships>`
const SHEET_RELS = 'xl/worksheets/_rels/sheet1.xml.rels'

/** A part that begins with `start` and goes on with a filler, some MiB long. */
function long (start: string, filler: string, mebibytes: number): Buffer {
  return Buffer.concat([Buffer.from(start), Buffer.alloc(mebibytes * MIB, filler)])
}

const withComments = (comments: string | Buffer): Buffer => workbookOf({
  ...GOOD,
  parts: { [SHEET_RELS]: relations(relation('Target="../comments1.xml"', 'comments')), 'xl/comments1.xml': comments }
})

const KINDS: Readonly<Record<string, Kind>> = {
  'a good workbook, cut': random => {
    const bytes = workbookOf(GOOD)
    return bytes.subarray(0, upTo(random, bytes.length))
  },
  'changed bytes': random => {
    const bytes = workbookOf({ ...GOOD, pack: part => ({ ...part, isStored: random() < 0.5 }) })
    for (let left = 1 + upTo(random, 6); left > 0; left -= 1) bytes[upTo(random, bytes.length)] = upTo(random, 256)
    return bytes
  },
  'changed bytes in the directory of the archive': random => {
    const bytes = workbookOf(GOOD)
    for (let left = 1 + upTo(random, 4); left > 0; left -= 1) {
      bytes[bytes.length - 1 - upTo(random, 400)] = pick(random, [0, 1, 127, 128, 255, upTo(random, 256)])
    }
    return bytes
  },
  'a size or a checksum that is not true': random => workbookOf({
    ...GOOD,
    pack: part => random() < 0.5
      ? part
      : {
          ...part, ...pick<Partial<TestPart>>(random, [
            { size: 0 }, { size: upTo(random, 2 ** 31) }, { crc: 1 }, { size: 0xffffffff }, { isZip64: true, size: 5 },
            { hasDescriptor: true, size: 1 }
          ])
        }
  }),
  'names of parts': random => zipOf(Array.from({ length: 1 + upTo(random, 12_000) }, (_, at) => ({
    name: pick(random, [
      `${at}`, `xl/${at}`, '../a', '/xl/workbook.xml', 'xl\\workbook.xml', `${'a/'.repeat(300)}${at}`
    ]),
    content: '',
    isStored: true
  }))),
  'relations in a circle': random => {
    const targets = [
      'Target="workbook.xml"', 'Target="_rels/workbook.xml.rels"', 'Target="../_rels/.rels"', 'Target="/"', 'Target=""',
      'Target="worksheets/sheet1.xml/../../workbook.xml"', 'Target="../../../../etc/passwd"', 'Target="//host/a"',
      'Target="http://127.0.0.1/a" TargetMode="External"', 'Target="file:///dev/zero"'
    ]
    return workbookOf({
      ...GOOD,
      parts: {
        [pick(random, ['_rels/.rels', 'xl/_rels/workbook.xml.rels', SHEET_RELS])]:
          relations(relation(pick(random, targets), pick(random, ['worksheet', 'officeDocument', 'comments'])))
      }
    })
  },
  'XML that no workbook may hold': random => workbookOf({
    ...GOOD,
    sheet: pick(random, [
      `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}">]>${SHEET(HEADER)}`,
      SHEET(`${HEADER}<row r="2"><c><v>&b;</v></c></row>`),
      '<a>'.repeat(100_000), `${SHEET(HEADER)}</a>`, SHEET(HEADER).slice(0, -20), `<a ${'b="" '.repeat(50_000)}/>`,
      `<?xml version="1.0" encoding="${'u'.repeat(100_000)}"?><a/>`, '\ufeff', '<', `<${'x'.repeat(1_000_000)}`
    ])
  }),
  'cells and rows at odd places': random => {
    const rows = Array.from({ length: 1 + upTo(random, 50) }, () => {
      const row = pick(random, ['0', '-1', '2', '1048577', '4294967298', '1e3', ''])
      const column = pick(random, ['A', 'XFE', '', 'é'])
      const type = pick(random, ['s', 'str', 'b', 'e', 'd', 'inlineStr', 'x'])
      const value = pick(random, ['0', '-1', '9999999999', '1e308', '1e-400', 'NaN', ''])
      return `<row r="${row}"><c r="${column}${row}" t="${type}" s="99"><v>${value}</v></c></row>`
    })
    return workbookOf({ ...GOOD, sheet: SHEET(HEADER + rows.join('')) })
  },
  'a part that is far longer unpacked': (random, mebibytes) => {
    const start = `<worksheet xmlns="${MAIN}"><sheetData>${HEADER}`
    const cell = `${start}<row r="2"><c r="A2" t="str"><v>`
    return workbookOf({
      ...GOOD,
      ...pick<() => TestWorkbook>(random, [
        () => ({ sheet: long(cell, 'x', mebibytes) }), () => ({ sheet: long(cell, '&lt;', mebibytes) }),
        () => ({ sheet: long(start, '<row/>', mebibytes) }), () => ({ sheet: long(start, ' ', mebibytes) }),
        () => ({ sheet: long(`${start}<row r="2">`, '<c/>', mebibytes) }),
        () => ({ sheet: long(`${start}<!--`, '<x>', mebibytes) }),
        () => ({ sheet: long('<worksheet a="', 'x>', mebibytes) }),
        () => ({ sheet: long('<worksheet ', 'a="" ', mebibytes) }),
        () => ({ parts: { 'xl/sharedStrings.xml': long('<sst><si><t>', 'x', mebibytes) } }),
        () => ({ parts: { 'xl/sharedStrings.xml': long('<sst>', '<si/>', mebibytes) } }),
        () => ({ parts: { 'xl/sharedStrings.xml': long('<sst>', '<si><t>y</t></si>', mebibytes) } }),
        () => ({ parts: { 'xl/styles.xml': long('<styleSheet><cellXfs>', '<xf/>', mebibytes) } }),
        () => ({ parts: { 'xl/workbook.xml': long('<workbook><sheets>', '<sheet name="a"/>', mebibytes) } }),
        () => ({ parts: { '_rels/.rels': long('<Relationships>', '<Relationship Target="x" Id="r"/>', mebibytes) } })
      ])()
    })
  },
  'comments of a kind': (random, mebibytes) => {
    const comment = (ref: string): string => `<comment ref="${ref}"><text><t>USG_1: x</t></text></comment>`
    return withComments(pick<() => string | Buffer>(random, [
      () => long('<comments><commentList>', comment('A2'), mebibytes),
      () => long('<comments><commentList><comment ref="A2"><text><t>', 'x', mebibytes),
      () => `<comments><commentList>${comment('ZZZ9999999999')}</commentList></comments>`,
      () => `<comments><commentList>${comment('')}${comment('A0')}</commentList></comments>`,
      () => '<comments',
      () => ''
    ])())
  }
}

/** Makes the workbook of a seed. A part that is long is some MiB long. */
export function hostileWorkbook (seed: number, mebibytes: number): { what: string, bytes: Buffer } {
  const names = Object.keys(KINDS)
  const what = names[seed % names.length]!
  return { what: `${what}, seed ${seed}`, bytes: KINDS[what]!(randomFrom(seed), mebibytes) }
}

/** Makes a workbook with one string of some GiB, without holding the string. */
export async function giantString (gibibytes: number): Promise<Buffer> {
  const piece = Buffer.alloc(MIB, 'x')
  const start = Buffer.from('<sst><si><t>')
  const deflate = createDeflateRaw()
  const packed: Buffer[] = []
  deflate.on('data', (chunk: Buffer) => { packed.push(chunk) })
  let crc = crc32(start)
  deflate.write(start)
  for (let left = gibibytes * 1024; left > 0; left -= 1) {
    crc = crc32(piece, crc)
    await new Promise(resolve => deflate.write(piece, resolve))
  }
  await new Promise(resolve => deflate.end(resolve))
  const size = start.length + gibibytes * 1024 * MIB
  return workbookOf({
    ...GOOD,
    pack: part => part.name === 'xl/sharedStrings.xml' ? { ...part, deflated: Buffer.concat(packed), crc, size } : part
  })
}

const spool = createSpool(tmpdir(), 100, { tooMany: 'too many', noRoom: 'no room' })
const ROWS = Buffer.from('record_id,external_billing_id\nr-1,INV-1\n')

/**
 * Lets every task that reads a workbook read this one, as the operations do: check, conversion, row errors, marked
 * workbook, and a workbook of Connect that rows are filled into. Gives what is not as it must be: no task may take more
 * than these seconds of CPU.
 */
export async function readEverywhere (pool: TablePool, bytes: Buffer, maxSeconds: number): Promise<string[]> {
  const opened: SpooledFile[] = []
  const fileOf = async (content: Buffer): Promise<ReturnType<typeof shareFile>> => {
    const file = await spool.open()
    opened.push(file)
    for await (const chunk of chunks(content)) await file.write(chunk)
    return shareFile(file.fd)
  }
  const owner = { callerId: 'one', signal: new AbortController().signal }
  const [none, maxBytes] = [Buffer.alloc(0), 2 ** 28]
  const faults: string[] = []
  try {
    const [input, output, empty] = [await fileOf(bytes), await fileOf(none), await fileOf(none)]
    const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
      check: async () => await pool.run('check', {
        input, from: 'xlsx', schema: 'cr', period: null, problems: output
      }, owner),
      convert: async () => await pool.run('convert', { input, output, from: 'xlsx', to: 'csv', maxBytes }, owner),
      findRowErrors: async () => await pool.run('findRowErrors', { input, output }, owner),
      markRowErrors: async () => await pool.run('markRowErrors', { input, errors: empty, output, maxBytes }, owner),
      markCheck: async () => await pool.run('markCheck', {
        input, from: 'xlsx', problems: empty, output, maxBytes
      }, owner),
      fill: async () => await pool.run('fill', {
        input: await fileOf(ROWS), from: 'csv', workbook: input, scratch: empty, output, maxBytes
      }, owner)
    }
    for (const [name, run] of Object.entries(tasks)) {
      const before = process.cpuUsage()
      const failed = (error: { code?: string }): string => error.code ?? String(error)
      const outcome = await run().then(() => 'read', failed)
      if (outcome !== 'read' && !REFUSALS.includes(outcome)) faults.push(`${name}: ${outcome}`)
      const { user, system } = process.cpuUsage(before)
      const seconds = Math.round((user + system) / 1e6)
      if (seconds > maxSeconds) faults.push(`${name}: ${seconds} s of CPU`)
    }
  } finally {
    for (const file of opened) await file.close()
  }
  return faults
}
