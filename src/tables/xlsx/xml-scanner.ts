import { noCells, overLimit } from '../table.ts'
import { notAWorkbook } from './open-zip.ts'
import {
  isBlank, isXml, nameEnd, notWellFormed, readDeclaration, readText, readValue, skipBlanks, withLineFeeds
} from './xml-text.ts'

export type Attributes = Readonly<Record<string, string>>

/** Names have their prefix. The tag is from `start` to before `end`, in characters of the document. */
export interface XmlEvents {
  open: (name: string, attributes: Attributes, start: number, end: number) => void
  close: (name: string, start: number, end: number) => void
  text: (text: string) => void
  /** May read a well-formed element at `at` at once: gives the index after it. NOT_WHOLE: the scanner must read it. */
  readElement?: (text: string, at: number) => number
}

/** The most characters of a tag. A tag whose end has not come is read again from its start with the next piece. */
const TAG_CHARS_MAX = 65_536
/** The most characters of a text, a comment, an instruction or a CDATA section. Each is in memory until its end. */
const TEXT_CHARS_MAX = 1_048_576
/** The most levels of elements. Workbooks have up to 10, and extensions some more. */
const DEPTH_MAX = 64

const LESS = 60
const GREATER = 62
const SLASH = 47
const EQUALS = 61
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39

const NO_ATTRIBUTES: Attributes = Object.freeze(noCells())
/** Given in place of an index when the end is not in the text yet, or when `readElement` did not read the element. */
export const NOT_WHOLE = -1

/**
 * Reads XML 1.0 piece by piece. Namespaces are ignored. Throws 422 for text that is not well-formed and for a document
 * type, and 413 over a limit. The package saxes takes five times the CPU; tests compare the events of both.
 */
export class XmlScanner {
  readonly #events: XmlEvents
  /** The names of the elements whose end has not been read. */
  readonly #names: string[] = []
  #hasRoot = false
  /** `#at`: the index in `#text` that is read next. `#base`: the place in the document where `#text` begins. */
  #text = ''
  #at = 0
  #base = 0
  /** The index in `#text` where the search for the end of the current tag, text or comment goes on. */
  #from = 0

  constructor (events: XmlEvents) {
    this.#events = events
  }

