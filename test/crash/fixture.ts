import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { SCOPES_BY_ROLE, sha256Hex } from '../../src/credentials/callers.ts'
import { makeFolder } from '../helper.ts'
import { sender, type Send } from '../routes/idempotency/fixture.ts'
import { caller, type Call } from '../../sandbox/test/helper.ts'
import { start, type Started } from '../smoke/processes.ts'

export const POINTS = ['before-claim', 'before-send', 'after-answer', 'after-store'] as const
export type CrashPoint = typeof POINTS[number]

export interface Service { process: Started, address: string, vendor: Send, provider: Send }

export interface CrashFixture {
  /** The sandbox's, without a path. */
  origin: string
  connectVendor: Call
  connectProvider: Call
  /** Starts the service; with a point the process ends there. Two on one folder cannot run at once. */
  service: (options?: { crashAt?: string, leaseMs?: number, overMs?: number }) => Promise<Service>
  /** Writes that Connect got to the end since the last look, as `POST /usage/…`. */
  writes: () => Promise<string[]>
  /** How often what was done to each object, by id. */
  effects: () => Promise<Record<string, Record<string, number>>>
}

/** The sandbox Connect and the service, each compiled and a process of its own. */
export async function startFixture (t: Test, storeUrl: string | null = null): Promise<CrashFixture> {
  const home = makeFolder(t)
  const keys = { vendor: 'crash-vendor-key-0123456789', provider: 'crash-provider-key-0123456789' }
  const accounts = {
    vendor: { accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:vendor' },
    provider: { accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' }
  }
  writeFileSync(
    join(home, 'callers.json'),
    JSON.stringify({
      accounts: Object.fromEntries((['vendor', 'provider'] as const).map(role => [role, { role, ...accounts[role] }])),
      callers: (['vendor', 'provider'] as const).map(role => ({
        id: role,
        account: role,
        scopes: SCOPES_BY_ROLE[role],
        keys: [{ id: 'k', sha256: sha256Hex(keys[role]), expiresAt: null }]
      }))
    })
  )
  const run = (args: string[], env: Record<string, string>): Started => {
    const started = start('node', args, { env })
    t.teardown(() => { started.kill() })
    return started
  }
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const sandbox = run([resolve('build/sandbox/src/main.js')], {
    SANDBOX_PORT: String(port),
    SANDBOX_SEED: 'small',
    SANDBOX_PROCESSING_MS: '0',
    SANDBOX_CONTROL: '1'
  })
  await sandbox.prints(/\n/)
  const as = (token: string): Call => caller({ baseUrl: `${origin}/public/v1` } as Parameters<typeof caller>[0], token)

  return {
    origin,
    connectVendor: as(accounts.vendor.apiKey),
    connectProvider: as(accounts.provider.apiKey),
    service: async ({ crashAt, leaseMs, overMs } = {}) => {
      const process = run([resolve('build/test/crash-server.js')], {
        PORT: '0',
        CALLERS_FILE: join(home, 'callers.json'),
        CONNECT_BASE_URL: `${origin}/public/v1`,
        STORAGE_HOSTS: origin,
        RATE_LIMIT_PER_MINUTE: '1000000',
        STORE_URL: storeUrl ?? `file:${join(home, 'store')}`,
        ...(crashAt !== undefined && { CRASH_AT: crashAt }),
        ...(leaseMs !== undefined && { LEASE_MS: String(leaseMs) }),
        ...(overMs !== undefined && { OVER_MS: String(overMs) })
      })
      const [, address = ''] = await process.prints(/(http:\/\/127\.0\.0\.1:\d+)/)
      return { process, address, vendor: sender(address, keys.vendor), provider: sender(address, keys.provider) }
    },
    effects: async () =>
      (
        (await (await fetch(`${origin}/__control/summary`)).json()) as {
          effects: Record<string, Record<string, number>>
        }
      ).effects,
    writes: async () => {
      const entries = (await (await fetch(`${origin}/__control/ledger`)).json()) as {
        method: string
        path: string
        complete: boolean
      }[]
      await fetch(`${origin}/__control/ledger`, { method: 'DELETE' })
      return entries
        .filter(({ method, complete }) => method !== 'GET' && complete)
        .map(({ method, path }) => `${method} ${path.replace('/public/v1', '')}`)
    }
  }
}

/** Resolves when the process has been killed by its own hand. */
export async function killed (service: Service): Promise<void> {
  const { child } = service.process
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  if (child.signalCode !== 'SIGKILL') throw new Error(`it ended by itself:\n${service.process.output()}`)
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
