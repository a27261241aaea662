import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import {
  MAX_TRAILING_BYTES,
  readWithin,
  tooLarge,
  truncated,
  type IncomingFile,
  type UploadLimits
} from './incoming-file.ts'

/**
 * A request whose body is the workbook itself. Takes the request and its declared length or null.
 * The request is read through a stream of our own: destroying the request would take the socket, and the answer, with
 * it.
 */
export function openRawFile (raw: IncomingMessage, contentLength: number | null, limits: UploadLimits): IncomingFile {
  if (contentLength !== null && contentLength > limits.maxBytes + MAX_TRAILING_BYTES) throw tooLarge(limits)
  const body = new PassThrough()
  // A body may be cut before anybody reads it; the read then reports it.
  body.on('error', () => {})
  // Node drops what it has received and not yet handed out when the connection is reset, also of a request that is
  // `complete`: then neither 'data' nor 'end' follows.
  const onCut = (): void => { if (!raw.readableEnded) body.destroy(truncated()) }
  raw.once('close', onCut)
  body.once('close', () => {
    raw.off('close', onCut)
    raw.unpipe(body)
  })
  // A 'close' that came before is not repeated.
  if (raw.destroyed) onCut()
  else raw.pipe(body)
  return {
    boundedLength: contentLength,
    fields: new Map(),
    read: async function * () {
      try {
        yield * readWithin(body, limits)
      } catch (error) {
        throw error instanceof AppError ? error : truncated(error)
      }
      if (!raw.complete) throw truncated()
      return 0
    },
    destroy: (reason) => { body.destroy(reason) }
  }
}
