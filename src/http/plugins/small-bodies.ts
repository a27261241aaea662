import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { declaresBody } from '../body-type.ts'

/**
 * Answers REQUEST_TIMEOUT when a body has not arrived within `maxMs`. For routes whose body Fastify collects before the
 * handler runs. Node's own limit is longer, for uploads.
 */
export const smallBodies = fp(async (app, { maxMs }: { maxMs: number }) => {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    if (!declaresBody(raw)) return done()
    const timer = setTimeout(() => {
      if (!raw.complete && !reply.sent) {
        void reply.send(new AppError('REQUEST_TIMEOUT', `The body did not arrive within ${maxMs} ms.`))
      }
    }, maxMs)
    reply.raw.once('close', () => { clearTimeout(timer) })
    done()
  })
}, { name: 'small-bodies' })
