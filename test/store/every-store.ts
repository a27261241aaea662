import t, { type Test } from 'tap'
import type { Begun, Claim, StateStore } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { claimed, embeddedFixture, redisFixture, type Fixture } from './fixture.ts'
import { noRedis, startRedis } from './redis.ts'

const FIXTURES: [name: string, make: (t: Test) => Fixture | Promise<Fixture>][] = [['embedded', embeddedFixture]]
if (noRedis === null) FIXTURES.push(['redis', redisFixture(await startRedis(t))])
else t.comment(`redis ${noRedis}`)

type StoreTest = (what: string, work: (t: Test, fixture: Fixture) => Promise<void>) => void

/** Adds tests of what every store must do, whatever is behind it: `define` is called once for each kind of store. */
export function testEveryStore (define: (test: StoreTest) => void): void {
  for (const [name, make] of FIXTURES) {
    define((what, work) => { void t.test(`${name}: ${what}`, async (t) => { await work(t, await make(t)) }) })
  }
}

export const claim = async (store: StateStore, key: string, fingerprint: string | null = 'fp'): Promise<Claim> =>
  claimed(await store.begin(key, fingerprint))

/** How long after its end a store may still hold a key, in milliseconds. */
export const TICK_MS = 200

/** Waits until a key is free. `heldAt` is when the last call began that found the key held. */
export async function endOf (store: StateStore, key: string): Promise<{ last: Begun, heldAt: number }> {
  let last: Begun = { kind: 'in-flight' }
  let heldAt = -Infinity
  await until(async () => {
    const from = performance.now()
    last = await store.begin(key, 'other')
    if (last.kind !== 'claimed') heldAt = from
    return last.kind === 'claimed'
  }, `${key} to be free`)
  return { last, heldAt }
}
