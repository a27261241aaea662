import type { FastifyPluginAsync } from 'fastify'
import { tableBody } from '../../schemas/rows-input.ts'
import { addOperations } from '../../src/http/add-operations.ts'
import { limitAtOnce } from '../../src/http/at-once.ts'
import { takeFiles } from '../../src/http/table-bodies.ts'
import { checkUsage } from './check-usage.ts'
import { checkUsageOfFile } from './check-usage-of-file.ts'
import { convertUsage } from './convert-usage.ts'

const MAX_CHECKS = 8

/**
 * The operations that check or convert rows. They change nothing in Connect. A check asks Connect for items and, if the
 * caller wants that, for subscriptions.
 */
export const usageCheckRoutes: FastifyPluginAsync = async (app) => {
  limitAtOnce(app, { total: MAX_CHECKS, each: MAX_CHECKS / 2, what: 'checks and conversions' })
  await takeFiles(app, Object.keys(tableBody('').content))
  await addOperations(app, [checkUsage, checkUsageOfFile, convertUsage])
}
