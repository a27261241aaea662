import { createHmac, timingSafeEqual } from 'node:crypto'

const uploadSeconds = 600
const otherSeconds = 30

/**
 * Signs links to the storage, in the style of Azure Blob, and checks them. `seconds` is the lifetime of every link;
 * null for the lifetimes of Connect.
 */
export class Links {
  readonly #seconds: number | null
  readonly #now: () => Date
  readonly #key = 'sandbox-storage'

  constructor (seconds: number | null, now: () => Date) {
    this.#seconds = seconds
    this.#now = now
  }

  sign (origin: string, path: string, kind: 'upload' | 'other'): string {
    const seconds = this.#seconds ?? (kind === 'upload' ? uploadSeconds : otherSeconds)
    // The end is a whole second, as in links of Azure. It is rounded up, so that a link lives at least as long as it
    // should.
    const end = Math.ceil(this.#now().getTime() / 1000 + seconds) * 1000
    const expires = `${new Date(end).toISOString().slice(0, 19)}Z`
    const query = `se=${encodeURIComponent(expires)}&sp=r&sv=2019-02-02&sr=b`
    return `${origin}${path}?${query}&sig=${encodeURIComponent(this.#signature(path, expires))}`
  }

  /** Gives the reason why a link is refused: a wrong signature, or its time is over. Null for a good link. */
  refuse (path: string, query: URLSearchParams): string | null {
    const expires = query.get('se') ?? ''
    const expected = Buffer.from(this.#signature(path, expires))
    const given = Buffer.from(query.get('sig') ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'Signature did not match.'
    return Date.parse(expires) > this.#now().getTime() ? null : 'Signature not valid in the specified time frame.'
  }

  #signature (path: string, expires: string): string {
    return createHmac('sha256', this.#key).update(`${path}\n${expires}`).digest('base64')
  }
}
