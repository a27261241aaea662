import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCOPES_BY_ROLE, sha256Hex } from '../../src/credentials/callers.ts'
import { makeFolder, type Teardown } from '../helper.ts'
import { start, type Started } from '../smoke/processes.ts'

export const VENDOR = 'stop-vendor-key-0123456789'
export const PROVIDER = 'stop-provider-key-0123456789'

export interface Service { server: Started, port: number }

/** As soon as it listens. */
export async function startService (t: Teardown, baseUrl: string, drainTimeoutMs: number): Promise<Service> {
  const server = beginService(t, baseUrl, drainTimeoutMs)
  const [, port = ''] = await server.prints(/listening.*http:\/\/127\.0\.0\.1:(\d+)/)
  return { server, port: Number(port) }
}

/** The service as a process of its own, in front of a Connect, with so long for stopping; `runner` runs its command. */
export function beginService (t: Teardown, baseUrl: string, drainTimeoutMs: number, runner: string[] = []): Started {
  const home = makeFolder(t)
  const keys = { vendor: VENDOR, provider: PROVIDER }
  writeFileSync(
    join(home, 'callers.json'),
    JSON.stringify({
      accounts: {
        vendor: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:vendor' },
        provider: { role: 'provider', accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' }
      },
      callers: (['vendor', 'provider'] as const).map(role => ({
        id: role,
        account: role,
        scopes: SCOPES_BY_ROLE[role],
        keys: [{ id: 'k', sha256: sha256Hex(keys[role]), expiresAt: null }]
      }))
    })
  )
  const env = {
    PORT: '0',
    CALLERS_FILE: join(home, 'callers.json'),
    STORE_URL: `file:${join(home, 'store')}`,
    CONNECT_BASE_URL: baseUrl,
    DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    RATE_LIMIT_PER_MINUTE: '1000000',
    LOG_LEVEL: 'info'
  }
  const [command = '', ...args] = [...runner, 'node', 'build/src/server.js']
  const server = start(command, args, { env })
  t.teardown(() => { server.kill() })
  return server
}
