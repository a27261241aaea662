import { tmpdir } from 'node:os'
import fp from 'fastify-plugin'
import { createSpool, type Spool, type SpooledFile } from '../../streaming/spool.ts'
import type { Conversion } from '../../tables/convert.ts'
import { createTablePool, type TablePool } from '../../tables/pool.ts'
import { shareFile } from '../../tables/shared-file.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tables that come in or go out: in temporary files, read and written by worker threads. */
    tables: {
      pool: TablePool
      files: Spool
      /**
       * Converts a table from one form to another, for example a spooled workbook to NDJSON. Gives the file with the
       * result; the caller of this function closes both files. Throws as `TablePool.run`.
       */
      convert: (input: SpooledFile, task: ConversionOfFile, signal: AbortSignal) => Promise<ConvertedTable>
    }
  }
}

export type ConversionOfFile = Omit<Conversion, 'input' | 'output'>

export interface ConvertedTable { file: SpooledFile, rows: number, bytes: number }

/** A request has a file for what comes in, and one for what goes out. */
const MAX_FILES = 128

/** `program` is the bundled or compiled src/table-worker.ts. A stop waits for the tasks of the threads. */
export const tables = fp(async (app, { program }: { program: URL }) => {
  const pool = createTablePool({ program })
  const files = createSpool(tmpdir(), MAX_FILES, {
    tooMany: 'Too many tables are received or sent now; try again later.',
    noRoom: 'There is no room on disk for the table; try again later.'
  })
  app.decorate('tables', {
    pool,
    files,
    convert: async (input, task, signal) => {
      const file = await files.open()
      try {
        const shared = { input: shareFile(input.fd), output: shareFile(file.fd) }
        return { file, ...await pool.run('convert', { ...task, ...shared }, signal) }
      } catch (error) {
        await file.close()
        throw error
      }
    }
  })
  app.addHook('onClose', async () => { await pool.close() })
}, { name: 'tables' })
