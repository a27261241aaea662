/** A start tag, an end tag, or the tag of an empty element. The captured name has no namespace prefix. */
const tag = /<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' }
const attributePatterns = new Map<string, RegExp>()

/**
 * Reads the tags of an XML text in order. Throws Error for a document type definition, and for markup that it cannot
 * read or that has no end. Other faults, such as tags that do not match, can stay unnoticed.
 */
export class XmlReader {
  readonly #xml: string
  #at = 0
  #attributes = ''
  /** The last tag's name, without prefix. `isStart` and `isEnd` are both true for an empty element such as `<c/>`. */
  name = ''
  isStart = false
  isEnd = false
  /** The text between the tag that was read last and the one before it. */
  text = ''

  constructor (xml: string) {
    this.#xml = xml
  }

  next (): boolean {
    this.text = ''
    for (;;) {
      const start = this.#xml.indexOf('<', this.#at)
      if (start === -1) return false
      if (start > this.#at) this.text += decodeText(this.#xml.slice(this.#at, start))
      tag.lastIndex = start
      const found = tag.exec(this.#xml)
      if (found !== null) {
        const [whole, slash, name = '', attributes = '', empty] = found
        this.#at = start + whole.length
        this.#attributes = attributes
        this.name = name
        this.isStart = slash === ''
        this.isEnd = slash !== '' || empty !== ''
        return true
      }
      this.#skip(start)
    }
  }

  /** Finds an attribute, with any prefix, by its `name` without prefix. Null when the last tag does not have it. */
  attribute (name: string): string | null {
    if (this.#attributes === '') return null
    let pattern = attributePatterns.get(name)
    if (pattern === undefined) {
      pattern = new RegExp(`\\s(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
      attributePatterns.set(name, pattern)
    }
    const found = pattern.exec(this.#attributes)
    return found === null ? null : decodeText(found[1] ?? found[2] ?? '')
  }

  #skip (start: number): void {
    if (this.#xml.startsWith('<![CDATA[', start)) {
      const end = this.#endOf(']]>', start)
      this.text += this.#xml.slice(start + 9, end - 3)
      this.#at = end
    } else if (this.#xml.startsWith('<!--', start)) {
      this.#at = this.#endOf('-->', start)
    } else if (this.#xml.startsWith('<?', start)) {
      this.#at = this.#endOf('?>', start)
    } else {
      throw new Error('not well-formed XML')
    }
  }

  #endOf (mark: string, start: number): number {
    const end = this.#xml.indexOf(mark, start)
    if (end === -1) throw new Error('not well-formed XML')
    return end + mark.length
  }
}

function decodeText (text: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  if (!lines.includes('&')) return lines
  return lines.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (
    whole, hex?: string, digits?: string, name = ''
  ) => {
    const code = hex !== undefined ? Number.parseInt(hex, 16) : digits !== undefined ? Number(digits) : null
    if (code === null) return named[String(name)] ?? whole
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
