import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../src/config.ts'
import { auth } from '../src/plugins/auth.ts'
import { bulkCloseRoutes } from './bulk-closes/index.ts'
import { health } from './health.ts'
import { uploadRoutes } from './uploads/index.ts'
import { usageFilesRoutes } from './usage-files/index.ts'
import { usageRecordsRoutes } from './usage-records/index.ts'

/** The whole surface: what is public, what needs a caller, and what takes files. */
export const routes: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(health)
  await app.register(async (v1) => {
    await v1.register(auth, { callers: config.callers })
    await v1.register(usageFilesRoutes, { prefix: '/usage-files' })
    await v1.register(usageRecordsRoutes, { prefix: '/usage-records' })
    await v1.register(bulkCloseRoutes, {
      limits: { maxBytes: config.bulkMaxBytes, idleMs: config.uploadIdleTimeoutMs },
      options: { batchSize: config.closeBatchSize, concurrency: config.closeConcurrency }
    })
    await v1.register(uploadRoutes, { limits: { maxBytes: config.uploadMaxBytes, idleMs: config.uploadIdleTimeoutMs } })
  }, { prefix: '/v1' })
}
