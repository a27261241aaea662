import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readXlsx } from '../../src/tables/xlsx/read-xlsx.ts'
import { readAll, type Read } from './helper.ts'
import { zipOf, type TestPart } from './zip-of.ts'

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const RELS = 'http://schemas.openxmlformats.org/package/2006/relationships'
export const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

export const SHEET = (rows: string): string => `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`
const rels = (list: readonly string[]): string => `<Relationships xmlns="${RELS}">` +
  `${list.map((one, at) => `<Relationship Id="r${at}" ${one}/>`).join('')}</Relationships>`

export interface TestWorkbook {
  sheet?: string | Buffer
  strings?: string
  styles?: string
  properties?: string
  /** Other contents of the parts, by path; null leaves a part out. */
  parts?: Readonly<Record<string, string | Buffer | null>>
  /** Changes each part before it is packed. */
  pack?: (part: TestPart) => TestPart
}

/** Makes a workbook with one sheet, `records`, out of the XML of its parts. */
export function workbookOf (workbook: TestWorkbook): Buffer {
  const { sheet = SHEET(''), strings, styles, properties = '', parts = {}, pack } = workbook
  const all: Record<string, string | Buffer | null> = {
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels': rels([`Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"`]),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr ${properties}/>` +
      '<sheets><sheet name="records" sheetId="1" r:id="r0"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': rels([
      `Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"`,
      `Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"`,
      `Type="${OFFICE}/styles" Target="styles.xml"`
    ]),
    'xl/worksheets/sheet1.xml': sheet,
    'xl/sharedStrings.xml': strings ?? null,
    'xl/styles.xml': styles ?? null,
    ...parts
  }
  const made = Object.entries(all).flatMap(([name, content]) => content === null ? [] : [{ name, content }])
  return zipOf(pack === undefined ? made : made.map(pack))
}

/** Reads a workbook from a file without a name, as the service does. */
export async function readWorkbook (bytes: Buffer, sheet?: string): Promise<Read> {
  const path = join(tmpdir(), `tables-test-${process.pid}-${Math.random()}`)
  const file = await open(path, 'wx+')
  await unlink(path)
  try {
    await file.write(bytes)
    const table = await readXlsx(file.fd, sheet)
    try {
      return await readAll(table)
    } finally {
      table.close()
    }
  } finally {
    await file.close()
  }
}
