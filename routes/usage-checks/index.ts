import type { FastifyPluginAsync } from 'fastify'
import { usageChecks } from '../../src/http/plugins/usage-checks.ts'
import type { BodyLimits } from '../../src/streaming/request-body.ts'
import { checkUsage } from './check-usage.ts'
import { checkUsageOfFile } from './check-usage-of-file.ts'

/** The operations that check rows. Nothing goes to Connect. */
export const usageCheckRoutes: FastifyPluginAsync<{ limits: BodyLimits }> = async (app, options) => {
  await app.register(usageChecks, options)
  await app.register(checkUsage)
  await app.register(checkUsageOfFile)
}
