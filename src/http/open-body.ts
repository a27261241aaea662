import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { openRequestBody, type BodyLimits } from '../streaming/request-body.ts'
import { stopping } from './plugins/drain.ts'

/**
 * Yields the body of a request as it arrives. Throws AppError when the body has no Content-Type, breaks a limit or is
 * cut off, and when a stop of the service reaches its phase "cancel".
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
  const stopListening = server.onCancelWaiting(() => {
    body.destroy(
      stopping('This instance is stopping and did not receive the whole body. Nothing was done. Send it again.')
    )
  })
  try {
    yield * body.read()
  } finally {
    stopListening()
  }
}
