import { createHash } from 'node:crypto'

/** A stream of bytes that is hashed while it is read. */
export interface Hashed<Result> {
  bytes: AsyncGenerator<Buffer, Result, void>
  /** Gives the SHA-256 of all bytes, in base64url. To be called once, after the last byte. */
  digest: () => string
}

/** Gives the bytes of `source` unchanged, with their hash. A reader that stops early stops `source`. */
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
      await source.return(undefined as Result)
    }
  }
  return { bytes: pass(), digest: () => hash.digest('base64url') }
}
