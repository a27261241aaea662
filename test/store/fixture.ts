import { openEmbeddedStore } from '../../src/store/embedded-store.ts'
import { openRedisStore } from '../../src/store/redis-store.ts'
import type { Begun, Claim, StateStore, StoreLog, StoreTimes } from '../../src/store/store.ts'
import { makeFolder, type Teardown } from '../helper.ts'
import type { RedisServer } from './redis.ts'

/** One kind of store, as the conformance suite needs it. */
export interface Fixture {
  name: string
  /**
   * Another view of the same data: a second replica where the store allows one, else the store closed and opened again.
   */
  open: (options?: OpenOptions) => Promise<StateStore>
}

/** `now` is the wall clock of the process, where the store asks it at all. */
type OpenOptions = Partial<StoreTimes> & { now?: () => number }

export function embeddedFixture (t: Teardown): Fixture {
  const path = makeFolder(t)
  let last: StateStore | null = null
  t.teardown(async () => { await last?.close() })
  return {
    name: 'embedded',
    open: async (options) => {
      await last?.close()
      last = await openEmbeddedStore(path, options)
      return last
    }
  }
}

export const silent: StoreLog = { info: () => {}, warn: () => {}, error: () => {} }

/** How long a command to a Redis that works may take on a busy machine, in milliseconds. */
export const PATIENT = { commandMs: 10_000 }

/** Every view is a replica of its own. */
export const redisFixture = (server: RedisServer) => async (t: Teardown): Promise<Fixture> => {
  await server.flush()
  return {
    name: 'redis',
    open: async (options) => {
      const store = await openRedisStore(server.url, silent, { ...PATIENT, ...options })
      t.teardown(async () => { await store.close() })
      return store
    }
  }
}

/** The claim, of a key that must be free. */
export function claimed (begun: Begun): Claim {
  if (begun.kind !== 'claimed') throw new Error(`not claimed: ${begun.kind}`)
  return begun.claim
}
