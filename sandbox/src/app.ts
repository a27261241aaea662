import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { FaultBook } from './fault-book.ts'
import { addCatalogueRoutes } from './http/catalogue.ts'
import { addChunkRoutes } from './http/chunks.ts'
import { addControlRoutes, summarise } from './http/control.ts'
import type { Summary } from './http/control.ts'
import { addErrorHandlers } from './http/errors.ts'
import { addBodyParsers } from './http/json-bodies.ts'
import { writeJson } from './http/json.ts'
import { addObservation } from './http/observe.ts'
import { addAggregateRoutes, addRuleRoutes } from './http/products.ts'
import { addReconciliationRoutes } from './http/reconciliations.ts'
import { addAuthentication, basePath } from './http/request-context.ts'
import { addStorageRoutes } from './http/storage.ts'
import { addUploadRoutes } from './http/uploads.ts'
import { addFileActionRoutes } from './http/usage-file-actions.ts'
import { addFileRoutes } from './http/usage-files.ts'
import { addRecordRoutes } from './http/usage-records.ts'
import { addWebhookRoutes } from './http/webhooks.ts'
import { Ledger } from './ledger.ts'
import { Links } from './links.ts'
import { withDefaults } from './options.ts'
import type { SandboxOptions } from './options.ts'
import type { Sandbox } from './sandbox.ts'
import { seedStore } from './seed/seed.ts'
import { Tasks } from './state/tasks.ts'
import { UploadFolder } from './upload-folder.ts'
import { WebhookCalls } from './webhook-calls.ts'

export interface BuiltSandbox extends Sandbox {
  app: FastifyInstance
  /** Replaces all objects by those of the start, and drops planned work. The planned faults and the ledger stay. */
  reset: () => Promise<void>
  summary: () => Summary
}

/** Builds the sandbox, which does not listen yet. Closing `app` cancels planned work and removes received files. */
export async function buildSandbox (given: Partial<SandboxOptions> = {}): Promise<BuiltSandbox> {
  const options = withDefaults(given)
  const sandbox: Sandbox = {
    options,
    store: seedStore(options),
    tasks: new Tasks(),
    links: new Links(options.linkSeconds, options.now),
    ledger: new Ledger(options.ledgerLimit),
    faults: new FaultBook(),
    uploads: new UploadFolder(options.tempDir),
    webhookCalls: new WebhookCalls(options.webhookTimeoutMs, options.now)
  }
  const app = createServer()
  const reset = async (): Promise<void> => {
    sandbox.tasks.clear()
    sandbox.store = seedStore(options)
    await sandbox.webhookCalls.clear()
    await sandbox.uploads.clear()
  }
  app.setReplySerializer(writeJson)
  app.decorate('strictFilters', options.strictFilters)
  addErrorHandlers(app)
  addObservation(app, sandbox)
  addBodyParsers(app, sandbox)
  await app.register(async (api) => {
    addAuthentication(api, sandbox)
    addFileRoutes(api, sandbox)
    addFileActionRoutes(api, sandbox)
    addRecordRoutes(api, sandbox)
    addChunkRoutes(api, sandbox)
    addReconciliationRoutes(api, sandbox)
    addAggregateRoutes(api, sandbox)
    addRuleRoutes(api, sandbox)
    addCatalogueRoutes(api, sandbox)
    addWebhookRoutes(api, sandbox)
    await api.register(async (uploads) => { await addUploadRoutes(uploads, sandbox) })
  }, { prefix: basePath })
  await app.register(async (storage) => { addStorageRoutes(storage, sandbox) })
  if (options.control) addControlRoutes(app, sandbox, reset)
  app.addHook('onClose', async () => {
    sandbox.tasks.clear()
    await sandbox.webhookCalls.close()
    await sandbox.uploads.clear()
  })
  return Object.assign(sandbox, { app, reset, summary: () => summarise(sandbox) })
}

function createServer (): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: 64 * 1024 * 1024,
    exposeHeadRoutes: false,
    // A stop closes all connections. Otherwise a request that hangs or is half sent would keep the sandbox running.
    forceCloseConnections: true,
    requestTimeout: 0,
    routerOptions: {
      ignoreTrailingSlash: true,
      // Fastify's parser of queries is off: all routes read the raw query (`queryOf`).
      querystringParser: () => ({})
    }
  })
}
