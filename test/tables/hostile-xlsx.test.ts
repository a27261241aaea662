import t, { type Test as Tap } from 'tap'
import { MAIN, readWorkbook, SHEET, workbookOf, type TestWorkbook } from './workbook-of.ts'
import { zipOf } from './zip-of.ts'
import { randomFrom } from '../uploads/wire.ts'

const HEADER = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
const row = (cells: string, number = 2): string => `<row r="${number}">${cells}</row>`
const NOT_READ = ['NOT_A_WORKBOOK', 'BODY_TOO_LARGE', 'MALFORMED_BODY']
const MIB = 1024 ** 2

async function isRefused (t: Tap, bytes: Buffer, code: string | readonly string[], what: string): Promise<void> {
  try {
    await readWorkbook(bytes)
    t.fail(`${what}: read`)
  } catch (error) {
    const { code: found, message } = error as { code?: string, message: string }
    t.ok([code].flat().includes(found ?? ''), `${what}: ${found ?? ''} ${message}`)
  }
}

t.test('what is no workbook is refused with 422', async (t) => {
  const good = workbookOf({ sheet: SHEET(HEADER + row('<c r="A2" t="str"><v>x</v></c>')) })
  const cases: Readonly<Record<string, Buffer>> = {
    'no byte': Buffer.alloc(0),
    text: Buffer.from('a,b\n1,2'),
    'an empty zip': zipOf([]),
    'a zip without a workbook': zipOf([{ name: 'a.txt', content: 'x' }]),
    'a part that is there twice': zipOf([
      ...['xl/workbook.xml', 'XL/Workbook.xml'].map(name => ({ name, content: '<workbook/>' }))
    ])
  }
  for (const [what, bytes] of Object.entries(cases)) await isRefused(t, bytes, 'NOT_A_WORKBOOK', what)
  for (let at = 0; at < good.length; at += 41) {
    await isRefused(t, good.subarray(0, at), 'NOT_A_WORKBOOK', `cut after ${at} bytes`)
  }
})

t.test('XML that a workbook may not hold is refused', async (t) => {
  const strings = '<sst><si><t>x</t></si></sst>'
  const sheets: ReadonlyArray<[string, string | Buffer, string?]> = [
    ['a document type', `<!DOCTYPE worksheet [<!ENTITY a "x">]>${SHEET(HEADER)}`],
    ['an unknown entity', SHEET(`${HEADER}${row('<c r="A2" t="str"><v>&a;</v></c>')}`)],
    ['an open element', SHEET(HEADER).replace('</sheetData>', '')],
    ['no XML', 'hello'],
    ['another encoding', Buffer.from('<?xml version="1.0" encoding="windows-1252"?><worksheet/>')],
    ['bytes that are not UTF-8', Buffer.from(SHEET(HEADER + row('<c r="A2" t="str"><v>é</v></c>')), 'latin1')],
    ['half a character of UTF-16', Buffer.concat([Buffer.from(`\ufeff${SHEET(HEADER)}`, 'utf16le'), Buffer.from([0])])],
    ['rows out of order', SHEET(HEADER + row('', 3) + row('', 2))],
    ['a row twice', SHEET(HEADER + row('', 2) + row('', 2))],
    ['row 0', SHEET(row('', 0))],
    ['a row after the last', SHEET(HEADER + row('', 1_048_577))],
    ['a cell of another row', SHEET(HEADER + row('<c r="A3"><v>1</v></c>'))],
    ['a cell after the last column', SHEET(HEADER + row('<c r="XFE2"><v>1</v></c>'))],
    ['a reference that is none', SHEET(HEADER + row('<c r="12"><v>1</v></c>'))],
    ['a cell twice', SHEET(HEADER + row('<c r="A2"><v>1</v></c><c r="A2"><v>1</v></c>'))],
    ['a string that is missing', SHEET(HEADER + row('<c r="A2" t="s"><v>1</v></c>'))],
    ['a string of index -1', SHEET(HEADER + row('<c r="A2" t="s"><v>-1</v></c>'))],
    ['no header', SHEET(row('<c r="A2"><v>1</v></c>')), 'MALFORMED_BODY'],
    ['an empty sheet', SHEET(''), 'MALFORMED_BODY'],
    ['a value beside the header', SHEET(HEADER + row('<c r="B2"><v>1</v></c>')), 'MALFORMED_BODY'],
    ['one name twice', SHEET('<row r="1"><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'), 'MALFORMED_BODY'],
    ['deep elements', '<a>'.repeat(100), 'BODY_TOO_LARGE'],
    ['a long cell', SHEET(HEADER + row(`<c r="A2" t="str"><v>${'x'.repeat(32_768)}</v></c>`)), 'BODY_TOO_LARGE']
  ]
  for (const [what, sheet, code = 'NOT_A_WORKBOOK'] of sheets) {
    await isRefused(t, workbookOf({ sheet, strings }), code, what)
  }
  const parts: Readonly<Record<string, TestWorkbook['parts']>> = {
    'a target outside': { 'xl/_rels/workbook.xml.rels': relation('Target="../../../etc/passwd"') },
    'an external target': { 'xl/_rels/workbook.xml.rels': relation('Target="http://x/" TargetMode="External"') },
    'a sheet that is the workbook': { 'xl/_rels/workbook.xml.rels': relation('Target="workbook.xml"') },
    'relations of relations': { '_rels/.rels': relation('Target="_rels/.rels"') }
  }
  const codes = ['NOT_A_WORKBOOK', 'MALFORMED_BODY']
  for (const [what, part] of Object.entries(parts)) await isRefused(t, workbookOf({ parts: part! }), codes, what)
})

