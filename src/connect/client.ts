/** The Connect client put together. */
import type { LookupFunction } from 'node:net'
import { aggregates } from './resources/aggregates.ts'
import type { ConnectClient } from './api.ts'
import { createCaller } from './requester.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Limits } from './limits.ts'
import { createBulkheads } from './http/pools.ts'
import { reconciliations } from './resources/reconciliations.ts'
import { rules } from './resources/products.ts'
import { createScopes } from './http/deadline.ts'
import { createLinkJudge, guardLookup } from './http/url-allowlist.ts'
import { templates } from './resources/templates.ts'
import { usageChunks } from './resources/usage-chunks.ts'
import { usageFiles } from './resources/usage-files.ts'
import { usageRecords } from './resources/usage-records.ts'

export type * from './api.ts'
export type * from './filters.ts'
export type * from './types.ts'
export type { Limits } from './limits.ts'
export * from './errors.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export { createLinkJudge } from './http/url-allowlist.ts'

export interface ConnectClientOptions {
  /** `https://api.connect.cloudblue.com/public/v1`, or another host's; a trailing slash does not matter. */
  readonly baseUrl: string
  /** The whole of a JSON call, retries and waiting included. */
  readonly timeoutMs: number
  /** `host` and `*.suffix` mean https on 443; a full origin is taken as it is, private addresses included. */
  readonly storageHosts: readonly string[]
  readonly userAgent: string
  /** The whole of an upload; 15 minutes. */
  readonly uploadTotalMs?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Resolves names of storage hosts; the system's by default. Its answers are checked all the same. */
  readonly storageLookup?: LookupFunction | undefined
}

/** Opens no connection before the first call; throws on a base URL or a storage host that is none. */
export function createConnectClient (options: ConnectClientOptions): ConnectClient {
  const { origin, prefix } = parseBaseUrl(options.baseUrl)
  const overrides = options.uploadTotalMs === undefined ? {} : { uploadTotalMs: options.uploadTotalMs }
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits, ...overrides }
  const judgeLink = createLinkJudge(options.storageHosts)
  const bulkheads = createBulkheads(origin, limits, guardLookup(options.storageLookup))
  const scopes = createScopes()
  const caller = createCaller({
    prefix, userAgent: options.userAgent, timeoutMs: options.timeoutMs, limits, bulkheads, scopes, judgeLink
  })

  return {
    usageFiles: usageFiles(caller),
    usageRecords: usageRecords(caller),
    usageChunks: usageChunks(caller),
    reconciliations: reconciliations(caller),
    aggregates: aggregates(caller),
    rules: rules(caller),
    templates: templates(caller),
    storage: { fetch: (url, ctx) => caller.follow('storage.fetch', url, ctx) },
    stats: () => ({
      jsonRead: bulkheads.jsonRead.stats(),
      jsonWrite: bulkheads.jsonWrite.stats(),
      upload: bulkheads.upload.stats(),
      download: bulkheads.download.stats(),
      storage: bulkheads.storage.stats()
    }),
    async close () {
      scopes.endAll()
      await Promise.all(Object.values(bulkheads).map((bulkhead) => bulkhead.destroy()))
    }
  }
}

/** Double slashes are refused by Connect, so the prefix never ends in one. */
function parseBaseUrl (baseUrl: string): { origin: string, prefix: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw new TypeError('the Connect base URL must be http(s) without credentials, query or fragment')
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}
