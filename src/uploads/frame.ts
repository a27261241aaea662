import { randomUUID } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { MAX_TRAILING_BYTES, tooLarge, type IncomingFile, type UploadLimits } from '../streaming/incoming-file.ts'
import type { Spool, SpooledFile } from '../streaming/spool.ts'
import { checkEnd, checkSignature, SIGNATURE_BYTES, TAIL_BYTES, XLSX_TYPE } from './verify.ts'

/** A multipart body for Connect, of known length. */
export interface OutgoingUpload {
  readonly stream: AsyncIterable<Uint8Array>
  readonly length: number
  readonly contentType: string
  /** True once the last bytes were handed over: before, Connect cannot have a complete body. */
  readonly isCommitted: boolean
  /** What was wrong with the caller's body, when the stream failed for it. */
  readonly fault: AppError | null
  /** Ends everything behind the body; to be called on every way out. */
  dispose: () => Promise<void>
}

/** Its own stream tells how it goes. No getters: see CallScope in connect/http/deadline.ts. */
interface InMaking extends OutgoingUpload { isCommitted: boolean, fault: AppError | null }

export interface OutgoingForm {
  /** Connect's names: `usage_file` or `recon_file`. The caller's file name never travels. */
  fieldName: string
  fields: readonly (readonly [string, string])[]
}

/** So much of a file is held before anything goes to Connect: smaller ones are known whole and sound by then. */
const HELD_BYTES = 256 * 1024

/**
 * Makes Connect's body of a caller's file, with an exact length, in one of three ways: a small file from memory, a
 * larger one of known length while it arrives, one of unknown length from the spool. With `isWholeFirst` it is received
 * whole before this resolves.
 *
 * The commit point: the closing delimiter is yielded only after `file.read()` has ended, that is after the caller's
 * body was received whole and sound. On any fault the stream throws instead, and Connect sees a body cut short.
 */
export async function prepareUpload (
  file: IncomingFile,
  form: OutgoingForm,
  limits: UploadLimits,
  spool: Spool,
  isWholeFirst = false
): Promise<OutgoingUpload> {
  if (file.boundedLength !== null && file.boundedLength - MAX_TRAILING_BYTES > limits.maxBytes) throw tooLarge(limits)
  const bytes = file.read()
  let spooled: SpooledFile | null = null
  const dispose = async (): Promise<void> => {
    file.destroy(new AppError('MALFORMED_BODY', 'The upload was given up.'))
    await bytes.return(0)
    await spooled?.close()
  }
  try {
    const held = await hold(bytes)
    const boundary = `usage-bff-${randomUUID()}`
    const head = formHead(form, boundary)
    const closing = `\r\n--${boundary}--`
    const build = (length: number, content: () => AsyncGenerator<Buffer, number, void>): OutgoingUpload =>
      outgoing(head, content, closing, length, boundary, dispose)

    if (held.isWhole) {
      return whole(Buffer.concat([head, ...held.chunks, Buffer.from(closing + padding(2))]), boundary, dispose)
    }
    // The length proves itself: what is unknown of it, the bytes after the caller's closing delimiter, is mirrored
    // after ours.
    if (file.boundedLength !== null && !isWholeFirst) {
      return build(file.boundedLength, async function * () {
        yield * held.chunks.splice(0)
        return yield * bytes
      })
    }
    spooled = await spool.open()
    const place = spooled
    let size = 0
    for (const chunk of held.chunks.splice(0)) {
      await place.write(chunk)
      size += chunk.length
    }
    for await (const chunk of bytes) {
      await place.write(chunk)
      size += chunk.length
    }
    const tailStart = Math.max(0, size - TAIL_BYTES)
    checkEnd(await place.readAt(tailStart, size - tailStart), size)
    return build(size + 2, async function * () {
      yield * place.read()
      return 2
    })
  } catch (error) {
    await dispose()
    throw error
  }
}

/**
 * A body that is known already goes out in one piece: written in several, an early refusal by Connect can be lost to
 * the write error of the next one (nodejs/node#12339).
 */
function whole (body: Buffer, boundary: string, dispose: () => Promise<void>): OutgoingUpload {
  async function * stream (): AsyncGenerator<Uint8Array, void, void> {
    upload.isCommitted = true
    yield body
  }
  const upload: InMaking = {
    stream: stream(),
    length: body.length,
    contentType: typeOf(boundary),
    isCommitted: false,
    fault: null,
    dispose
  }
  return upload
}

function typeOf (boundary: string): string {
  return `multipart/form-data; boundary=${boundary}`
}

/** Frames the content; its generator returns how many bytes are to follow our closing delimiter. */
function outgoing (
  head: Buffer,
  content: () => AsyncGenerator<Buffer, number, void>,
  closing: string,
  contentBytes: number,
  boundary: string,
  dispose: () => Promise<void>
): OutgoingUpload {
  async function * stream (): AsyncGenerator<Uint8Array, void, void> {
    yield head
    let trailing: number
    try {
      trailing = yield * content()
    } catch (error) {
      if (error instanceof AppError) upload.fault = error
      throw error
    }
    upload.isCommitted = true
    yield Buffer.from(closing + padding(trailing))
  }
  const upload: InMaking = {
    stream: stream(),
    length: head.length + contentBytes + closing.length,
    contentType: typeOf(boundary),
    isCommitted: false,
    fault: null,
    dispose
  }
  return upload
}

/** Line break and spaces after a closing delimiter are no content (RFC 2046 5.1.1). */
function padding (bytes: number): string {
  return bytes < 2 ? ' '.repeat(bytes) : `\r\n${' '.repeat(bytes - 2)}`
}

function formHead (form: OutgoingForm, boundary: string): Buffer {
  const fields = form.fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  )
  const file = `--${boundary}\r\n` +
    `Content-Disposition: form-data; name="${form.fieldName}"; filename="${form.fieldName}.xlsx"\r\n` +
    `Content-Type: ${XLSX_TYPE}\r\n\r\n`
  return Buffer.from(fields.join('') + file)
}

async function hold (bytes: AsyncGenerator<Buffer, number, void>): Promise<{ chunks: Buffer[], isWhole: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  let isChecked = false
  while (size < HELD_BYTES) {
    const { done, value } = await bytes.next()
    if (done === true) {
      const file = Buffer.concat(chunks)
      if (!isChecked) checkSignature(file)
      checkEnd(file.subarray(-TAIL_BYTES), file.length)
      return { chunks: [file], isWhole: true }
    }
    chunks.push(value)
    size += value.length
    if (!isChecked && size >= SIGNATURE_BYTES) {
      checkSignature(Buffer.concat(chunks))
      isChecked = true
    }
  }
  return { chunks, isWhole: false }
}
