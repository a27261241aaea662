import { createHash, type Hash } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { tooLarge, type BodyLimits } from '../streaming/request-body.ts'
import type { Spool } from '../streaming/spool.ts'
import { Commit, type CommitParts } from './commit.ts'
import { frameOf, type ConnectForm, type Frame } from './frame.ts'
import { MAX_TRAILING_BYTES } from './multipart-offsets.ts'
import type { ReceivedFile } from './receive.ts'
import { WorkbookCheck } from './verify.ts'

/**
 * So many bytes of a file are received and verified before anything goes to Connect. Most workbooks are smaller: a
 * broken one then costs no request to Connect.
 */
const HELD_BYTES = 256 * 1024
/** The padding after the form for Connect, where nothing else sets its length: one line break. */
const PADDING_BYTES = 2

export interface PipelineOptions {
  limits: BodyLimits
  spool: Spool
  /** Whether the SHA-256 of the file is needed. */
  isHashed: boolean
  /** Receives the whole file before `prepareUpload` resolves. */
  isWholeFirst: boolean
  /** Called with the SHA-256 of the file, or null, before the last bytes go to Connect. Throws to stop the upload. */
  beforeLastBytes: (digest: string | null) => Promise<void>
}

/** An upload of which nothing has gone to Connect. `stream`, `length` and `contentType` are the body for Connect. */
export interface PreparedUpload {
  readonly stream: AsyncIterable<Uint8Array>
  readonly length: number
  readonly contentType: string
  readonly commit: Commit
  /** The SHA-256 of the file, when all of it has been received; null when it is not hashed. */
  digest: () => string | null
  /** Ends everything behind the body. To be called on every way out. */
  dispose: () => Promise<void>
}

type Bytes = AsyncGenerator<Buffer, void, void>

/**
 * Makes the body for Connect of a file that arrives: receive, verify, frame, commit. The file goes on in one of three
 * ways: a small file from memory, in one piece; a larger one of known length while it arrives; one of unknown length
 * from the spool, because Connect needs an exact length. Throws AppError for a file that is refused.
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
    file.destroy(new AppError('MALFORMED_BODY', 'The upload was given up.'))
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

/** The SHA-256 of a file that is read for nothing else. */
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
    // In one piece: an early refusal of Connect can get lost in the write error of a second one (nodejs/node#12339).
    const all = Buffer.concat([frame.head, ...held, frame.closing(PADDING_BYTES)])
    return { before: none(), last: () => all, length: all.length }
  }
  if (file.maxLength === null || isWholeFirst) return await spooledParts(held, bytes, frame, spool)
  return {
    before: inOrder([frame.head, ...held.splice(0)], bytes),
    // Only at its end is known how many bytes follow the form of the caller. As many follow the form for Connect.
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

/** Passes the bytes of a workbook on. Throws AppError at the first bytes, or at the end, that are not a workbook's. */
async function * verified (bytes: Bytes, hash: Hash | null): Bytes {
  const check = new WorkbookCheck()
  for await (const chunk of bytes) {
    check.take(chunk)
    hash?.update(chunk)
    yield chunk
  }
  check.end()
}

/** The first chunks of a file; `isWhole` when they are all of it. */
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

/** No chunk is kept in memory after it was passed on. */
async function * inOrder (chunks: Buffer[], rest: Bytes): Bytes {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk
  yield * rest
}

async function * none (): Bytes {}
