import { tmpdir } from 'node:os'
import fp from 'fastify-plugin'
import { createSpool, type Spool } from '../../streaming/spool.ts'
import { createTablePool, type TablePool } from '../../tables/pool.ts'
import type { TableLimits } from '../receive-table.ts'

declare module 'fastify' {
  interface FastifyInstance {
    tables: { limits: TableLimits, files: Spool, pool: TablePool }
  }
}

export interface TablesOptions {
  limits: Pick<TableLimits, 'workbook' | 'rows'>
  /** The program of the worker threads: src/table-worker.ts, bundled or compiled. */
  program: URL
}

/** The most temporary files at the same time. Most requests have two (what comes in, what goes out), none over four. */
const MAX_FILES = 128

const CONNECT_WORKBOOK_BYTES = 1024 ** 3

export const tables = fp(async (app, { limits, program }: TablesOptions) => {
  const pool = createTablePool({ program })
  const files = createSpool(tmpdir(), MAX_FILES, {
    tooMany: 'Too many tables are received or sent now; try again later.',
    noRoom: 'There is no room on disk for the table; try again later.'
  })
  app.decorate('tables', { limits: { ...limits, connectWorkbookBytes: CONNECT_WORKBOOK_BYTES }, files, pool })
  app.addHook('onClose', async () => { await pool.close() })
}, { name: 'tables' })
