import { fileURLToPath } from 'node:url'
import { openEmbeddedStore } from './embedded-store.ts'
import { openRedisStore, type StoreLog } from './redis-store.ts'
import type { StateStore } from './store.ts'

/** Opens the store that `STORE_URL` names: `file:<folder>`, `redis://…` or `rediss://…`. Throws StoreStartError. */
export async function openStore (url: string, log: StoreLog): Promise<StateStore> {
  if (/^rediss?:/.test(url)) return await openRedisStore(url, log)
  return await openEmbeddedStore(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length))
}
