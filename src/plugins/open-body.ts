import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { truncated, type UploadLimits } from '../streaming/incoming-file.ts'
import { faster } from '../streaming/pace-of-callers.ts'
import { openRawFile } from '../streaming/raw-file.ts'

/**
 * The body of a request as it arrives, within its limits; ends only when it was received whole. Throws AppError.
 * Nothing is opened before it is read: a caller that leaves in between would be an error that nobody listens to.
 */
export async function * openBody ({ raw }: FastifyRequest, limits: UploadLimits): AsyncGenerator<Buffer, void, void> {
  const declared = raw.headers['content-length']
  if (raw.headers['content-type'] === undefined) throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send a body with a Content-Type.')
  // Whoever has left is not heard leaving again.
  if (raw.destroyed && !raw.complete) throw truncated()
  yield * faster(openRawFile(raw, declared === undefined ? null : Number(declared), limits).read(), limits.idleMs)
}
