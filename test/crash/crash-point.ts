/**
 * Imported before the service, ends its process as kill -9 does when the service comes to the point that CRASH_AT
 * names. A point is a call of the store: `after-mark-2` is the moment after the second call of `mark`. Four points have
 * names: `before-claim` (nothing is stored), `before-send` (marked on disk, nothing sent), `after-answer` (Connect has
 * answered, and nothing of it is stored), `after-store` (the answer is stored, and the caller has none). LEASE_MS
 * shortens the leases of a store that others share, OVER_MS the time after which Connect no longer works on a request.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open-store.ts'
import { STORE_TIMES, type StateStore } from '../../src/store/store.ts'
import { CONNECT_TIMES } from '../../src/usage/writes/attempt.ts'

const { CRASH_AT, LEASE_MS, OVER_MS, STORE_URL = '' } = process.env
if (LEASE_MS !== undefined) Object.assign(STORE_TIMES, { leaseMs: Number(LEASE_MS) })
if (OVER_MS !== undefined) Object.assign(CONNECT_TIMES, { overMs: Number(OVER_MS) })

const log = { info: () => {}, warn: () => {}, error: () => {} }
const folder = mkdtempSync(join(tmpdir(), 'crash-point-'))
const sample = await openStore(STORE_URL.startsWith('redis') ? STORE_URL : `file:${folder}`, log)
const methods = Object.getPrototypeOf(sample) as Pick<StateStore, 'begin' | 'mark' | 'complete' | 'release'>
await sample.close()
rmSync(folder, { recursive: true })

const die = (): void => { process.kill(process.pid, 'SIGKILL') }

function wrap (name: keyof typeof methods, moment: string, nth: number): void {
  const original = methods[name] as (...args: unknown[]) => Promise<unknown>
  let calls = 0
  Object.assign(methods, {
    [name]: async function (this: StateStore, ...args: unknown[]): Promise<unknown> {
      calls += 1
      if (calls === nth && moment === 'before') die()
      const result = await original.apply(this, args)
      if (calls >= nth) die()
      return result
    }
  })
}

const NAMED: Readonly<Record<string, string>> = {
  'before-claim': 'before-begin-1',
  'before-send': 'after-mark-1',
  'after-answer': 'before-complete-1',
  'after-store': 'after-complete-1'
}
const [, moment = '', name, nth] =
  /^(before|after)-(begin|mark|complete|release)-(\d+)$/.exec(NAMED[CRASH_AT ?? ''] ?? CRASH_AT ?? '') ?? []
if (name !== undefined) wrap(name as keyof typeof methods, moment, Number(nth))
