/** The Connect client put together. */
import type { ConnectClient } from './api.ts'

export type * from './api.ts'
export type * from './filters.ts'
export type * from './types.ts'
export * from './errors.ts'

/** Where signed links may point unless configured otherwise: Google Storage and Azure Blob. */
export const DEFAULT_STORAGE_HOSTS: readonly string[] = Object.freeze([
  'storage.googleapis.com', '*.storage.googleapis.com', '*.blob.core.windows.net'
])

export interface ConnectClientOptions {
  /** `https://api.connect.cloudblue.com/public/v1`, or another host's. */
  readonly baseUrl: string
  /** The whole of a JSON call, retries and waiting included. */
  readonly timeoutMs: number
  /** `host` and `*.suffix` mean https on 443; a full origin is taken as it is, private addresses included. */
  readonly storageHosts: readonly string[]
  readonly userAgent: string
  /** The whole of an upload; 15 minutes. */
  readonly uploadTotalMs?: number | undefined
}

/** Opens no connection before the first call. */
export function createConnectClient (options: ConnectClientOptions): ConnectClient {
  throw new Error(`not built yet: ${options.baseUrl}`)
}
