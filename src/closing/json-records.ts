/** Reads `{ "records": [ … ], … }` piece by piece: any number of records, each handed on as soon as it is whole. */

const MAX_VALUE_CHARS = 16_384
const SPACE = /[ \t\r\n]/

export class MalformedJson extends Error {}

type State = 'start' | 'key-or-end' | 'key' | 'colon' | 'value' | 'element-or-end' | 'element' | 'after-element' | 'after-value' | 'end'

/**
 * Push text, get the elements of the array `records`; other members come to `members`. Throws MalformedJson for what
 * RFC 8259 does not allow, for a member given twice, and for a value of more than 16 Ki characters.
 */
export class JsonRecords {
  readonly members = new Map<string, unknown>()
  #text = ''
  #state: State = 'start'
  #key = ''

  push (piece: string): { value: unknown, text: string }[] {
    this.#text += piece
    const elements: { value: unknown, text: string }[] = []
    let at = 0
    for (;;) {
      while (at < this.#text.length && SPACE.test(this.#text.charAt(at))) at += 1
      if (at >= this.#text.length) break
      const char = this.#text.charAt(at)
      const end = this.#step(char, at, elements)
      if (end === -1) break
      at = end
    }
    this.#text = this.#text.slice(at)
    if (this.#text.length > MAX_VALUE_CHARS) throw new MalformedJson('a value is too long')
    return elements
  }

  /** To be called after the last piece. */
  finish (): void {
    if (this.#state !== 'end') throw new MalformedJson('it ends too early')
  }

  /** Handles what begins at this character; gives where it ends, or -1 when more text is needed. */
  #step (char: string, at: number, elements: { value: unknown, text: string }[]): number {
    switch (this.#state) {
      case 'start': return this.#expect(char, { '{': 'key-or-end' }, at)
      case 'key-or-end': return char === '}' ? this.#go('end', at) : this.#readKey(at)
      case 'key': return this.#readKey(at)
      case 'colon': return this.#expect(char, { ':': 'value' }, at)
      case 'value': return this.#key === 'records' && char === '[' ? this.#go('element-or-end', at) : this.#readMember(at)
      case 'element-or-end': return char === ']' ? this.#go('after-value', at) : this.#readElement(at, elements)
      case 'element': return this.#readElement(at, elements)
      case 'after-element': return this.#expect(char, { ',': 'element', ']': 'after-value' }, at)
      case 'after-value': return this.#expect(char, { ',': 'key', '}': 'end' }, at)
      case 'end': throw new MalformedJson('something follows its end')
    }
  }

  #go (state: State, at: number): number {
    this.#state = state
    return at + 1
  }

  #expect (char: string, next: Partial<Record<string, State>>, at: number): number {
    const state = next[char]
    if (state === undefined) throw new MalformedJson(`${Object.keys(next).join(' or ')} is missing`)
    return this.#go(state, at)
  }

  #readKey (at: number): number {
    if (this.#text.charAt(at) !== '"') throw new MalformedJson('the name of a member is missing')
    const end = valueEnd(this.#text, at)
    if (end === -1) return -1
    this.#key = parse(this.#text.slice(at, end)) as string
    if (this.members.has(this.#key)) throw new MalformedJson(`${this.#key.slice(0, 64)} is given twice`)
    this.members.set(this.#key, undefined)
    this.#state = 'colon'
    return end
  }

  #readMember (at: number): number {
    const end = valueEnd(this.#text, at)
    if (end === -1) return -1
    this.members.set(this.#key, parse(this.#text.slice(at, end)))
    this.#state = 'after-value'
    return end
  }

  #readElement (at: number, elements: { value: unknown, text: string }[]): number {
    const end = valueEnd(this.#text, at)
    if (end === -1) return -1
    const text = this.#text.slice(at, end)
    elements.push({ value: parse(text), text })
    this.#state = 'after-element'
    return end
  }
}

export function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedJson('it is not JSON')
  }
}

const BREAK = /["{}[\]]/g
const SCALAR_END = /[\s,\]}]/g
const STRING_END = /["\\]/g

/** Where the value that begins at `from` ends, or -1. Finds the bounds only: what lies between is parsed afterwards. */
function valueEnd (text: string, from: number): number {
  const first = text.charAt(from)
  if (first === '"') return stringEnd(text, from)
  if (first !== '{' && first !== '[') {
    SCALAR_END.lastIndex = from
    const end = SCALAR_END.exec(text)
    if (end !== null && end.index === from) throw new MalformedJson('a value is missing')
    return end === null ? -1 : end.index
  }
  let depth = 0
  let at = from
  for (;;) {
    BREAK.lastIndex = at
    const found = BREAK.exec(text)
    if (found === null) return -1
    const char = found[0]
    at = found.index + 1
    if (char === '"') {
      at = stringEnd(text, found.index)
      if (at === -1) return -1
    } else if (char === '{' || char === '[') {
      depth += 1
    } else if (--depth === 0) {
      return at
    }
  }
}

function stringEnd (text: string, from: number): number {
  let at = from + 1
  for (;;) {
    STRING_END.lastIndex = at
    const found = STRING_END.exec(text)
    if (found === null) return -1
    if (found[0] === '"') return found.index + 1
    at = found.index + 2
  }
}
