import { writeXlsx, type Cell, type CellStyle, type CellValue as WrittenValue, type WriteSheet } from 'hucre/xlsx'
import { clip } from './cell-text.ts'
import { CellError, type CellValue } from './cell-value.ts'
import { sheetTime } from './sheet-time.ts'

/** A remark on a cell; `row` counts from 1 as the sheet shows it, `column` from 0. */
export interface CellRemark { row: number, column: number, text: string }

export interface SheetToWrite {
  name: string
  rows: readonly (readonly CellValue[])[]
  /** Headers to write bold. */
  bold?: ReadonlySet<string>
  /** Remarks to attach as comments, their cells outlined red. */
  remarks?: readonly CellRemark[]
}

/** The most that a cell can hold in Excel. */
const longestCell = 32_767

const redLine = { style: 'medium', color: { rgb: 'FF0000' } } as const
const redOutline: CellStyle = { border: { top: redLine, right: redLine, bottom: redLine, left: redLine } }

/**
 * Takes sheets; gives the workbook that holds them. The same sheets give the same parts: the library
 * would stamp the current time, so a fixed one is set.
 */
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

/** `_x0041_` is how OOXML writes the sign with that code, so the literal text needs its underscore escaped. */
function writableText (text: string): string {
  return clip(text, longestCell).replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
}