t.test('archives that lie about their parts are refused', async (t) => {
  const sheet = SHEET(HEADER + row('<c r="A2" t="str"><v>x</v></c>'))
  for (const size of [0, 10, 1_000_000]) {
    const bytes = workbookOf({ sheet, pack: part => part.name.includes('sheet1') ? { ...part, size } : part })
    await isRefused(t, bytes, 'NOT_A_WORKBOOK', `a size of ${size}`)
  }
  const wrong = workbookOf({ sheet, pack: part => part.name.includes('sheet1') ? { ...part, crc: 1 } : part })
  await isRefused(t, wrong, 'NOT_A_WORKBOOK', 'a wrong checksum')
  const many = Array.from({ length: 10_001 }, (_, at) => ({ name: `p${at}`, content: '', isStored: true }))
  await isRefused(t, zipOf(many), 'BODY_TOO_LARGE', 'ten thousand entries')
})

t.test('a part that is too large once unpacked is refused with its limit', async (t) => {
  const styles = `<styleSheet>${'<a/>'.repeat(5 * MIB)}</styleSheet>`
  await t.rejects(readWorkbook(workbookOf({ styles })), {
    code: 'BODY_TOO_LARGE',
    message: /^The part "xl\/styles.xml" has more than \d+ bytes unpacked\.$/
  })
})

t.test('bombs end early, in little memory', async (t) => {
  const bomb = (start: string, filler: string, mebibytes = 4): Buffer =>
    Buffer.concat([Buffer.from(start), Buffer.alloc(mebibytes * MIB, filler)])
  const cell = '<c r="A2" t="str"><v>'
  const bombs: Readonly<Record<string, TestWorkbook>> = {
    'one text': { sheet: bomb(`<worksheet><sheetData>${HEADER}<row r="2">${cell}`, 'x') },
    'one text of entities': { sheet: bomb(`<worksheet><sheetData>${HEADER}<row r="2">${cell}`, '&lt;') },
    'one comment': { sheet: bomb('<worksheet><!--', '<x>') },
    'one attribute': { sheet: bomb('<worksheet a="', 'x>') },
    'one name': { sheet: bomb('<', 'x') },
    'one CDATA section': { sheet: bomb('<worksheet><![CDATA[', '<x>]') },
    'empty rows': { sheet: bomb(`<worksheet><sheetData>${HEADER}`, '<row/>') },
    attributes: { sheet: bomb('<worksheet ', 'a="" ') },
    'one string': { strings: bomb('<sst><si><t>', 'x') as unknown as string },
    strings: { strings: bomb('<sst>', '<si/>') as unknown as string },
    styles: { styles: bomb('<styleSheet><cellXfs>', '<xf/>') as unknown as string },
    relations: { parts: { '_rels/.rels': bomb('<Relationships>', '<Relationship Target="x" Id="r"/>', 20) } }
  }
  for (const [what, workbook] of Object.entries(bombs)) {
    const bytes = workbookOf(workbook)
    const [began, before] = [performance.now(), process.memoryUsage().rss]
    await isRefused(t, bytes, NOT_READ, what)
    t.ok(performance.now() - began < 30_000, `${what}: in ${Math.round(performance.now() - began)} ms`)
    t.ok(process.memoryUsage().rss - before < 200 * MIB, `${what}: in little memory`)
  }
})

t.test('500 damaged workbooks are read or refused, and nothing else', async (t) => {
  const cells = '<c r="A2" t="s"><v>0</v></c><c r="B2"><v>1.5</v></c>'
  const good = workbookOf({
    strings: `<sst xmlns="${MAIN}"><si><t>x</t></si></sst>`,
    sheet: SHEET(HEADER.replace('</row>', '<c r="B1" t="str"><v>b</v></c></row>') + row(cells))
  })
  const stored = workbookOf({ sheet: SHEET(HEADER + row(cells)), pack: part => ({ ...part, isStored: true, crc: 0 }) })
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = randomFrom(seed)
    const bytes = Buffer.from(seed % 2 === 0 ? good : stored)
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    }
    const failed = (error: { code?: string }): string => error.code ?? String(error)
    const outcome = await readWorkbook(bytes).then(() => 'read', failed)
    if (!['read', ...NOT_READ].includes(outcome)) t.fail(`seed ${seed}: ${outcome}`)
  }
})

function relation (attributes: string): string {
  return `<Relationships><Relationship Id="r0" Type="x/worksheet" ${attributes}/></Relationships>`
}
