import { openEmbeddedStore } from '../../src/store/embedded-store.ts'
import type { StateStore, StoreTimes } from '../../src/store/store.ts'
import { makeFolder, type Teardown } from '../helper.ts'

/** One kind of store, as the conformance suite needs it. */
export interface Stage {
  name: string
  /** Another view of the same data: a second replica where the store allows one, else the store closed and opened again. */
  open: (times?: Partial<StoreTimes>) => Promise<StateStore>
}

export function embeddedStage (t: Teardown): Stage {
  const path = makeFolder(t)
  let last: StateStore | null = null
  t.teardown(async () => { await last?.close() })
  return {
    name: 'embedded',
    open: async (times) => {
      await last?.close()
      last = await openEmbeddedStore(path, times)
      return last
    }
  }
}
