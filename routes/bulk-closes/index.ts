import type { FastifyPluginAsync } from 'fastify'
import type { CloseOptions } from '../../src/closing/close-items.ts'
import { addOperations } from '../../src/http/add-operations.ts'
import { bulkCloses } from '../../src/http/plugins/bulk-closes.ts'
import type { BodyLimits } from '../../src/streaming/request-body.ts'
import { closeUsageFileRecords } from './close-usage-file-records.ts'
import { closeUsageRecords } from './close-usage-records.ts'

/**
 * The operations that close many records: those that the caller names, or all approved records of a file. The outcomes
 * are sent as they become known.
 */
export const bulkCloseRoutes: FastifyPluginAsync<{ limits: BodyLimits; options: CloseOptions }> = async (
  app,
  settings
) => {
  await app.register(bulkCloses, settings)
  await addOperations(app, [closeUsageRecords, closeUsageFileRecords])
}
