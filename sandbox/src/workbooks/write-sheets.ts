import { writeXlsx, type Cell, type CellStyle, type CellValue as WrittenValue, type WriteSheet } from 'hucre/xlsx'
import { clip } from './cell-text.ts'
import { CellError, type CellValue } from './cell-value.ts'
import { sheetTime } from './sheet-time.ts'

/** A remark on a cell. `row` is counted from 1, `column` from 0. */
export interface CellRemark { row: number, column: number, text: string }

export interface SheetToWrite {
  name: string
  rows: readonly (readonly CellValue[])[]
  /** The names of the columns whose header is bold. */
  bold?: ReadonlySet<string>
  /** The remarks of the sheet. Each becomes a comment on its cell, which gets a red outline. */
  remarks?: readonly CellRemark[]
}

/** The most characters that a cell can hold in Excel. */
const longestCell = 32_767

const redLine = { style: 'medium', color: { rgb: 'FF0000' } } as const
const redOutline: CellStyle = { border: { top: redLine, right: redLine, bottom: redLine, left: redLine } }

/** Gives a workbook with these sheets. The same sheets give the same content: the time of creation is fixed. */
export async function writeSheets (sheets: readonly SheetToWrite[]): Promise<Uint8Array> {
  const stamp = new Date(Date.UTC(2020, 0, 1))
  return await writeXlsx({
    sheets: sheets.map(writableSheet),
    properties: { creator: 'Connect', created: stamp, modified: stamp }
  })
}

function writableSheet ({ name, rows, bold = new Set(), remarks = [] }: SheetToWrite): WriteSheet {
  const cells = new Map<string, Partial<Cell>>()
  rows[0]?.forEach((header, column) => {
    if (typeof header === 'string' && bold.has(header)) cells.set(`0,${column}`, { style: { font: { bold: true } } })
  })
  for (const { row, column, text } of remarks) {
    const key = `${row - 1},${column}`
    const earlier = cells.get(key)?.comment?.text
    cells.set(key, {
      style: redOutline,
      comment: { author: 'Connect', text: writableText(earlier === undefined ? text : `${earlier}\n${text}`) }
    })
  }
  return { name, rows: rows.map(row => row.map(writableValue)), cells }
}

function writableValue (value: CellValue): WrittenValue {
  if (value instanceof Date) return sheetTime(value)
  if (value instanceof CellError) return value.text
  return typeof value === 'string' ? writableText(value) : value
}

/** OOXML reads `_x0041_` as a character. So in a text that has this literally, the underscore becomes a code, too. */
function writableText (text: string): string {
  return clip(text, longestCell).replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
}
