import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { parseXml, type XmlHandler } from '../../src/tables/xlsx/parse-xml.ts'
import { SheetHandler } from '../../src/tables/xlsx/read-sheet.ts'
import { SEED } from '../fuzz/seed.ts'
import { chunks } from './helper.ts'
import { SHEET } from './workbook-of.ts'

const CONTEXT = { strings: null, is1904: false, dateStyles: [false, true] }

/** The rows of a sheet, or the code of the error. */
type Outcome = unknown

/** Reads a sheet. `only` leaves out what the handler reads itself. */
async function read (sheet: string, size: number, only: (handler: SheetHandler) => XmlHandler): Promise<Outcome> {
  const handler = new SheetHandler(CONTEXT)
  try {
    for await (const _piece of parseXml(chunks(sheet, size), only(handler))) void _piece
    return outcomeOf(handler)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

function tagsOnly (handler: SheetHandler): XmlHandler {
  return {
    open: (name, attributes, depth) => { handler.open(name, attributes, depth) },
    close: (name, depth) => { handler.close(name, depth) },
    text: (text) => { handler.text(text) }
  }
}

/** The same with saxes, which calls the handler for each tag; `refused` for every error. */
function readBySaxes (sheet: string): Outcome {
  const handler = new SheetHandler(CONTEXT)
  const parser = new SaxesParser({ xmlns: false, defaultXMLVersion: '1.0', forceXMLVersion: true })
  let depth = 0
  parser.on('error', () => { throw new Error('not well-formed') })
  parser.on('opentag', ({ name, attributes }) => { handler.open(name, attributes as Record<string, string>, ++depth) })
  parser.on('closetag', ({ name }) => { handler.close(name, depth--) })
  parser.on('text', text => { handler.text(text) })
  parser.on('cdata', text => { handler.text(text) })
  try {
    parser.write(sheet).close()
    return outcomeOf(handler)
  } catch {
    return 'refused'
  }
}

function outcomeOf (handler: SheetHandler): Outcome {
  return {
    columns: handler.columns, rows: handler.takeRows().map(({ number, cells }) => ({ number, cells: { ...cells } }))
  }
}

const values = fc.constantFrom(
  'text', ' a b ', '12.50', '1E-5', '44927.5', '1', '', '&amp;', '&#13;', 'a>b', ']', ']]>', 'é😀', '_x000D_', '\n',
  '\r'
)
const TYPES = ['inlineStr', 'inlineStr', 'str', 'str', 'n', 'n', 'b', 'b', 's', 'e', 'd']
/** A cell in column `letters`: mostly as programs write cells, and some otherwise. */
const cell = (letters: string, row: number): fc.Arbitrary<string> => fc.tuple(
  fc.constantFrom(
    ...Array.from({ length: 40 }, () => ` r="${letters}${row}"`),
    '', ` r="${letters}9"`, ` r="XFE${row}"`, ` r='${letters}${row}'`
  ),
  fc.constantFrom('', '', ' s="1"', ' s="0"', ' s="70"', ' s=""', '  s="1"'),
  fc.constantFrom('', '', ...TYPES.map(type => ` t="${type}"`)),
  values.chain(value => fc.constantFrom(
    `><v>${value}</v></c>`, `><is><t>${value}</t></is></c>`, `><is><t xml:space="preserve">${value}</t></is></c>`,
    `><f>A1</f><v>${value}</v></c>`, '/>', `><v>${value}</v ></c>`, `><v><![CDATA[${value}]]></v></c>`
  ))
).map(parts => `<c${parts.join('')}`)

const row = (number: number): fc.Arbitrary<string> => fc.tuple(cell('A', number), cell('B', number), cell('AA', number))
  .chain(cells => fc.subarray(cells)).map(cells => `<row r="${number}">${cells.join('')}</row>`)

const HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="str"><v>b</v></c>' +
  '<c r="AA1" t="inlineStr"><is><t>c</t></is></c></row>'
const edit = fc.tuple(
  fc.nat(), fc.nat(3), fc.constantFrom('', '', '<', '>', '"', '&', ' ', 'x:', '</c>', '<c r="B2">', '1')
)
const edits = fc.oneof(fc.constant([]), fc.array(edit, { maxLength: 2 }))
const sheets = fc.tuple(row(2), row(3), row(12), edits).map(([two, three, twelve, changes]) =>
  changes.reduce((text, [place, count, added]) => {
    const at = place % (text.length + 1)
    return text.slice(0, at) + added + text.slice(at + count)
  }, HEADER + two + three + twelve).replace(/\p{Surrogate}/gu, ''))

t.test('a cell of the usual form is read as the scanner and saxes read it', async (t) => {
  let whole = 0
  await fc.assert(fc.asyncProperty(sheets, fc.integer({ min: 1, max: 400 }), async (rows, size) => {
    const sheet = SHEET(rows)
    const expected = readBySaxes(sheet)
    if (typeof expected === 'object') whole += 1
    const byScanner = await read(sheet, size, tagsOnly)
    // Of two faults, saxes may find the other one first.
    deepEqual(typeof byScanner === 'object' ? byScanner : 'refused', expected, sheet)
    deepEqual(await read(sheet, size, handler => handler), byScanner, sheet)
  }), { numRuns: Number(process.env['FUZZ_RUNS'] ?? 600), seed: SEED })
  t.ok(whole > 150, `${whole} sheets are well-formed`)
})
