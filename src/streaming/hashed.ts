import { createHash } from 'node:crypto'

/** Bytes that are hashed while somebody reads them. */
export interface Hashed<Result> {
  bytes: AsyncGenerator<Buffer, Result, void>
  /** The SHA-256 of the bytes in base64url. To be called once, after the last byte. */
  digest: () => string
}

/** Gives the bytes of `source` unchanged, and their hash. When the reader stops early, `source` is ended too. */
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
