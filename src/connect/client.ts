import type { LookupFunction } from 'node:net'
import type { ConnectClient } from './api.ts'
import { Deadlines } from './http/deadline.ts'
import { createPools } from './http/pools.ts'
import { createUrlAllowlist, guardLookup } from './http/url-allowlist.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Limits } from './limits.ts'
import { ConnectRequester } from './requester.ts'
import { aggregates } from './resources/aggregates.ts'
import { catalogue } from './resources/catalogue.ts'
import { rules, templates } from './resources/products.ts'
import { reconciliations } from './resources/reconciliations.ts'
import { usageChunks } from './resources/usage-chunks.ts'
import { usageFiles } from './resources/usage-files.ts'
import { usageRecords } from './resources/usage-records.ts'

export type * from './api.ts'
export type * from './filters.ts'
export type * from './types.ts'
export type { Limits } from './limits.ts'
export * from './errors.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export { createUrlAllowlist } from './http/url-allowlist.ts'

export interface ConnectClientOptions {
  /** Such as `https://api.connect.cloudblue.com/public/v1`. A slash at its end is ignored. */
  readonly baseUrl: string
  /** For a whole JSON call, with its retries and its wait for a slot. */
  readonly timeoutMs: number
  /**
   * The hosts that a signed link may name. `host` and `*.suffix` allow https on port 443 only, and no private address.
   * A full origin may be http, and may have any port and a private address.
   */
  readonly storageHosts: readonly string[]
  readonly userAgent: string
  /** Default: 15 minutes. */
  readonly uploadTotalMs?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Looks up the storage hosts that are not listed as a full origin. A private address that it gives is refused. */
  readonly storageLookup?: LookupFunction | undefined
}

/** Opens no connection before the first call. Throws TypeError for a bad base URL or storage host. */
export function createConnectClient (options: ConnectClientOptions): ConnectClient {
  const { origin, prefix } = parseBaseUrl(options.baseUrl)
  const overrides = options.uploadTotalMs === undefined ? {} : { uploadTotalMs: options.uploadTotalMs }
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits, ...overrides }
  const decideUrl = createUrlAllowlist(options.storageHosts)
  const pools = createPools(origin, limits, guardLookup(options.storageLookup))
  const deadlines = new Deadlines()
  const { userAgent, timeoutMs } = options
  const requester = new ConnectRequester({ prefix, userAgent, timeoutMs, limits, pools, deadlines, decideUrl })

  return {
    usageFiles: usageFiles(requester),
    usageRecords: usageRecords(requester),
    usageChunks: usageChunks(requester),
    reconciliations: reconciliations(requester),
    aggregates: aggregates(requester),
    rules: rules(requester),
    templates: templates(requester),
    catalogue: catalogue(requester),
    storage: { fetch: (url, ctx) => requester.follow('storage.fetch', url, ctx) },
    stats: () => ({
      jsonRead: pools.jsonRead.stats(),
      jsonWrite: pools.jsonWrite.stats(),
      upload: pools.upload.stats(),
      download: pools.download.stats(),
      storage: pools.storage.stats()
    }),
    async close () {
      deadlines.endAll()
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()))
    }
  }
}

/** The path gets no slash at its end, because Connect refuses a path with a double slash. */
function parseBaseUrl (baseUrl: string): { origin: string, prefix: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw new TypeError('the Connect base URL must be http(s) without credentials, query or fragment')
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}