  /** The piece must not end inside a surrogate pair. */
  write (piece: string): void {
    if (!isXml(piece)) throw notWellFormed()
    this.#base += this.#at
    this.#from -= this.#at
    this.#text = this.#text.slice(this.#at) + piece
    this.#at = 0
    while (this.#at < this.#text.length) {
      const end = this.#text.charCodeAt(this.#at) === LESS ? this.#takeMarkup() : this.#takeText()
      if (end === NOT_WHOLE) break
      this.#at = end
      this.#from = end
    }
    if (this.#text.length - this.#at > TEXT_CHARS_MAX) throw tooLong(TEXT_CHARS_MAX)
  }

  /** To be called after the last piece. Throws 422 when the document is not complete. */
  end (): void {
    const rest = this.#text.slice(this.#at)
    if (!this.#hasRoot || this.#names.length > 0 || !isBlank(rest)) throw notWellFormed()
  }

  #takeText (): number {
    const end = this.#find('<')
    if (end === NOT_WHOLE) return NOT_WHOLE
    const raw = this.#text.slice(this.#at, end)
    if (this.#names.length > 0) this.#events.text(readText(raw))
    else if (!isBlank(raw)) throw notWellFormed()
    return end
  }

  #takeMarkup (): number {
    const text = this.#text
    switch (text[this.#at + 1]) {
      case undefined: return NOT_WHOLE
      case '/': return this.#takeCloseTag()
      case '?': return this.#takeInstruction()
      case '!': break
      default: {
        const end = this.#names.length === 0 ? NOT_WHOLE : this.#events.readElement?.(text, this.#at) ?? NOT_WHOLE
        return end === NOT_WHOLE ? this.#takeTag() : end
      }
    }
    if (text.startsWith('<!--', this.#at)) return this.#takeComment()
    if (text.startsWith('<![CDATA[', this.#at)) return this.#takeCdata()
    if (text.length - this.#at < '<![CDATA['.length) return NOT_WHOLE
    if (text.startsWith('<!DOCTYPE', this.#at)) throw notAWorkbook('a part has a document type')
    throw notWellFormed()
  }

  /** Reads the tag at `#at`, which opens an element. Gives the index after it; NOT_WHOLE when its end has not come. */
  #takeTag (): number {
    const text = this.#text
    // Without a `>`, the tag cannot be complete, and is not read.
    if (text.indexOf('>', this.#from) === -1) return this.#wait()
    const endOfName = nameEnd(text, this.#at + 1)
    const name = text.slice(this.#at + 1, endOfName)
    let attributes: Record<string, string> | null = null
    let at = endOfName
    for (;;) {
      const blanks = at
      at = skipBlanks(text, at)
      const code = text.charCodeAt(at)
      if (code === GREATER || code === SLASH) break
      if (at === text.length) return this.#wait()
      if (at === blanks) throw notWellFormed()
      attributes ??= noCells()
      at = this.#takeAttribute(at, attributes)
      if (at === NOT_WHOLE) return this.#wait()
    }
    const isEmpty = text.charCodeAt(at) === SLASH
    if (isEmpty && at + 1 === text.length) return this.#wait()
    if (isEmpty && text.charCodeAt(at + 1) !== GREATER) throw notWellFormed()
    const end = at + (isEmpty ? 2 : 1)
    if (end - this.#at > TAG_CHARS_MAX) throw tooLong(TAG_CHARS_MAX)
    this.#open(name, attributes ?? NO_ATTRIBUTES, end)
    if (isEmpty) this.#close(name, end)
    return end
  }

  #takeAttribute (start: number, attributes: Record<string, string>): number {
    const text = this.#text
    const endOfName = nameEnd(text, start)
    const name = text.slice(start, endOfName)
    let at = skipBlanks(text, endOfName)
    if (at === text.length) return NOT_WHOLE
    if (text.charCodeAt(at) !== EQUALS) throw notWellFormed()
    at = skipBlanks(text, at + 1)
    if (at === text.length) return NOT_WHOLE
    const quote = text.charCodeAt(at)
    if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) throw notWellFormed()
    const end = text.indexOf(quote === DOUBLE_QUOTE ? '"' : '\'', at + 1)
    if (end === -1) return NOT_WHOLE
    const raw = text.slice(at + 1, end)
    if (name in attributes) throw notWellFormed()
    attributes[name] = readValue(raw)
    return end + 1
  }

  #takeCloseTag (): number {
    const end = this.#find('>')
    if (end === NOT_WHOLE) return NOT_WHOLE
    const endOfName = nameEnd(this.#text, this.#at + 2)
    if (skipBlanks(this.#text, endOfName) !== end) throw notWellFormed()
    const name = this.#text.slice(this.#at + 2, endOfName)
    if (name !== this.#names.at(-1)) throw notWellFormed()
    this.#close(name, end + 1)
    return end + 1
  }

  #takeComment (): number {
    const end = this.#find('-->', this.#at + '<!--'.length)
    if (end === NOT_WHOLE) return NOT_WHOLE
    const comment = this.#text.slice(this.#at + '<!--'.length, end)
    if (comment.includes('--') || comment.endsWith('-')) throw notWellFormed()
    return end + '-->'.length
  }

  #takeCdata (): number {
    if (this.#names.length === 0) throw notWellFormed()
    const start = this.#at + '<![CDATA['.length
    const end = this.#find(']]>', start)
    if (end === NOT_WHOLE) return NOT_WHOLE
    this.#events.text(withLineFeeds(this.#text.slice(start, end)))
    return end + ']]>'.length
  }

  /** An XML declaration must come first in the document. Other instructions are skipped. */
  #takeInstruction (): number {
    const close = this.#find('?>', this.#at + '<?'.length)
    if (close === NOT_WHOLE) return NOT_WHOLE
    const end = close + '?>'.length
    const targetEnd = nameEnd(this.#text, this.#at + '<?'.length)
    const target = this.#text.slice(this.#at + '<?'.length, targetEnd)
    if (target.toLowerCase() !== 'xml') {
      if (targetEnd !== close && skipBlanks(this.#text, targetEnd) === targetEnd) throw notWellFormed()
      return end
    }
    if (this.#base + this.#at > 0) throw notWellFormed()
    readDeclaration(this.#text.slice(this.#at, end))
    return end
  }

  #open (name: string, attributes: Attributes, end: number): void {
    if (this.#names.length === 0 && this.#hasRoot) throw notWellFormed()
    this.#hasRoot = true
    if (this.#names.push(name) > DEPTH_MAX) {
      throw overLimit(`A part of the workbook has more than ${DEPTH_MAX} levels.`)
    }
    this.#events.open(name, attributes, this.#base + this.#at, this.#base + end)
  }

  #close (name: string, end: number): void {
    this.#events.close(name, this.#base + this.#at, this.#base + end)
    this.#names.pop()
  }

  /** Gives the index of the text `end`, such as `-->`; NOT_WHOLE when it has not come. */
  #find (end: string, start = this.#at): number {
    const found = this.#text.indexOf(end, Math.max(this.#from, start))
    if (found === -1) this.#from = Math.max(start, this.#text.length - end.length + 1)
    return found
  }

  #wait (): number {
    this.#from = this.#text.length
    if (this.#text.length - this.#at > TAG_CHARS_MAX) throw tooLong(TAG_CHARS_MAX)
    return NOT_WHOLE
  }
}

function tooLong (max: number): Error {
  return overLimit(`A part of the workbook has a text or a tag of more than ${max} characters.`)
}
