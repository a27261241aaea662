import { XmlReader } from './xml-reader.ts'

/** Formats of ECMA-376 18.8.30 that show a date or a time; they have no text of their own in the workbook. */
const builtIn = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

/** Takes the styles part, null when there is none; gives the test whether cells of a style hold a date. */
export function readDateStyles (text: string | null): (style: number) => boolean {
  if (text === null) return () => false
  const own = new Map<number, boolean>()
  const styles: boolean[] = []
  const xml = new XmlReader(text)
  let isCellFormat = false
  while (xml.next()) {
    if (xml.name === 'cellXfs') isCellFormat = xml.isStart && !xml.isEnd
    if (!xml.isStart) continue
    if (xml.name === 'numFmt') own.set(Number(xml.attribute('numFmtId')), showsDate(xml.attribute('formatCode') ?? ''))
    if (xml.name === 'xf' && isCellFormat) {
      const id = Number(xml.attribute('numFmtId') ?? 0)
      styles.push(own.get(id) ?? builtIn(id))
    }
  }
  return style => styles[style] ?? false
}

/** Colours, literal texts and signs after a backslash are not part of the pattern. */
function showsDate (code: string): boolean {
  const pattern = code.replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  return /[ymdhs]/i.test(pattern)
}
