import { readXlsx, streamXlsxRows, type CellValue } from 'hucre/xlsx'
import { isBlank } from './cell-text.ts'
import { zipFault } from './zip-guard.ts'

/** The sandbox's own ceilings: Connect publishes neither a row nor a cell limit. */
const limits = { rows: 200_000, cells: 10_000_000 }

/** A row that holds something; `row` is its number in the sheet, the first being 1. */
export interface SheetRow { row: number, values: readonly CellValue[] }

export interface SheetsRead {
  /** Only the wanted sheets that the workbook has. */
  sheets: ReadonlyMap<string, readonly SheetRow[]>
  fault: string | null
}

/**
 * Takes an untrusted workbook and the names of the sheets wanted; gives their non-blank rows, or a
 * fault in plain words. Never throws.
 *
 * Rows are streamed rather than read whole, so the limits stop a hostile file early and nothing
 * outside the cells (column definitions, drawings, formulas) is interpreted.
 */
export async function readSheets (bytes: Uint8Array, wanted: readonly string[]): Promise<SheetsRead> {
  const sheets = new Map<string, readonly SheetRow[]>()
  try {
    const fault = zipFault(bytes)
    if (fault !== null) return { sheets, fault }
    const names = await sheetNames(bytes)
    const budget = { cells: limits.cells }
    for (const name of wanted.filter(name => names.has(name))) {
      const rows = await readRows(bytes, name, budget)
      if (rows === null) {
        return {
          sheets: new Map(),
          fault: `Sheet ${name} is too large: at most ${limits.rows} rows and ${limits.cells} cells can be read.`
        }
      }
      sheets.set(name, rows)
    }
    return { sheets, fault: null }
  } catch {
    return { sheets: new Map(), fault: 'The file is not a readable XLSX workbook.' }
  }
}

/** Takes the non-blank rows of a sheet; gives all its rows, so that each keeps its number. */
export function inPlace (rows: readonly SheetRow[]): (readonly CellValue[])[] {
  const placed: (readonly CellValue[])[] = []
  for (const { row, values } of rows) {
    while (placed.length < row - 1) placed.push([])
    placed[row - 1] = values
  }
  return placed
}

async function sheetNames (bytes: Uint8Array): Promise<Set<string>> {
  const names = new Set<string>()
  await readXlsx(bytes, { sheets: info => { names.add(info.name); return false } })
  return names
}

async function readRows (bytes: Uint8Array, sheet: string, budget: { cells: number }): Promise<SheetRow[] | null> {
  const rows: SheetRow[] = []
  for await (const { index, values } of streamXlsxRows(bytes, { sheet })) {
    budget.cells -= values.length
    if (rows.length >= limits.rows || budget.cells < 0) return null
    if (Number.isInteger(index) && index >= 0 && !values.every(isBlank)) rows.push({ row: index + 1, values })
  }
  return rows
}
