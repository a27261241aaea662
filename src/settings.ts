import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createUrlAllowlist } from './connect/http/url-allowlist.ts'

/** Reads single variables. Adds a fault for each value that is not valid, and goes on with the default. */
export class Settings {
  readonly faults: string[] = []
  readonly warnings: string[] = []
  readonly #known = new Set<string>()
  readonly #env: NodeJS.ProcessEnv

  constructor (env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** An empty variable counts as not set. */
  get (name: string): string | undefined {
    this.#known.add(name)
    return this.#env[name] === '' ? undefined : this.#env[name]
  }

  /** `what` completes the sentence "must be …". */
  text (name: string, fallback: string, isValid: (text: string) => boolean, what: string): string {
    const text = this.get(name) ?? fallback
    if (!isValid(text)) this.faults.push(`${name}: must be ${what}`)
    return text
  }

  integer (name: string, fallback: number, min: number, max: number): number {
    const text = this.get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    this.faults.push(`${name}: must be a whole number from ${min} to ${max}`)
    return fallback
  }

  /** A comma-separated list. `what` as for `text`. */
  words (
    name: string, fallback: readonly string[], isValid: (word: string) => boolean, what: string
  ): readonly string[] {
    const text = this.get(name)
    if (text === undefined) return fallback
    const list = text.split(',').map(word => word.trim()).filter(word => word !== '')
    if (list.length === 0 || !list.every(isValid)) this.faults.push(`${name}: must be ${what}`)
    return list
  }

  /** Gives the URL without slashes at its end. */
  url (name: string, fallback: string): string {
    const text = this.get(name)
    if (text === undefined) return fallback
    if (!isPlainUrl(text)) this.faults.push(`${name}: must be an http(s) URL without credentials, query or fragment`)
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

  flag (name: string): boolean {
    const text = this.get(name) ?? 'false'
    if (text !== 'true' && text !== 'false') this.faults.push(`${name}: must be true or false`)
    return text === 'true'
  }

  /** Gives a warning for each variable that has nearly the name of one that was read. */
  nearMisses (): string[] {
    const known = [...this.#known].filter(name => name.length >= MIN_NAME_CHARS)
    return Object.keys(this.#env).filter(name => !this.#known.has(name)).flatMap((name) => {
      const meant = known.find(one => isNear(name.toUpperCase(), one))
      return meant === undefined ? [] : [`${name} is set, but is not read. Did you mean ${meant}?`]
    })
  }
}

/** Shorter names, such as PORT, are like many others by chance. */
const MIN_NAME_CHARS = 8
const MAX_TYPOS = 2

/** Whether a name is `known` with a few wrong letters, with words left out, or with further words at its end. */
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

/** Gives the number of letters to change, add or remove (Levenshtein distance); a large number for other lengths. */
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

/** Whether a text is a name or an address to listen at. */
export function isHost (text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
}

function isPlainUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  )
}

/** Whether a text names a folder or a Redis. The client of Redis throws for escapes that are none. */
export function isStoreUrl (text: string): boolean {
  if (text.startsWith('file:')) {
    return /^file:.*[^:/]/.test(text) && (!text.startsWith('file://') || isDone(() => fileURLToPath(text)))
  }
  if (!/^rediss?:\/\/./.test(text) || !URL.canParse(text)) return false
  const { hostname, pathname, username, password } = new URL(text)
  return hostname !== '' && /^(?:\/\d{0,9})?$/.test(pathname) && isDone(() => decodeURIComponent(username + password))
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
 * Whether a word is an IP address or a CIDR range. Numbers and `true` are refused, because Fastify would trust no
 * proxy, or every one (CVE-2026-16732).
 */
export function isCidr (word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128))
  )
}
