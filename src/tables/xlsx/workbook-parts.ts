import { resolvePath, notAWorkbook, type Archive } from './open-zip.ts'
import { attribute, parseWhole } from './parse-xml.ts'

export interface WorkbookParts {
  sheets: ReadonlyArray<{ name: string, path: string }>
  is1904: boolean
  /** The path of the part with the shared strings; null when there is none. */
  strings: string | null
  /** For each cell style, by its number, whether it shows a number as a date. */
  dateStyles: readonly boolean[]
}

interface Relation { type: string, path: string }

/** The most unpacked bytes of each part that is read here. The styles of a large workbook have 1 MiB. */
const PART_MAX = 16 * 1024 ** 2
const SHEETS_MAX = 1_000
const RECORDS = 'records'
const FORMER_RECORDS = 'usage_records'
const STYLES_MAX = 65_536
const RELATIONS_MAX = 10_000
/** The numbers of the built-in formats for dates, as ranges from the first to the last (ISO/IEC 29500-1, 18.8.30). */
const DATE_FORMATS = [[14, 17], [22, 22], [27, 31], [36, 36], [50, 54], [57, 58]] as const
/** The parts of a format that show no date: literal text, padding, and all in brackets, such as colours and locales. */
const FORMAT_LITERALS = /"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g

/** Throws 422 for an archive that is no workbook or has too many sheets, relations or styles, and 413 over a limit. */
export async function readWorkbookParts (archive: Archive): Promise<WorkbookParts> {
  const root = await readRelations(archive, '')
  const path = [...root.values()].find(({ type }) => type === 'officedocument')?.path ?? 'xl/workbook.xml'
  if (!archive.has(path)) throw notAWorkbook('it holds no workbook')
  const relations = await readRelations(archive, path)
  const sheets: Array<{ name: string, path: string }> = []
  let is1904 = false
  await parseWhole(archive.read(path, PART_MAX), (name, attributes, depth) => {
    if (name === 'workbookPr') is1904 = isTrue(attribute(attributes, 'date1904'))
    if (name !== 'sheet' || depth !== 3) return
    const relation = relations.get(attribute(attributes, 'id') ?? '')
    if (relation?.type !== 'worksheet') return
    if (sheets.length === SHEETS_MAX) throw notAWorkbook('it has too many sheets')
    sheets.push({ name: attribute(attributes, 'name') ?? '', path: relation.path })
  })
  const typed = (type: string): string | null =>
    [...relations.values()].find(one => one.type === type && archive.has(one.path))?.path ?? null
  const styles = typed('styles')
  const dateStyles = styles === null ? [] : await readStyles(archive, styles)
  return { sheets, is1904, strings: typed('sharedstrings'), dateStyles }
}

/**
 * Gives the path of the part of a sheet; null for a sheet that is missing. A sheet with the exact name comes first,
 * then one whose name differs only in case or in white space at its ends. In place of a missing sheet `records`, gives
 * `usage_records`, which the template of 2019 has.
 */
export function sheetPath ({ sheets }: WorkbookParts, wanted: string): string | null {
  const names = wanted === RECORDS ? [RECORDS, FORMER_RECORDS] : [wanted]
  for (const sought of names) {
    const found = sheets.find(({ name }) => name === sought) ??
      sheets.find(({ name }) => name.trim().toLowerCase() === sought.toLowerCase())
    if (found !== undefined) return found.path
  }
  return null
}

/** Gives the parts that the part at `path` names, by the id of the relation; with '' those of the whole workbook. */
export async function readRelations (archive: Archive, path: string): Promise<Map<string, Relation>> {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const relationsPath = resolvePath(folder, `_rels/${path.slice(path.lastIndexOf('/') + 1)}.rels`)
  const relations = new Map<string, Relation>()
  if (!archive.has(relationsPath)) return relations
  await parseWhole(archive.read(relationsPath, PART_MAX), (name, attributes) => {
    const target = attribute(attributes, 'Target')
    if (name !== 'Relationship' || target === undefined || attribute(attributes, 'TargetMode') === 'External') return
    if (relations.size === RELATIONS_MAX) throw notAWorkbook('it has too many relations')
    // The type is an address. The two variants of XLSX have different addresses with the same last word.
    const type = (attribute(attributes, 'Type') ?? '').split('/').at(-1)!.toLowerCase()
    relations.set(attribute(attributes, 'Id') ?? '', { type, path: resolvePath(folder, target) })
  })
  return relations
}

async function readStyles (archive: Archive, path: string): Promise<boolean[]> {
  const formats = new Map<number, boolean>()
  const styles: boolean[] = []
  let isInCells = false
  await parseWhole(archive.read(path, PART_MAX), (name, attributes, depth) => {
    if (depth === 2) isInCells = name === 'cellXfs'
    if (name === 'numFmt' && depth === 3) {
      formats.set(Number(attribute(attributes, 'numFmtId')), showsDate(attribute(attributes, 'formatCode') ?? ''))
    }
    if (name !== 'xf' || depth !== 3 || !isInCells) return
    if (styles.length === STYLES_MAX || formats.size > STYLES_MAX) throw notAWorkbook('it has too many styles')
    const id = Number(attribute(attributes, 'numFmtId') ?? 0)
    styles.push(formats.get(id) ?? DATE_FORMATS.some(([first, last]) => id >= first && id <= last))
  })
  return styles
}

/** Whether a format shows a day, a month or a year for a positive number. A time of day alone is no date. */
function showsDate (format: string): boolean {
  const shown = format.replace(FORMAT_LITERALS, '').split(';', 1)[0]!.toLowerCase().replace('general', '')
  return /[yd]/.test(shown) || (shown.includes('m') && !/[hs]/.test(shown))
}

function isTrue (text: string | undefined): boolean {
  return text === '1' || text?.toLowerCase() === 'true'
}
