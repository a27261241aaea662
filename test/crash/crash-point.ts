/**
 * Imported before the service, ends its process as kill -9 does, the first time the service comes to the point that
 * CRASH_AT names: `before-claim` (nothing is stored), `before-send` (marked on disk, nothing sent), `after-answer`
 * (Connect has answered, and nothing of it is stored), `after-store` (the answer is stored, and the caller has none).
 * LEASE_MS shortens the leases of a store that others share.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open-store.ts'
import { STORE_TIMES, type StateStore } from '../../src/store/store.ts'

const { CRASH_AT, LEASE_MS, STORE_URL = '' } = process.env
if (LEASE_MS !== undefined) Object.assign(STORE_TIMES, { leaseMs: Number(LEASE_MS) })

const log = { info: () => {}, warn: () => {}, error: () => {} }
const folder = mkdtempSync(join(tmpdir(), 'crash-point-'))
const sample = await openStore(STORE_URL.startsWith('redis') ? STORE_URL : `file:${folder}`, log)
const methods = Object.getPrototypeOf(sample) as { [Name in 'begin' | 'mark' | 'complete']: StateStore[Name] }
await sample.close()
rmSync(folder, { recursive: true })

const die = (): void => { process.kill(process.pid, 'SIGKILL') }

function wrap (name: keyof typeof methods, moment: 'before' | 'after'): void {
  const original = methods[name] as (...args: unknown[]) => Promise<unknown>
  Object.assign(methods, {
    [name]: async function (this: StateStore, ...args: unknown[]): Promise<unknown> {
      if (moment === 'before') die()
      const result = await original.apply(this, args)
      die()
      return result
    }
  })
}

if (CRASH_AT === 'before-claim') wrap('begin', 'before')
if (CRASH_AT === 'before-send') wrap('mark', 'after')
if (CRASH_AT === 'after-answer') wrap('complete', 'before')
if (CRASH_AT === 'after-store') wrap('complete', 'after')
