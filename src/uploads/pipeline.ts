import { createHash, type Hash } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { tooLarge, type BodyLimits } from '../streaming/request-body.ts'
import type { Spool } from '../streaming/spool.ts'
import { Commit, type CommitParts } from './commit.ts'
import { frameOf, type ConnectForm, type Frame } from './frame.ts'
import { MAX_TRAILING_BYTES } from './multipart-offsets.ts'
import type { ReceivedFile } from './receive.ts'
import { WorkbookCheck } from './verify.ts'

/** Bytes of a file that are checked before Connect gets any. Most workbooks are smaller: broken ones cause no call. */
const HELD_BYTES = 256 * 1024
/** One line break after the closing delimiter, for a file that is received whole before it is sent. */
const PADDING_BYTES = 2

export interface PipelineOptions {
  limits: BodyLimits
  spool: Spool
  isHashed: boolean
  /** When true, `prepareUpload` receives the whole file before it resolves. */
  isWholeFirst: boolean
  /** Awaited before the last bytes go to Connect. When it rejects, they do not go. Gets null without `isHashed`. */
  beforeLastBytes: (digest: string | null) => Promise<void>
}

/** An upload before its first byte goes to Connect. `stream`, `length` and `contentType` are the body for Connect. */
export interface PreparedUpload {
  readonly stream: AsyncIterable<Uint8Array>
  readonly length: number
  readonly contentType: string
  readonly commit: Commit
  /** Gives the SHA-256 of the file in base64url; null when it is not hashed. To be called when the file was read. */
  digest: () => string | null
  /** Ends the receipt of the file, and closes the temporary file. To be called exactly once, also after an error. */
  dispose: () => Promise<void>
}

type Bytes = AsyncGenerator<Buffer, void, void>

/**
 * Makes the body for Connect from a file that arrives. A file of less than HELD_BYTES goes to Connect from memory. A
 * larger one goes while it arrives, or through a temporary file if its length is not known (Connect needs an exact
 * length) or `isWholeFirst` is set. Throws AppError for a file that is refused.
 */
export async function prepareUpload (
  file: ReceivedFile, form: ConnectForm, options: PipelineOptions
): Promise<PreparedUpload> {
  const { limits, isHashed, beforeLastBytes } = options
  if (file.maxLength !== null && file.maxLength - MAX_TRAILING_BYTES > limits.maxBytes) throw tooLarge(limits)
  const hash = isHashed ? createHash('sha256') : null
  let kept: string | null = null
  const digest = (): string | null => (kept ??= hash?.digest('base64url') ?? null)
  const bytes = verified(file.read(), hash)
  let closePlace: CommitParts['close']
  const dispose = async (): Promise<void> => {
    file.destroy(new AppError('MALFORMED_BODY', 'The upload was ended.'))
    await bytes.return()
    await closePlace?.()
  }
  try {
    const frame = frameOf(form)
    const parts = await partsOf(file, bytes, frame, options)
    closePlace = parts.close
    const commit = new Commit(parts, async () => { await beforeLastBytes(digest()) })
    return { stream: commit.stream, length: parts.length, contentType: frame.contentType, commit, digest, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Gives the SHA-256 of a file in base64url. Throws AppError for a body that is refused. */
export async function digestOf (file: ReceivedFile): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of file.read()) hash.update(chunk)
  return hash.digest('base64url')
}

async function partsOf (
  file: ReceivedFile, bytes: Bytes, frame: Frame, { spool, isWholeFirst }: PipelineOptions
): Promise<CommitParts> {
  const { held, isWhole } = await hold(bytes)
  if (isWhole) {
    // The form is one piece. With two pieces, Connect may refuse after the first and close the connection: the write of
    // the second then fails and hides the refusal (nodejs/node#12339).
    const all = Buffer.concat([frame.head, ...held, frame.closing(PADDING_BYTES)])
    return { before: none(), last: () => all, length: all.length }
  }
  if (file.maxLength === null || isWholeFirst) return await spooledParts(held, bytes, frame, spool)
  return {
    before: inOrder([frame.head, ...held.splice(0)], bytes),
    // The announced length includes the bytes after the closing delimiter of the caller's form, whose number is known
    // only now. As many bytes of padding follow here.
    last: () => frame.closing(file.trailingBytes()),
    length: frame.lengthWith(file.maxLength)
  }
}

async function spooledParts (held: Buffer[], bytes: Bytes, frame: Frame, spool: Spool): Promise<CommitParts> {
  const place = await spool.open()
  try {
    let size = 0
    for await (const chunk of inOrder(held.splice(0), bytes)) {
      await place.write(chunk)
      size += chunk.length
    }
    return {
      before: inOrder([frame.head], place.read()),
      last: () => frame.closing(PADDING_BYTES),
      length: frame.lengthWith(size + PADDING_BYTES),
      close: place.close
    }
  } catch (error) {
    await place.close()
    throw error
  }
}

async function * verified (bytes: Bytes, hash: Hash | null): Bytes {
  const check = new WorkbookCheck()
  for await (const chunk of bytes) {
    check.take(chunk)
    hash?.update(chunk)
    yield chunk
  }
  check.end()
}

/** Reads at least HELD_BYTES into memory, or the whole of a smaller file (`isWhole`). */
async function hold (bytes: Bytes): Promise<{ held: Buffer[], isWhole: boolean }> {
  const held: Buffer[] = []
  for (let size = 0; size < HELD_BYTES;) {
    const { done, value } = await bytes.next()
    if (done === true) return { held, isWhole: true }
    held.push(value)
    size += value.length
  }
  return { held, isWhole: false }
}

/** Removes each chunk from `chunks` before it is yielded, so that its memory can be freed. */
async function * inOrder (chunks: Buffer[], rest: Bytes): Bytes {
  // The list is reversed and emptied from its end: to remove a chunk from the beginning would move all others.
  chunks.reverse()
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) yield chunk
  yield * rest
}

async function * none (): Bytes {}
