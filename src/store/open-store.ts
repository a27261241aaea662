import { fileURLToPath } from 'node:url'
import type { StateStore, StoreLog } from './store.ts'

/**
 * Opens the store that `STORE_URL` names. Throws StoreStartError when it cannot be used, but not for a Redis that
 * cannot be reached yet. Loads only the package that the store needs: lmdb takes 65 ms of CPU time, ioredis 140 ms.
 */
export async function openStore (url: string, log: StoreLog): Promise<StateStore> {
  if (/^rediss?:/.test(url)) {
    const { openRedisStore } = await import('./redis-store.ts')
    return await openRedisStore(url, log)
  }
  const { openEmbeddedStore } = await import('./embedded-store.ts')
  return await openEmbeddedStore(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length), { log })
}
