import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createUrlAllowlist } from './connect/http/url-allowlist.ts'

/**
 * Reads settings from environment variables. For a value that is not valid, a method adds a text to `faults` and gives
 * some value all the same, so that one start shows all faults. Users of this class must look at `faults` at the end.
 */
export class Settings {
  readonly faults: string[] = []
  readonly warnings: string[] = []
  readonly #known = new Set<string>()
  readonly #env: NodeJS.ProcessEnv

  constructor (env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** Gives the text of a variable; undefined when the variable is not set or is empty. */
  get (name: string): string | undefined {
    this.#known.add(name)
    return this.#env[name] === '' ? undefined : this.#env[name]
  }

  /** When `isValid` gives false for the text, adds a fault: "must be", and then `what`. */
  text (name: string, fallback: string, isValid: (text: string) => boolean, what: string): string {
    const text = this.get(name) ?? fallback
    if (!isValid(text)) this.faults.push(`${name}: must be ${what}`)
    return text
  }

  integer (name: string, fallback: number, min: number, max: number): number {
    const text = this.get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^(?:0|[1-9]\d*)$/.test(text) && value >= min && value <= max) return value
    this.faults.push(`${name}: must be a whole number from ${min} to ${max}`)
    return fallback
  }

  /** Gives the parts of a comma-separated list, without the blanks around them. */
  words (
    name: string, fallback: readonly string[], isValid: (word: string) => boolean, what: string
  ): readonly string[] {
    const text = this.get(name)
    if (text === undefined) return fallback
    const list = text.split(',').map(word => word.trim()).filter(word => word !== '')
    if (list.length === 0 || !list.every(isValid)) this.faults.push(`${name}: must be ${what}`)
    return list
  }

  /** Gives the http(s) URL in a variable without slashes at its end, or `fallback` when the variable is not set. */
  url (name: string, fallback: string): string {
    const text = this.get(name)
    if (text === undefined) return fallback
    if (!isPlainUrl(text)) {
      this.faults.push(`${name}: must be an http(s) URL without credentials, query, fragment or blanks`)
    }
    return text.replace(/\/+$/, '')
  }

  origin (name: string): string | null {
    if (this.get(name) === undefined) return null
    const text = this.url(name, '')
    if (isPlainUrl(text) && new URL(text).pathname !== '/') {
      this.faults.push(`${name}: must have no path, because the paths in answers begin at /v1`)
    }
    return text
  }

  secret (name: string): string | null {
    const text = this.get(name)
    if (text === undefined) return null
    if (!/^[\x21-\x7e]{16,256}$/.test(text)) this.faults.push(`${name}: must be 16 to 256 visible ASCII characters`)
    return text
  }

  flag (name: string, fallback: boolean): boolean {
    const text = this.get(name) ?? String(fallback)
    if (text !== 'true' && text !== 'false') this.faults.push(`${name}: must be true or false`)
    return text === 'true'
  }

  /** Gives a warning for each variable that was not read and has nearly the name of one that was read. */
  nearMisses (): string[] {
    const known = [...this.#known].filter(name => name.length >= MIN_NAME_CHARS)
    return Object.keys(this.#env).filter(name => !this.#known.has(name)).flatMap((name) => {
      const meant = known.find(one => isNear(name.toUpperCase(), one))
      return meant === undefined ? [] : [`${name} is set, but is not read. Did you mean ${meant}?`]
    })
  }
}

/**
 * The length of the shortest known name that others are compared with. A shorter name, such as PORT, is like many by
 * chance.
 */
const MIN_NAME_CHARS = 8
const MAX_TYPOS = 2

/** Whether a name is `known` with some typos, with words (between `_`) left out, or with more words at its end. */
function isNear (name: string, known: string): boolean {
  return typosBetween(name, known) <= MAX_TYPOS || name.startsWith(`${known}_`) || hasWordsLeftOut(name, known)
}

function hasWordsLeftOut (name: string, known: string): boolean {
  const words = name.split('_')
  const rest = known.split('_')[Symbol.iterator]()
  return words.length > 1 && words.every((word) => {
    for (const one of rest) if (one === word) return true
    return false
  })
}

/** Gives the Levenshtein distance; Infinity when the lengths differ by more than MAX_TYPOS. */
function typosBetween (a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_TYPOS) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

export function isHost (text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
}

/** Refuses blanks: a line break at the end, which files with secrets often have, would become a part of each path. */
function isPlainUrl (text: string): boolean {
  if (!URL.canParse(text) || hasBlank(text)) return false
  const url = new URL(text)
  return (
    /^https?:$/.test(url.protocol) && hasOneHost(url) &&
    url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  )
}

/** The URL standard also takes `https://a,https://b`, whose host is then `a,https`. */
function hasOneHost ({ hostname }: URL): boolean {
  return /^(?:[\w.-]+|\[[\da-f:.]+\])$/.test(hostname)
}

/**
 * Whether a text is a value for STORE_URL. The client of Redis throws for wrong percent-encoding, and takes a query for
 * settings, which would replace ours.
 */
export function isStoreUrl (text: string): boolean {
  if (text.trim() !== text) return false
  if (text.startsWith('file:')) {
    return /^file:.*[^:/]/.test(text) && (!text.startsWith('file://') || isDone(() => fileURLToPath(text)))
  }
  if (!/^rediss?:\/\/[^?#]+$/.test(text) || hasBlank(text) || !URL.canParse(text)) return false
  const url = new URL(text)
  const { pathname, username, password } = url
  return hasOneHost(url) && /^(?:\/\d{0,9})?$/.test(pathname) && isDone(() => decodeURIComponent(username + password))
}

function hasBlank (text: string): boolean {
  return /[\s\p{Cc}]/u.test(text)
}

function isDone (work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

export function isStorageHost (word: string): boolean {
  if (word.includes('://')) return isOrigin(word)
  return /[^*]\../.test(word) && isDone(() => createUrlAllowlist([word]))
}

/** Whether a word is an origin as browsers send it: lower case, no default port, no slash at the end. */
export function isOrigin (word: string): boolean {
  return isPlainUrl(word) && !word.includes('*') && new URL(word).origin === word
}

/**
 * Whether a word is an IP address or a range of addresses (CIDR), but not of all addresses. Numbers and `true` are
 * refused: with them Fastify would trust no proxy, or every one (CVE-2026-16732).
 */
export function isCidr (word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  )
}
