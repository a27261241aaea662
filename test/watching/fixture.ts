import { createConnectClient } from '../../src/connect/client.ts'
import type { Caller } from '../../src/credentials/callers.ts'
import { Watching } from '../../src/watching/watching.ts'
import { testCallers, type Teardown } from '../helper.ts'
import { fileIdOf, startFakeConnect, type FakeConnect } from './fake-connect.ts'

/** Milliseconds between two list calls in these tests. */
export const GAP = 30
const FILE = fileIdOf(1)
/** The limit of a wait that ends earlier, in milliseconds. */
export const LONG = 120_000
export const caller: Caller = testCallers().entries[0]!

export interface WatchingFixture {
  connect: FakeConnect
  watching: Watching
  /** Waits for a usage file; gives its status and whether it came to rest. */
  rest: (id?: string, ms?: number, signal?: AbortSignal) => Promise<[string | null | undefined, boolean]>
}

/** Waits and a fake Connect, without the rest of the service. */
export async function startWatching (
  t: Teardown, objects: Parameters<typeof startFakeConnect>[1]
): Promise<WatchingFixture> {
  const connect = await startFakeConnect(t, objects)
  const client = createConnectClient({
    baseUrl: connect.baseUrl, timeoutMs: 5_000, storageHosts: [], userAgent: 'test'
  })
  const watching = new Watching({ connect: client, gapMs: GAP, observe: () => {}, warn: () => {} })
  t.teardown(async () => {
    watching.end()
    watching.stop()
    await client.close()
  })
  return {
    connect,
    watching,
    rest: async (id = FILE, ms = LONG, signal?) => {
      const deadline = performance.now() + ms
      const { object, isDone } = await watching.untilAtRest('usage-file', id, { caller, deadline, signal })
      return [object.status, isDone]
    }
  }
}
