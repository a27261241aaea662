import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../src/config.ts'
import { auth } from '../src/plugins/auth.ts'
import { assetsRoutes } from './assets/index.ts'
import { bulkCloseRoutes } from './bulk-closes/index.ts'
import { health } from './health.ts'
import { productsRoutes } from './products/index.ts'
import { reconciliationsRoutes } from './reconciliations/index.ts'
import { uploadRoutes } from './uploads/index.ts'
import { usageAggregatesRoutes } from './usage-aggregates/index.ts'
import { usageChunksRoutes } from './usage-chunks/index.ts'
import { usageFilesRoutes } from './usage-files/index.ts'
import { usageRecordsRoutes } from './usage-records/index.ts'

/** The whole surface: what is public, what needs a caller, and what takes files. */
export const routes: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(health)
  await app.register(async (v1) => {
    await v1.register(auth, { callers: config.callers })
    await v1.register(usageFilesRoutes, { prefix: '/usage-files' })
    await v1.register(usageRecordsRoutes, { prefix: '/usage-records' })
    await v1.register(usageChunksRoutes, { prefix: '/usage-chunks' })
    await v1.register(reconciliationsRoutes, { prefix: '/reconciliations' })
    await v1.register(usageAggregatesRoutes, { prefix: '/usage-aggregates' })
    await v1.register(assetsRoutes, { prefix: '/assets' })
    await v1.register(productsRoutes, { prefix: '/products' })
    await v1.register(bulkCloseRoutes, {
      limits: { maxBytes: config.bulkMaxBytes, idleMs: config.uploadIdleTimeoutMs },
      options: { batchSize: config.closeBatchSize, concurrency: config.closeConcurrency }
    })
    await v1.register(uploadRoutes, { limits: { maxBytes: config.uploadMaxBytes, idleMs: config.uploadIdleTimeoutMs } })
  }, { prefix: '/v1' })
}
