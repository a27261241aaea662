import type { FastifyInstance } from 'fastify'
import { ConnectError } from '../connect-error.ts'

/** Everything leaves in Connect's envelope; what nobody foresaw is a 500 of the sandbox itself. */
export function addErrorHandlers (app: FastifyInstance): void {
  app.setNotFoundHandler(async (_request, reply) => {
    return await reply.code(404).send({ error_code: 'SYS_404', errors: ['Not found.'] })
  })
  app.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof ConnectError) return await reply.code(error.status).send(error.body)
    const status = error.statusCode ?? 500
    const code = status >= 500 ? 'SYS_001' : 'VAL_001'
    return await reply.code(status).send({ error_code: code, errors: [error.message] })
  })
}
