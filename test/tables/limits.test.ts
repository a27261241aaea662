import { tmpdir } from 'node:os'
import t, { type Test as Tap } from 'tap'
import type { RowError } from '../../schemas/row-error.ts'
import { createSpool, type SpooledFile } from '../../src/streaming/spool.ts'
import { readCsv } from '../../src/tables/read-csv.ts'
import { writeRowErrors } from '../../src/tables/row-errors.ts'
import { RowStore } from '../../src/tables/row-store.ts'
import { ScratchFile } from '../../src/tables/scratch-file.ts'
import { shareFile } from '../../src/tables/shared-file.ts'
import { openZip } from '../../src/tables/xlsx/open-zip.ts'
import { chunks, join } from './helper.ts'
import { SHEET, workbookOf } from './workbook-of.ts'
import { zipOf } from './zip-of.ts'

const spool = createSpool(tmpdir(), 100, { tooMany: 'too many', noRoom: 'no room' })

async function fileOf (t: Tap, content: Buffer | string): Promise<SpooledFile> {
  const file = await spool.open()
  t.teardown(async () => { await file.close() })
  await file.write(Buffer.from(content))
  return file
}

t.test('the tags of a workbook are bounded: a small archive can hold minutes of them', async (t) => {
  const content = Buffer.alloc(33_000_000, '<')
  const bytes = zipOf(['a.xml', 'b.xml', 'c.xml', 'd.xml'].map(name => ({ name, content })))
  t.ok(bytes.length < 1_000_000, `${bytes.length} bytes`)
  const archive = await openZip((await fileOf(t, bytes)).fd)
  const drain = async (path: string): Promise<void> => { for await (const chunk of archive.read(path)) void chunk }
  for (const path of ['a.xml', 'b.xml', 'c.xml']) await drain(path)
  await t.rejects(drain('d.xml'), { code: 'BODY_TOO_LARGE', message: 'The workbook has more than 128000000 tags.' })
})

t.test('the name of a column is bounded: every problem holds it', async (t) => {
  const csv = (chars: number): AsyncIterable<Buffer> => chunks(`record_id,v.${'x'.repeat(chars - 2)}\nr1,1\n`)
  t.equal((await readCsv(csv(1000))).columns[1]?.length, 1000)
  await t.rejects(readCsv(csv(1001)), { code: 'BODY_TOO_LARGE', message: /has more than 1000 characters/ })
})

t.test('rows, problems and row errors that wait on disk are bounded', async (t) => {
  const scratch = new ScratchFile((await fileOf(t, '')).fd, 100)
  const store = new RowStore(scratch)
  const add = (id: string): void => {
    store.add(id, { number: 2, cells: { record_id: id } })
    store.flush()
  }
  add('r1')
  add('r2')
  t.throws(() => { add('r3') }, {
    code: 'BODY_TOO_LARGE', message: 'The rows take more than 100 bytes of temporary disk.'
  })
  t.match(store.take('r2'), { row: { cells: { record_id: 'r2' } } })
  scratch.append(Buffer.alloc(4))
  t.throws(() => { scratch.append(Buffer.alloc(20)) }, { code: 'BODY_TOO_LARGE' })
})

t.test('many comments on one row take no longer than on many rows', async (t) => {
  const comment = '<comment ref="A2"><text><t>USG_002: x</t></text></comment>'
  const workbook = workbookOf({
    sheet: SHEET('<row r="1"><c t="str"><v>record_id</v></c></row><row r="2"><c t="str"><v>r-1</v></c></row>'),
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels': '<Relationships><Relationship Id="c" Type="x/comments" ' +
        'Target="../comments1.xml"/></Relationships>',
      'xl/comments1.xml': `<comments><commentList>${comment.repeat(50_000)}</commentList></comments>`
    }
  })
  const output = await fileOf(t, '')
  const task = { input: shareFile((await fileOf(t, workbook)).fd), output: shareFile(output.fd) }
  const before = process.cpuUsage()
  t.equal(await writeRowErrors(task), 50_000)
  const { user } = process.cpuUsage(before)
  t.ok(user < 15e6, `${Math.round(user / 1000)} ms of the processor`)
  const [first] = (await join(output.read())).toString().split('\n', 1)
  t.match(JSON.parse(first!) as RowError, { row: 2, cell: 'A2', recordId: 'r-1', code: 'USG_002', message: 'x' })
})
