import { createHash } from 'node:crypto'

/** Bytes that are hashed while they are read. */
export interface Hashed<Result> {
  bytes: AsyncGenerator<Buffer, Result, void>
  /** The SHA-256 of all bytes; to be asked once, at the end. */
  digest: () => string
}

/** Gives the same bytes; a reader that stops early stops the source. */
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
