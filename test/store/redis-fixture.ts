import { Redis } from 'ioredis'
import { type Test } from 'tap'
import { openRedisStore } from '../../src/store/redis-store.ts'
import type { StateStore, StoreLog } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { PATIENT, silent } from './fixture.ts'

/** How long a caller may wait for its 503. The store gives up after 250 ms; a busy machine may need 20 times that. */
export const SOON_MS = 5_000

/** A store over Redis. `commandMs` is how long a command waits: as long as in production only for a frozen Redis. */
export async function replica (
  t: Test, url: string, log: StoreLog = silent, { commandMs }: { commandMs?: number } = PATIENT
): Promise<StateStore> {
  const store = await openRedisStore(url, log, { leaseMs: 2_000, commandMs })
  t.teardown(async () => { await store.close() })
  return store
}

/** Rejects as unavailable, and soon. */
export async function refused (t: Test, work: unknown, what: string): Promise<void> {
  const from = performance.now()
  await t.rejects(Promise.resolve(work), { name: 'StoreUnavailableError' }, what)
  t.ok(performance.now() - from < SOON_MS, `${what}: soon`)
}

/** Begins when Redis answers again. A busy machine may need longer for a call than the store waits. */
export async function beginAgain (
  store: StateStore, key: string, fingerprint: string
): ReturnType<StateStore['begin']> {
  let begun: Awaited<ReturnType<StateStore['begin']>> | undefined
  await until(async () => {
    begun = await store.begin(key, fingerprint).catch(() => undefined)
    return begun?.kind === 'claimed'
  }, `${key} to be free`, 5_000)
  return begun!
}

export function adminOf (t: Test, url: string): Redis {
  const admin = new Redis(url)
  t.teardown(() => { admin.disconnect() })
  return admin
}

export function recorder (): { log: StoreLog, lines: string[] } {
  const lines: string[] = []
  const note = (facts: object, message: string): void => { lines.push(`${message} ${JSON.stringify(facts)}`) }
  return { log: { info: note, warn: note, error: note }, lines }
}
