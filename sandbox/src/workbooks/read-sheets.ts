import { type CellContext, type CellValue, readCell, unescapeText } from './cell-value.ts'
import { isBlank } from './cell-text.ts'
import { readDateStyles } from './date-styles.ts'
import { openArchive, type Archive } from './zip-archive.ts'
import { XmlReader } from './xml-reader.ts'

/** The most rows in one sheet that are not blank, and cells in all wanted sheets. Connect publishes no such limits. */
const limits = { rows: 200_000, cells: 10_000_000 }

const BLANK_NUMBER = /<(?:\w+:)?c\s[^<>]{0,200}\bt="n"[^<>/]{0,200}>\s*<(?:\w+:)?v(?:\s*\/>|>\s*<\/)/

/** A row that is not blank. `row` is its number in the sheet; the first row of a sheet is 1. */
export interface SheetRow { row: number, values: readonly CellValue[] }

export interface SheetsRead {
  /** The rows of the wanted sheets that the workbook has, by name; empty when there is a fault. */
  sheets: ReadonlyMap<string, readonly SheetRow[]>
  fault: string | null
}

/** Reads the rows that are not blank from the wanted sheets. A fault of the workbook is given, not thrown. */
export async function readSheets (bytes: Uint8Array, wanted: readonly string[]): Promise<SheetsRead> {
  const sheets = new Map<string, readonly SheetRow[]>()
  try {
    const archive = openArchive(bytes)
    if (archive.fault !== null) return { sheets, fault: archive.fault }
    const workbook = readWorkbook(archive)
    const budget = { cells: limits.cells }
    for (const name of wanted) {
      const part = workbook.parts.get(name)
      if (part === undefined) continue
      const rows = readRows(needed(archive.text(part)), workbook.context, budget)
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

/** Whether the `records` sheet has an empty numeric cell, `<c t="n"><v/></c>`. False for an unreadable workbook. */
export function hasBlankNumber (bytes: Uint8Array): boolean {
  try {
    const archive = openArchive(bytes)
    const part = archive.fault === null ? readWorkbook(archive).parts.get('records') : undefined
    const sheet = part === undefined ? null : archive.text(part)
    return sheet !== null && BLANK_NUMBER.test(sheet)
  } catch {
    return false
  }
}

/** Puts each row at its number, with an empty row for each blank one before it. */
export function inPlace (rows: readonly SheetRow[]): (readonly CellValue[])[] {
  const placed: (readonly CellValue[])[] = []
  for (const { row, values } of rows) {
    while (placed.length < row - 1) placed.push([])
    placed[row - 1] = values
  }
  return placed
}

function needed (text: string | null): string {
  if (text === null) throw new Error('a part of the workbook is missing')
  return text
}

interface Workbook { parts: ReadonlyMap<string, string>, context: CellContext }

/** Reads the workbook part: the paths of the sheets by name, and what is needed to read their cells. */
function readWorkbook (archive: Archive): Workbook {
  const path = [...targets(archive, '').values()].find(({ type }) => type.endsWith('/officeDocument'))?.path ??
    'xl/workbook.xml'
  const related = targets(archive, path)
  const parts = new Map<string, string>()
  let is1904 = false
  const xml = new XmlReader(needed(archive.text(path)))
  while (xml.next()) {
    if (!xml.isStart) continue
    if (xml.name === 'workbookPr') is1904 = /^(1|true)$/.test(xml.attribute('date1904') ?? '')
    if (xml.name !== 'sheet') continue
    const part = related.get(xml.attribute('id') ?? '')
    if (part !== undefined) parts.set(xml.attribute('name') ?? '', part.path)
  }
  const partOf = (kind: string): string | null => {
    const found = [...related.values()].find(({ type }) => type.endsWith(`/${kind}`))
    return found === undefined ? null : archive.text(found.path)
  }
  return {
    parts,
    context: { shared: sharedStrings(partOf('sharedStrings')), isDateStyle: readDateStyles(partOf('styles')), is1904 }
  }
}

/** Gives the relationships of a part, its links to other parts of the workbook, by id. */
function targets (archive: Archive, part: string): Map<string, { type: string, path: string }> {
  const found = new Map<string, { type: string, path: string }>()
  const folder = part.slice(0, part.lastIndexOf('/') + 1)
  const text = archive.text(`${folder}_rels/${part.slice(folder.length)}.rels`)
  if (text === null) return found
  const xml = new XmlReader(text)
  while (xml.next()) {
    if (!xml.isStart || xml.name !== 'Relationship') continue
    const target = (xml.attribute('Target') ?? '').replaceAll('\\', '/')
    const { pathname } = new URL(target, `file:///${folder}`)
    found.set(xml.attribute('Id') ?? '', { type: xml.attribute('Type') ?? '', path: decodeURI(pathname).slice(1) })
  }
  return found
}

function sharedStrings (text: string | null): string[] {
  const strings: string[] = []
  if (text === null) return strings
  const xml = new XmlReader(text)
  let current = ''
  let isPhonetic = false
  while (xml.next()) {
    if (xml.name === 'si' && xml.isStart) current = ''
    if (xml.name === 'si' && xml.isEnd) strings.push(unescapeText(current))
    if (xml.name === 'rPh') isPhonetic = !xml.isEnd
    if (xml.name === 't' && xml.isEnd && !xml.isStart && !isPhonetic) current += xml.text
  }
  return strings
}

function readRows (sheet: string, context: CellContext, budget: { cells: number }): SheetRow[] | null {
  const rows: SheetRow[] = []
  const xml = new XmlReader(sheet)
  let row = 0
  while (xml.next()) {
    if (xml.name === 'sheetData' && xml.isEnd) break
    if (xml.name !== 'row' || !xml.isStart) continue
    const given = Number(xml.attribute('r') ?? row + 1)
    row = Number.isInteger(given) && given > row ? given : row + 1
    const values = xml.isEnd ? [] : readCells(xml, context)
    budget.cells -= values.length
    if (rows.length >= limits.rows || budget.cells < 0) return null
    if (row <= 1_048_576 && !values.every(isBlank)) rows.push({ row, values })
  }
  return rows
}

/** Reads the cells of a row up to the end of the row. Phonetic readings of a text (`rPh`) are left out. */
function readCells (xml: XmlReader, context: CellContext): CellValue[] {
  const values: CellValue[] = []
  let cell = { type: '', style: 0, value: null as string | null, inline: null as string | null }
  let column = -1
  let isPhonetic = false
  while (xml.next()) {
    const { name, isStart, isEnd } = xml
    if (name === 'row') return values
    if (name === 'c') {
      if (isStart) {
        column = columnOf(xml.attribute('r')) ?? column + 1
        cell = {
          type: xml.attribute('t') ?? 'n', style: Number(xml.attribute('s') ?? 0), value: null, inline: null
        }
      }
      if (isEnd) setCell(values, column, readCell(cell, context))
    } else if (name === 'rPh') {
      isPhonetic = !isEnd
    } else if (isEnd && !isStart) {
      if (name === 'v') cell.value = xml.text
      if (name === 't' && !isPhonetic) cell.inline = (cell.inline ?? '') + unescapeText(xml.text)
    }
  }
  throw new Error('the sheet is cut off')
}

function setCell (values: CellValue[], column: number, value: CellValue): void {
  if (value === null || column >= 16_384) return
  while (values.length < column) values.push(null)
  values[column] = value
}

/** Gives the column of a cell reference, counted from 0: 27 for `AB12`. Null without one. */
function columnOf (reference: string | null): number | null {
  const letters = /^[A-Za-z]{1,3}/.exec(reference ?? '')?.[0].toUpperCase()
  if (letters === undefined) return null
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}
