import { tmpdir } from 'node:os'
import fp from 'fastify-plugin'
import type { CloseOptions } from '../../closing/close-items.ts'
import { createAccountThrottles, type AccountThrottle } from '../../closing/throttle-state.ts'
import { Semaphore } from '../../limits/semaphore.ts'
import { NDJSON } from '../../media-types.ts'
import { collectEvery } from '../../limits/garbage.ts'
import type { BodyLimits } from '../../streaming/request-body.ts'
import { createSpool, type SpooledFile } from '../../streaming/spool.ts'
import { limitAtOnce } from '../at-once.ts'

declare module 'fastify' {
  interface FastifyInstance { bulkCloses: BulkCloses }
}

export interface BulkCloses {
  limits: BodyLimits
  options: CloseOptions
  /** Throws OVERLOADED when too many spools are open, or when no spool can be made. */
  openSpool: () => Promise<SpooledFile>
  /** Limits the writes to Connect of all bulk closes together, so that other requests find free connections. */
  writes: Semaphore
  /** Limits the reads of records of all bulk closes together, so that other requests find free connections. */
  reads: Semaphore
  /**
   * To be called for each call to Connect that closes records, with the number of these records. Makes V8 collect
   * garbage each time that COLLECT_EVERY_RECORDS more records were sent.
   */
  noteSent: (records: number) => void
  /** Gives what all bulk closes of one account share, such as the pause that Connect asked this account for. */
  throttleOf: (accountId: string) => AccountThrottle
}

const MAX_LISTS = 8
const MAX_WRITES = 12
const MAX_READS = 16
/**
 * Each call leaves about 15 bytes a record in the memory of V8 that is seldom cleared (the old generation), because its
 * socket and timers live long. Without forced collections this garbage grows to 200 MiB.
 */
const COLLECT_EVERY_RECORDS = 200_000

/**
 * Adds `app.bulkCloses`, which all bulk closes share, and limits how many of them run at the same time. The routes read
 * their bodies themselves, while the bodies arrive.
 */
export const bulkCloses = fp(async (app, settings: { limits: BodyLimits, options: CloseOptions }) => {
  const spool = createSpool(tmpdir(), MAX_LISTS, {
    tooMany: 'There is no room for another list of records now; try again later.',
    noRoom: 'There is no room on disk for the list of records; try again later.'
  })
  limitAtOnce(app, { total: MAX_LISTS, each: MAX_LISTS / 2, what: 'lists of records' })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', NDJSON], (_request, _payload, done) => { done(null) })
  app.decorate('bulkCloses', {
    ...settings,
    openSpool: spool.open,
    writes: new Semaphore({ slots: MAX_WRITES }),
    reads: new Semaphore({ slots: MAX_READS }),
    noteSent: collectEvery(COLLECT_EVERY_RECORDS, 'all'),
    throttleOf: createAccountThrottles()
  })
}, { name: 'bulk-closes' })
