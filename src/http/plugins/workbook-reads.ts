import fp from 'fastify-plugin'
import { slotsOf, type Slots } from '../at-once.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The slots of requests for row errors, and for workbooks of Connect in another form than XLSX. Each request has up
     * to four temporary files.
     */
    workbookReads: Slots
  }
}

const MAX_READS = 16

export const workbookReads = fp(async (app) => {
  app.decorate('workbookReads', slotsOf({ total: MAX_READS, each: MAX_READS / 4, what: 'readings of workbooks' }))
}, { name: 'workbook-reads' })
