import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

/**
 * The scope of bodies that Fastify collects before the operation runs: they have to arrive whole within this time.
 * Node's own limit is that of uploads, which look after themselves.
 */
export const smallBodies = fp(async (app, { maxMs }: { maxMs: number }) => {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    if (raw.headers['transfer-encoding'] === undefined && Number(raw.headers['content-length'] ?? 0) === 0) {
      return done()
    }
    const timer = setTimeout(() => {
      if (!raw.complete && !reply.sent) {
        void reply.send(new AppError('REQUEST_TIMEOUT', `The body did not arrive within ${maxMs} ms.`))
      }
    }, maxMs)
    reply.raw.once('close', () => { clearTimeout(timer) })
    done()
  })
}, { name: 'small-bodies' })
