import t from 'tap'
import { XLSX } from '../../../src/media-types.ts'
import { asVendor, startBoth } from '../../helper.ts'
import { MAIN, SHEET, workbookOf, type TestWorkbook } from '../../tables/workbook-of.ts'
import { randomFrom } from '../../uploads/wire.ts'

const MIB = 1024 ** 2
const HEADER = '<row r="1"><c r="A1" t="str"><v>record_id</v></c></row>'
const HOSTILE: Readonly<Record<string, TestWorkbook>> = {
  'a bomb in a cell': { sheet: SHEET(`${HEADER}<row r="2"><c r="A2"><v>${'x'.repeat(16 * MIB)}</v></c></row>`) },
  'a bomb of spaces': { sheet: SHEET(HEADER + ' '.repeat(16 * MIB)) + 'x' },
  'one long string': {
    sheet: SHEET(HEADER), strings: `<sst xmlns="${MAIN}"><si><t>${'y'.repeat(16 * MIB)}</t></si></sst>`
  },
  'an entity': { sheet: `<!DOCTYPE a [<!ENTITY b "c">]>${SHEET(HEADER)}` },
  'deep elements': { sheet: '<a>'.repeat(100_000) },
  'no sheet': { sheet: '' },
  'a wrong checksum': { sheet: SHEET(HEADER), pack: part => ({ ...part, crc: 1 }) },
  'a wrong size': { sheet: SHEET(HEADER), pack: part => ({ ...part, size: 3 }) },
  'a sheet that is itself': { parts: { 'xl/_rels/workbook.xml.rels': '<Relationships/>' } }
}
const REFUSALS = [400, 413, 422]

t.test('hostile workbooks are refused with a problem, and Connect is not asked', async (t) => {
  const { origin, sandbox, logs } = await startBoth(t)
  const check = async (bytes: Buffer): Promise<Response> => await fetch(
    `${origin}/v1/products/PRD-276-377-545/usage-check?schema=qt`,
    { method: 'POST', headers: { ...asVendor, 'content-type': XLSX }, body: bytes }
  )
  for (const [what, parts] of Object.entries(HOSTILE)) {
    const answer = await check(workbookOf(parts))
    const { code } = await answer.json() as { code?: string }
    t.ok(REFUSALS.includes(answer.status), `${what}: ${answer.status} ${code ?? ''}`)
    t.ok(code !== undefined, what)
  }
  const good = workbookOf({ sheet: SHEET(`${HEADER}<row r="2"><c r="A2" t="str"><v>r-1</v></c></row>`) })
  t.equal((await check(good)).status, 200, 'a good one is still read')
  const random = randomFrom(7)
  for (let n = 0; n < 15; n += 1) {
    const bytes = Buffer.from(good)
    for (let bit = 0; bit < 3; bit += 1) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    const length = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length
    const { status } = await check(bytes.subarray(0, length))
    t.ok(status === 200 || REFUSALS.includes(status), `damaged ${n}: ${status}`)
  }
  t.equal(sandbox.ledger.entries.length, 0)
  t.same(logs.filter(({ level }) => level === 'error'), [])
})
