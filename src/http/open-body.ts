import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { openRequestBody, type BodyLimits } from '../streaming/request-body.ts'
import { stopping } from './plugins/drain.ts'

/**
 * The body of a request as it arrives, within its limits; ends only when it was received whole. Throws AppError.
 * Nothing is opened before it is read: a caller that leaves in between would be an error that nobody listens to.
 */
export async function * openBody (
  { raw, server }: FastifyRequest,
  limits: BodyLimits
): AsyncGenerator<Buffer, void, void> {
  const declared = raw.headers['content-length']
  if (raw.headers['content-type'] === undefined) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send a body with a Content-Type.')
  }
  const body = openRequestBody(raw, declared === undefined ? null : Number(declared), limits)
  const takeBack = server.atLastCall(() => {
    body.destroy(
      stopping('This instance is stopping, and the body did not come in whole before. Nothing was done; send it again.')
    )
  })
  try {
    yield * body.read()
  } finally {
    takeBack()
  }
}
