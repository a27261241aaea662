import type { FastifyInstance } from 'fastify'
import { ConnectError } from '../connect-error.ts'

/** Answers errors in Connect's form, also for an unknown path (404) and a method that a path does not have (405). */
export function addErrorHandlers (app: FastifyInstance): void {
  const routes: { method: string, path: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}/?$`)
    for (const one of [method].flat()) routes.push({ method: one, path })
  })
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = routes.filter((route) => route.path.test(path)).map(({ method }) => method)
    if (allowed.length > 0) {
      const errors = [`Method "${request.method}" not allowed.`]
      return await reply.code(405).header('allow', allowed.join(', ')).send({ error_code: 'SYS_405', errors })
    }
    return await reply.code(404).send({ error_code: 'SYS_404', errors: ['Not found.'] })
  })
  app.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof ConnectError) return await reply.code(error.status).send(error.body)
    const status = error.statusCode ?? 500
    const code = status >= 500 ? 'SYS_001' : 'VAL_001'
    return await reply.code(status).send({ error_code: code, errors: [error.message] })
  })
}
