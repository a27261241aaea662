import { fileURLToPath } from 'node:url'
import type { StateStore, StoreLog } from './store.ts'

/**
 * Opens the store that `STORE_URL` names: `file:<folder>`, `redis://…` or `rediss://…`. Throws StoreStartError when
 * this store cannot be used; not for a Redis that cannot be reached yet. Loads only the package that it needs: to load
 * lmdb takes 65 ms of CPU, ioredis 140 ms.
 */
export async function openStore (url: string, log: StoreLog): Promise<StateStore> {
  if (/^rediss?:/.test(url)) {
    const { openRedisStore } = await import('./redis-store.ts')
    return await openRedisStore(url, log)
  }
  const { openEmbeddedStore } = await import('./embedded-store.ts')
  return await openEmbeddedStore(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length), { log })
}
