import { RqlError } from './ast.ts'
import type { Value } from './ast.ts'

const property = /[a-zA-Z][\p{L}\p{N}_\-.]*/uy
const bareValue = /[\p{L}\p{N}_\-*+\\][\p{L}\p{N}_.\s\-:+@*\\]*/uy
const quotedValue = /"[^"]*"|'[^']*'/y

/** Reads a query from left to right. Its errors name the place in the query. */
export class Scanner {
  readonly #text: string
  #at = 0

  constructor (text: string) {
    this.#text = text
  }

  get isAtEnd (): boolean { return this.#at >= this.#text.length }
  get next (): string { return this.#text[this.#at] ?? '' }
  get position (): number { return this.#at }

  back (position: number): void { this.#at = position }

  accept (text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  expect (text: string): void {
    if (!this.accept(text)) throw this.error()
  }

  property (): string {
    return this.#match(property) ?? this.#fail()
  }

  value (): Value {
    if (this.accept('null()')) return { kind: 'null' }
    if (this.accept('empty()')) return { kind: 'empty' }
    const quoted = this.#match(quotedValue)
    if (quoted !== null) return { kind: 'text', text: quoted.slice(1, -1) }
    return { kind: 'text', text: this.#match(bareValue) ?? this.#fail() }
  }

  error (): RqlError {
    return new RqlError(
      `Bad filter query: unexpected ${this.isAtEnd ? 'end' : `'${this.next}'`} at position ${this.#at}.`
    )
  }

  #match (pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined) return null
    this.#at += found.length
    return found
  }

  #fail (): never {
    throw this.error()
  }
}
