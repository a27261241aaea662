import { XmlReader } from './xml-reader.ts'

/** Whether a built-in number format shows a date or a time, by its id (ECMA-376, 18.8.30). */
const builtIn = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

/** Gives a function that tells whether cells of a style hold a date. `text` is null for a workbook without styles. */
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

/** Parts of a format such as colours and literal texts are no sign of a date. */
function showsDate (code: string): boolean {
  const pattern = code.replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  return /[ymdhs]/i.test(pattern)
}
