import { createHash } from 'node:crypto'

export interface Hashed<Result> {
  bytes: AsyncGenerator<Buffer, Result, void>
  /** SHA-256 of all that has been read; to be asked once, at the end. */
  digest: () => string
}

/** The same bytes, with a hash kept of them on their way. */
export function hashed<Result> (source: AsyncGenerator<Buffer, Result, void>): Hashed<Result> {
  const hash = createHash('sha256')
  const pass = async function * (): AsyncGenerator<Buffer, Result, void> {
    try {
      for (;;) {
        const { done, value } = await source.next()
        if (done === true) return value
        hash.update(value)
        yield value
      }
    } finally {
      // Whoever stops early stops the source.
      await source.return(undefined as Result)
    }
  }
  return { bytes: pass(), digest: () => hash.digest('base64url') }
}
