import { fileURLToPath } from 'node:url'
import type { StateStore, StoreLog } from './store.ts'

/**
 * Opens the store that `STORE_URL` names: `file:<folder>`, `redis://…` or `rediss://…`. Throws StoreStartError when
 * this store cannot be used. A Redis that cannot be reached yet is no error. Loads only the package that the store
 * needs: to load lmdb takes 65 ms of CPU time, and ioredis 140 ms.
 */
export async function openStore (url: string, log: StoreLog): Promise<StateStore> {
  if (/^rediss?:/.test(url)) {
    const { openRedisStore } = await import('./redis-store.ts')
    return await openRedisStore(url, log)
  }
  const { openEmbeddedStore } = await import('./embedded-store.ts')
  return await openEmbeddedStore(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length), { log })
}
