import fp from 'fastify-plugin'
import { Semaphore } from '../../limits/semaphore.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Limits how many lists are sent whole at once: each holds a page of Connect in memory. The key is a caller. */
    listExports: Semaphore
  }
}

const MAX_EXPORTS = 32

export const listExports = fp(async (app) => {
  app.decorate('listExports', new Semaphore({ slots: MAX_EXPORTS, slotsPerKey: MAX_EXPORTS / 4 }))
}, { name: 'list-exports' })
