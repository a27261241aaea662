import t from 'tap'
import { deflateRawSync } from 'node:zlib'
import { writeXlsx } from 'hucre/xlsx'
import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import { readReconciliationWorkbook } from '../../src/workbooks/reconciliation-file.ts'
import { storeUncompressed } from '../../src/workbooks/stored-zip.ts'
import { openArchive } from '../../src/workbooks/zip-archive.ts'
import { catalog, goodRow, upload } from './fixtures/catalog.ts'

async function faultOf (bytes: Uint8Array): Promise<string | null> {
  const { fileError } = await checkUsageWorkbook(bytes, catalog())
  if ((await readReconciliationWorkbook(bytes)).fileError !== fileError) {
    throw new Error('a reconciliation must be refused alike')
  }
  return fileError
}

/** Where the directory record of an entry starts. */
function recordOf (bytes: Uint8Array, name: string): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(name) - 46
}

t.test('a file that is not a workbook is refused without an exception', async t => {
  const notWorkbook = 'The file is not an XLSX workbook.'
  t.equal(await faultOf(new Uint8Array()), notWorkbook)
  t.equal(await faultOf(Buffer.from('record_id,quantity\n1,2\n'.repeat(10))), notWorkbook)
  const good = await upload([goodRow])
  t.equal(await faultOf(good.subarray(0, good.length - 30)), notWorkbook)
  const emptyZip = new Uint8Array(22)
  new DataView(emptyZip.buffer).setUint32(0, 0x06054b50, true)
  t.equal(await faultOf(emptyZip), 'The file is not a readable XLSX workbook.')
})

t.test('a workbook that is cut or damaged anywhere causes no exception', async t => {
  const good = await upload([goodRow])
  for (let offset = 0; offset < good.length; offset += 97) {
    const damaged = good.slice()
    damaged.fill(0xff, offset, offset + 4)
    await checkUsageWorkbook(damaged, catalog())
    await checkUsageWorkbook(good.subarray(offset), catalog())
  }
  t.pass('all were read or refused')
})

t.test('a workbook that unpacks to too many bytes is refused', async t => {
  const tooLarge = 'The workbook is too large once unpacked. ' +
    'Its part xl/worksheets/sheet1.xml may have at most 100 MB.'
  const bytes = await upload([goodRow])
  const view = new DataView(bytes.buffer)
  const record = recordOf(bytes, 'xl/worksheets/sheet1.xml')
  view.setUint32(record + 24, 0x7fffffff, true)
  t.equal(await faultOf(bytes), tooLarge)
  view.setUint32(record + 24, 0xffffffff, true)
  t.equal(await faultOf(bytes), tooLarge, 'also when it points to a ZIP64 size that is not there')
  view.setUint16(record + 10, 8, true)
  view.setUint32(record + 24, 0, true)
  t.equal(await faultOf(bytes), 'The file is not an XLSX workbook.', 'and when it hides its size')
  t.equal(openArchive(new Uint8Array(50 * 1024 * 1024 + 1)).fault, 'The file is larger than 50 MB.')
})

t.test('ZIP64 sizes are read, which some Java writers put on every entry', async t => {
  const record = new Uint8Array(46 + 1 + 4 + 20 + 22)
  const view = new DataView(record.buffer)
  view.setUint32(0, 0x02014b50, true)
  view.setUint32(24, 0xffffffff, true)
  view.setUint16(28, 1, true)
  view.setUint16(30, 24, true)
  view.setUint16(47, 7, true)
  view.setUint16(51, 1, true)
  view.setUint16(53, 16, true)
  view.setBigUint64(55, 1000n, true)
  view.setUint32(71, 0x06054b50, true)
  view.setUint16(81, 1, true)
  t.equal(openArchive(record).fault, null)
  view.setBigUint64(55, 10n ** 9n, true)
  t.match(openArchive(record).fault, /too large once unpacked\. Its part .* may have at most 16 MB\.$/s)
})

t.test('a sheet with too many cells is refused before it fills the memory', async t => {
  const wide = Array.from(
    { length: 620 },
    (_, index) => `<row r="${index + 1}"><c r="XFD${index + 1}"><v>1</v></c></row>`
  ).join('')
  const plain = await writeXlsx({ sheets: [{ name: 'records', rows: [['@@@'.repeat(10_000)]] }], stringMode: 'inline' })
  const stored = Buffer.from(storeUncompressed(plain))
  const from = stored.indexOf('<row r="1"')
  const to = stored.indexOf('</row>') + 6
  wide.padEnd(to - from).split('').forEach((sign, index) => { stored[from + index] = sign.charCodeAt(0) })
  // The changed part no longer matches its checksum, which the streaming reader does not look at.
  t.match(await faultOf(stored), /too large: at most/)
})

t.test('an encrypted workbook is told apart', async t => {
  const bytes = await writeXlsx({
    sheets: [{ name: 'records', rows: [['x']] }],
    encryption: { password: 'secret', spinCount: 1 }
  })
  t.equal(await faultOf(bytes), 'The file is protected by a password, or of the old XLS format.')
})

t.test('only what the writer itself packs is unpacked when a workbook is stored', async t => {
  const bytes = storeUncompressed(await writeXlsx({ sheets: [{ name: 'records', rows: [['x'.repeat(1000)]] }] }))
  t.equal(openArchive(bytes).fault, null)
  t.ok(deflateRawSync(bytes).length < bytes.length / 2, 'nothing in it is compressed')
  t.same(storeUncompressed(bytes), bytes, 'storing again changes nothing')
})
