import { tmpdir } from 'node:os'
import fp from 'fastify-plugin'
import { CSV, NDJSON } from '../../media-types.ts'
import type { BodyLimits } from '../../streaming/request-body.ts'
import { createSpool, type Spool } from '../../streaming/spool.ts'
import { limitAtOnce } from '../at-once.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What all checks of this instance share: the limits of a body of rows, and files for long lists of problems. */
    usageChecks: { limits: BodyLimits, problems: Spool }
  }
}

const MAX_CHECKS = 8

/** For the routes that check rows. They read their bodies themselves, while the bodies arrive. */
export const usageChecks = fp(async (app, { limits }: { limits: BodyLimits }) => {
  limitAtOnce(app, { total: MAX_CHECKS, each: MAX_CHECKS / 2, what: 'checks' })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', NDJSON, CSV], (_request, _payload, done) => { done(null) })
  app.decorate('usageChecks', {
    limits,
    problems: createSpool(tmpdir(), MAX_CHECKS, {
      tooMany: 'There is no room for another list of problems now; try again later.',
      noRoom: 'There is no room on disk for the list of problems; try again later.'
    })
  })
}, { name: 'usage-checks' })
