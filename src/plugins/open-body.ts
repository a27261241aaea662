import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import type { UploadLimits } from '../streaming/incoming-file.ts'
import { openRawFile } from '../streaming/raw-file.ts'

/** The body of a request as it arrives, within its limits; ends only when it was received whole. Throws AppError. */
export function openBody (request: FastifyRequest, limits: UploadLimits): AsyncGenerator<Buffer, number, void> {
  const { raw } = request
  const declared = raw.headers['content-length']
  if (raw.headers['content-type'] === undefined) throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send a body with a Content-Type.')
  return openRawFile(raw, declared === undefined ? null : Number(declared), limits).read()
}
