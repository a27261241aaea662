import type { FastifyPluginAsync } from 'fastify'
import { IDEMPOTENCY_DOCUMENT } from '../schemas/idempotency.ts'
import { PREFER_WAIT_DOCUMENT } from '../schemas/prefer-wait.ts'
import type { Config } from '../src/config.ts'
import { addOperations } from '../src/http/add-operations.ts'
import { limitAtOnce } from '../src/http/at-once.ts'
import { audit } from '../src/observability/audit.ts'
import { auth } from '../src/http/plugins/auth.ts'
import { eventStreams } from '../src/http/plugins/event-streams.ts'
import { idempotency } from '../src/http/plugins/idempotency.ts'
import { listExports } from '../src/http/plugins/list-exports.ts'
import { preferWait } from '../src/http/plugins/prefer-wait-document.ts'
import { overload } from '../src/http/plugins/overload.ts'
import { smallBodies } from '../src/http/plugins/small-bodies.ts'
import { objectQueue } from '../src/http/plugins/object-queue.ts'
import { work, workOf } from '../src/http/plugins/work.ts'
import { workbookReads } from '../src/http/plugins/workbook-reads.ts'
import { refuseOtherQueries } from '../src/http/validation.ts'
import { assetsRoutes } from './assets/index.ts'
import { bulkCloseRoutes } from './bulk-closes/index.ts'
import { connectWebhookRoutes } from './connect-webhooks/index.ts'
import { getCaller } from './get-caller.ts'
import { getUsageCoverage } from './get-usage-coverage.ts'
import { healthRoutes } from './health/index.ts'
import { listUsageContracts } from './list-usage-contracts.ts'
import { productsRoutes } from './products/index.ts'
import { reconciliationsRoutes } from './reconciliations/index.ts'
import { uploadRoutes } from './uploads/index.ts'
import { usageAggregatesRoutes } from './usage-aggregates/index.ts'
import { usageCheckRoutes } from './usage-checks/index.ts'
import { usageChunksRoutes } from './usage-chunks/index.ts'
import { usageFilesRoutes } from './usage-files/index.ts'
import { usageReportsRoutes } from './usage-reports/index.ts'
import { usageRecordsRoutes } from './usage-records/index.ts'
import { watchEvents } from './watch-events.ts'

interface RoutesOptions { config: Config, loadSampleMs?: number | undefined, eventBeatMs?: number | undefined }

export const routes: FastifyPluginAsync<RoutesOptions> = async (app, { config, loadSampleMs, eventBeatMs }) => {
  // A browser that asks for `/` goes to the console, which links to Swagger UI; without the console, to Swagger UI.
  // Every other client gets the problem of an unknown path.
  const home = config.hasConsole ? '/console' : '/docs'
  app.get('/', { schema: { hide: true } }, async (request, reply) =>
    /\btext\/html\b/i.test(request.headers.accept ?? '') ? reply.redirect(home) : reply.callNotFound())
  await app.register(healthRoutes, { prefix: '/health' })
  await app.register(
    async v1 => {
      refuseOtherQueries(v1)
      await v1.register(work)
      await v1.register(overload, { sampleMs: loadSampleMs })
      await v1.register(auth, { callers: config.callers })
      await v1.register(idempotency, { connectBaseUrl: config.connectBaseUrl, document: IDEMPOTENCY_DOCUMENT })
      await v1.register(preferWait, { document: PREFER_WAIT_DOCUMENT })
      await v1.register(audit, { hold: request => workOf(request).hold() })
      await v1.register(objectQueue)
      await v1.register(listExports)
      await v1.register(workbookReads)
      limitAtOnce(v1, { total: 512, each: 256, what: 'requests' })
      await v1.register(async json => {
        await json.register(smallBodies, { maxMs: config.uploadIdleTimeoutMs })
        await json.register(usageFilesRoutes, { prefix: '/usage-files' })
        await json.register(usageRecordsRoutes, { prefix: '/usage-records' })
        await json.register(usageChunksRoutes, { prefix: '/usage-chunks' })
        await json.register(reconciliationsRoutes, { prefix: '/reconciliations' })
        await json.register(usageAggregatesRoutes, { prefix: '/usage-aggregates' })
        await json.register(assetsRoutes, { prefix: '/assets' })
        await json.register(productsRoutes, { prefix: '/products' })
        await addOperations(json, [listUsageContracts, getUsageCoverage])
        await json.register(getCaller, { config })
      })
      await v1.register(bulkCloseRoutes, {
        limits: { maxBytes: config.bulkMaxBytes, idleMs: config.uploadIdleTimeoutMs },
        options: { batchSize: config.closeBatchSize, concurrency: config.closeConcurrency }
      })
      await v1.register(usageCheckRoutes)
      await v1.register(uploadRoutes)
      await v1.register(usageReportsRoutes, { connectBaseUrl: config.connectBaseUrl })
      await v1.register(eventStreams, { beatMs: eventBeatMs })
      await addOperations(v1, [watchEvents])
    },
    { prefix: '/v1' }
  )
  await app.register(connectWebhookRoutes, { prefix: '/v1', config })
}
