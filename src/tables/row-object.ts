import { MalformedJson, parse } from '../streaming/json-lists.ts'

/** The value of a member of a JSON object for a row or a category. A number keeps its digits as they were written. */
export type Member =
  | { kind: 'string' | 'number', text: string }
  | { kind: 'null' }
  | { kind: 'object', members: Map<string, Member> }

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
// eslint-disable-next-line no-control-regex -- JSON allows no control character inside a string
const CONTROL = /[\0-\x1f]/
/** The most levels of objects. The line `{ "category": { … } }` has two. */
const MAX_DEPTH = 2

/**
 * Reads an object of strings, numbers, null, and objects of these. JSON.parse is not used: it would lose digits of
 * numbers, and the first of two members with one name. Throws MalformedJson for every other text.
 */
export function readObject (text: string): Map<string, Member> {
  const scanner = new Scanner(text)
  const members = scanner.object(1)
  scanner.end()
  return members
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor (text: string) {
    this.#text = text
  }

  object (depth: number): Map<string, Member> {
    const members = new Map<string, Member>()
    if (!this.#take('{')) throw new MalformedJson('an object is missing')
    if (this.#take('}')) return members
    do {
      this.#skip(SPACE)
      const name = this.#string()
      if (members.has(name)) throw new MalformedJson(`${name.slice(0, 64)} is given twice`)
      if (!this.#take(':')) throw new MalformedJson(': is missing')
      members.set(name, this.#value(depth))
    } while (this.#take(','))
    if (!this.#take('}')) throw new MalformedJson(', or } is missing')
    return members
  }

  end (): void {
    this.#skip(SPACE)
    if (this.#at < this.#text.length) throw new MalformedJson('something follows its end')
  }

  #value (depth: number): Member {
    this.#skip(SPACE)
    const char = this.#text.charAt(this.#at)
    if (char === '"') return { kind: 'string', text: this.#string() }
    if (char === '{' && depth < MAX_DEPTH) return { kind: 'object', members: this.object(depth + 1) }
    if (this.#text.startsWith('null', this.#at)) {
      this.#at += 4
      return { kind: 'null' }
    }
    const start = this.#at
    this.#skip(NUMBER)
    if (this.#at === start) throw new MalformedJson('a value is no string, number or null')
    return { kind: 'number', text: this.#text.slice(start, this.#at) }
  }

  #string (): string {
    const start = this.#at
    let end = this.#text.charAt(start) === '"' ? this.#text.indexOf('"', start + 1) : -1
    if (end === -1) throw new MalformedJson('a string is missing or not closed')
    const plain = this.#text.slice(start + 1, end)
    if (!plain.includes('\\')) {
      if (CONTROL.test(plain)) throw new MalformedJson('a string holds a control character')
      this.#at = end + 1
      return plain
    }
    while (this.#isEscaped(end)) {
      end = this.#text.indexOf('"', end + 1)
      if (end === -1) throw new MalformedJson('a string is not closed')
    }
    this.#at = end + 1
    return parse(this.#text.slice(start, end + 1)) as string
  }

  /** Whether the quote at the index `at` is escaped: an odd number of backslashes stands before the quote. */
  #isEscaped (at: number): boolean {
    let before = at - 1
    while (this.#text.charAt(before) === '\\') before -= 1
    return (at - before) % 2 === 0
  }

  #take (char: string): boolean {
    this.#skip(SPACE)
    if (this.#text.charAt(this.#at) !== char) return false
    this.#at += 1
    return true
  }

  #skip (pattern: RegExp): void {
    pattern.lastIndex = this.#at
    if (pattern.test(this.#text)) this.#at = pattern.lastIndex
  }
}
