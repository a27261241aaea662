export interface JsonListsOptions {
  /** The members whose lists are read element by element. A value that is no list is read whole. */
  lists: readonly string[]
  /** The most characters of one element of these lists, of the value of every other member, and of a member's name. */
  maxValueChars: number
  /** Gets the text of each element of these lists. It is not checked that the text is valid JSON. */
  onElement: (text: string, list: string) => void
  /** Gets the name of each member before its value is read. It may throw to end the reading. */
  onMember: (name: string) => void
  /** Gets each value that is not read element by element. The text is valid JSON. */
  onValue?: (name: string, text: string) => void
}

export class MalformedJson extends Error {}

export class TooLongValue extends MalformedJson {}

type State =
  | 'start'
  | 'key-or-end'
  | 'key'
  | 'colon'
  | 'value'
  | 'element-or-end'
  | 'element'
  | 'after-element'
  | 'after-value'
  | 'end'

/**
 * Reads one JSON object such as `{ "records": [ … ] }` piece by piece, so that memory does not hold a whole list.
 * `members` has the value of each member; undefined for a list that is read element by element. Throws MalformedJson
 * for text that is no JSON object (the inside of an element is not checked) and for a member that is given twice,
 * TooLongValue for a value over `maxValueChars`.
 */
export class JsonLists {
  readonly members = new Map<string, unknown>()
  readonly #options: JsonListsOptions
  #text = ''
  #state: State = 'start'
  #key = ''

  constructor (options: JsonListsOptions) {
    this.#options = options
  }

  push (piece: string): void {
    this.#text += piece
    let at = 0
    for (;;) {
      at = skipSpace(this.#text, at)
      if (at >= this.#text.length) break
      const end = this.#step(this.#text.charAt(at), at)
      if (end === -1) break
      at = end
    }
    this.#text = this.#text.slice(at)
    if (this.#text.length > this.#options.maxValueChars) throw new TooLongValue('a value is too long')
  }

  /** To be called after the last piece. Throws MalformedJson when the object is not complete. */
  finish (): void {
    if (this.#state !== 'end') throw new MalformedJson('it ends too early')
  }

  /** Gives the index after what was read; -1 when its end is not in the text yet. */
  #step (char: string, at: number): number {
    switch (this.#state) {
      case 'start':
        return this.#expect(char, { '{': 'key-or-end' }, at)
      case 'key-or-end':
        return char === '}' ? this.#go('end', at) : this.#readKey(at)
      case 'key':
        return this.#readKey(at)
      case 'colon':
        return this.#expect(char, { ':': 'value' }, at)
      case 'value':
        return char === '[' && this.#options.lists.includes(this.#key)
          ? this.#go('element-or-end', at)
          : this.#readMember(at)
      case 'element-or-end':
        return char === ']' ? this.#go('after-value', at) : this.#readElement(at)
      case 'element':
        return this.#readElement(at)
      case 'after-element':
        return this.#expect(char, { ',': 'element', ']': 'after-value' }, at)
      case 'after-value':
        return this.#expect(char, { ',': 'key', '}': 'end' }, at)
      case 'end':
        throw new MalformedJson('something follows its end')
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
    const end = this.#valueEnd(at)
    if (end === -1) return -1
    this.#key = parse(this.#text.slice(at, end)) as string
    if (this.members.has(this.#key)) throw new MalformedJson(`${this.#key.slice(0, 64)} is given twice`)
    this.#options.onMember(this.#key)
    this.members.set(this.#key, undefined)
    this.#state = 'colon'
    return end
  }

  #readMember (at: number): number {
    const end = this.#valueEnd(at)
    if (end === -1) return -1
    const text = this.#text.slice(at, end)
    this.members.set(this.#key, parse(text))
    this.#options.onValue?.(this.#key, text)
    this.#state = 'after-value'
    return end
  }

  #readElement (at: number): number {
    const end = this.#valueEnd(at)
    if (end === -1) return -1
    this.#options.onElement(this.#text.slice(at, end), this.#key)
    this.#state = 'after-element'
    return end
  }

  #valueEnd (at: number): number {
    const end = valueEnd(this.#text, at)
    if (end - at > this.#options.maxValueChars) throw new TooLongValue('a value is too long')
    return end
  }
}

function skipSpace (text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
  }
  return at
}

export function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedJson('it is not JSON')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Gives the index after the value that begins at `from`; -1 when its end is not in the text yet. Most faults of a value
 * are not found here: whoever parses the value finds them. Regular expressions are avoided: over a million records
 * their results would be most of the garbage.
 */
function valueEnd (text: string, from: number): number {
  const first = text.charAt(from)
  if (first === '"') return stringEnd(text, from)
  if (first !== '{' && first !== '[') return scalarEnd(text, from)
  let depth = 0
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at) - 1
        if (at < 0) return -1
        break
      case 0x7b: case 0x5b: // { [
        depth += 1
        break
      case 0x7d: case 0x5d: // } ]
        if ((depth -= 1) === 0) return at + 1
    }
  }
  return -1
}

function stringEnd (text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end + 1
  }
  return -1
}

function scalarEnd (text: string, from: number): number {
  let at = from
  while (at < text.length && !' \t\r\n,]}'.includes(text.charAt(at))) at += 1
  if (at === from) throw new MalformedJson('a value is missing')
  return at < text.length ? at : -1
}
