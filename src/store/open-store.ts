import { fileURLToPath } from 'node:url'
import { openEmbeddedStore } from './embedded-store.ts'
import type { StateStore } from './store.ts'

/** Opens the store that `STORE_URL` names: `file:<folder>`. */
export async function openStore (url: string): Promise<StateStore> {
  return await openEmbeddedStore(url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length))
}
