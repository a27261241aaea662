import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { buildApp, type Overrides } from '../src/app.ts'
import { SCOPES_BY_ROLE, sha256Hex, type Callers, type Role, type Scope } from '../src/credentials/callers.ts'
import type { CallersSource } from '../src/credentials/callers-source.ts'
import { loadConfig } from '../src/config.ts'
import { PROVIDER_KEY, VENDOR_KEY, WEBHOOK_SECRET } from './credentials.ts'
import { endlessLabelIn, leakIn } from './leaks.ts'
import { startSandbox, type StartedSandbox } from '../sandbox/test/helper.ts'
import type { SandboxOptions } from '../sandbox/src/options.ts'

export interface Teardown { teardown: (work: () => unknown) => unknown }

export { PROVIDER_KEY, VENDOR_KEY }
export const asVendor = { 'x-api-key': VENDOR_KEY }
export const asProvider = { 'x-api-key': PROVIDER_KEY }

const CREDENTIALS: Readonly<Record<Role, { accountId: string, apiKey: string }>> = {
  vendor: { accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:vendor' },
  provider: { accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' }
}

/** One caller a role, with the scopes given or all of the role. */
export function testCallers (scopes: readonly Scope[] | null = null): Callers {
  const entry = (role: Role, key: string): Callers['entries'][number] => ({
    id: `test-${role}`,
    account: { name: role, role, ...CREDENTIALS[role] },
    scopes: scopes ?? SCOPES_BY_ROLE[role],
    keys: [{ id: 'k1', sha256: sha256Hex(key), expiresAt: null }]
  })
  return {
    entries: [entry('vendor', VENDOR_KEY), entry('provider', PROVIDER_KEY)],
    webhookSecrets: new Map([['vendor', WEBHOOK_SECRET], ['provider', WEBHOOK_SECRET]])
  }
}

/** A further caller of a role, with the key `<id>-key`. */
export function callerCalled (id: string, role: Role): Callers['entries'][number] {
  return {
    id,
    account: { name: role, role, ...CREDENTIALS[role] },
    scopes: SCOPES_BY_ROLE[role],
    keys: [{ id: 'k1', sha256: sha256Hex(`${id}-key`), expiresAt: null }]
  }
}

export interface StartedApp {
  app: FastifyInstance
  /** `http://127.0.0.1:<port>` */
  origin: string
  port: number
  /** Log lines as objects, in order. */
  logs: Record<string, unknown>[]
}

export interface AppOptions extends Overrides {
  env?: Record<string, string>
  callers?: Callers
  /** In place of `callers`, for callers that change. */
  source?: CallersSource
}

/** Known now: some tests put another folder in its place, and look what the service leaves there. */
const temporary = tmpdir()

/** A folder of the test's own, gone after it. */
export function makeFolder (t: Teardown): string {
  const folder = mkdtempSync(join(temporary, 'connect-usage-bff-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/**
 * The app, not listening: for `inject`. Nothing upstream unless the environment says where.
 *
 * Fails the test when a secret stood in a log line or in the metrics, or an id in the latter, whatever the test is
 * about.
 */
export async function makeApp (
  t: Teardown,
  options: AppOptions = {}
): Promise<{ app: FastifyInstance; logs: Record<string, unknown>[] }> {
  const { env = {}, callers = testCallers(), source, logStream, ...overrides } = options
  const leaks: string[] = []
  const logs: Record<string, unknown>[] = []
  const config = loadConfig(
    {
      CONNECT_BASE_URL: 'http://127.0.0.1:9/public/v1',
      CONNECT_TIMEOUT_MS: '5000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'info',
      STORE_URL: `file:${makeFolder(t)}`,
      ...env
    },
    () => {
      throw new Error('no files in tests')
    },
    callers
  )
  const write = (line: string): void => {
    const leak = leakIn(line)
    if (leak !== null) leaks.push(leak)
    if (logStream === undefined) logs.push(JSON.parse(line) as Record<string, unknown>)
    else logStream.write(line)
  }
  // A busy machine is no fault of what is tested: only the test of overload samples the load.
  const settings = source === undefined ? config : { ...config, callers: source }
  const app = await buildApp(settings, { loadSampleMs: 3_600_000, ...overrides, logStream: { write } })
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
    const metrics = await app.metrics.text()
    const found = [...leaks, leakIn(metrics), endlessLabelIn(metrics)].filter(leak => leak !== null)
    if (found.length > 0) throw new Error(`told what nobody may know: ${found.join('; ')}`)
  })
  return { app, logs }
}

/** The app on a free port, in front of whatever `env.CONNECT_BASE_URL` names. */
export async function startApp (t: Teardown, options: AppOptions = {}): Promise<StartedApp> {
  const { app, logs } = await makeApp(t, options)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, origin, port: (app.server.address() as AddressInfo).port, logs }
}

/** The app in front of a sandbox of its own. */
export async function startBoth (
  t: Teardown,
  sandboxOptions: Partial<SandboxOptions> = {},
  options: AppOptions = {}
): Promise<StartedApp & { sandbox: StartedSandbox }> {
  const sandbox = await startSandbox(t, sandboxOptions)
  const started = await startApp(t, {
    ...options,
    env: { CONNECT_BASE_URL: sandbox.baseUrl, STORAGE_HOSTS: sandbox.origin, ...options.env }
  })
  return { ...started, sandbox }
}

/** A scripted upstream on a free port. */
export async function startUpstream (
  t: Teardown,
  listener: RequestListener
): Promise<{ server: Server; baseUrl: string }> {
  const server = createServer(listener)
  server.keepAliveTimeout = 10
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/public/v1` }
}

/** Polls until a condition holds; fails after the deadline. */
export async function until (
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 10_000
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still waiting for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** Gives the text of an answer; of a stream of events, which does not end, the first part. */
export async function textOf (response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return await response.text()
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return Buffer.from(value ?? []).toString()
}
