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

/**
 * Gives one caller for each role, with the given scopes, or with all scopes of the role for null. Their partner keys
 * are VENDOR_KEY and PROVIDER_KEY.
 */
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

/** Gives a further caller of a role, with all scopes of the role and the partner key `<id>-key`. */
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
  /** The address of the app: `http://127.0.0.1:<port>`. */
  origin: string
  port: number
  /** The log lines so far as objects, in order. Empty when the options have a `logStream`. */
  logs: Record<string, unknown>[]
}

export interface AppOptions extends Overrides {
  env?: Record<string, string>
  callers?: Callers
  /** Gives the callers, which can change; it is used in place of `callers`. */
  source?: CallersSource
}

/**
 * The system's folder for temporary files, as it was when the test began. Some tests set another one later, to see what
 * the service leaves there.
 */
const temporary = tmpdir()

/** Makes a folder for one test, and removes it after the test. Gives the path of the folder. */
export function makeFolder (t: Teardown): string {
  const folder = mkdtempSync(join(temporary, 'connect-usage-bff-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/**
 * Builds the app, which does not listen: for `inject`. Without CONNECT_BASE_URL in `env`, its Connect is a port at
 * which nothing listens.
 *
 * Whatever the test is about, it fails at its end when a log line or the metrics had a secret, or when the metrics had
 * an id.
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
  // The load of the machine is measured only once an hour, because a busy machine is no fault of what is tested. Only
  // the test of overload sets another time.
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

/** Builds the app as `makeApp` does, and lets it listen on a free port. */
export async function startApp (t: Teardown, options: AppOptions = {}): Promise<StartedApp> {
  const { app, logs } = await makeApp(t, options)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, origin, port: (app.server.address() as AddressInfo).port, logs }
}

/** Starts a sandbox, and the app with this sandbox as its Connect. */
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

/** Starts a server on a free port that stands in for Connect: `listener` answers its requests. */
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

/**
 * Waits until a condition holds, which it tries every 5 ms. Throws after `deadlineMs` milliseconds; `what` then says
 * what was waited for.
 */
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

/**
 * Gives the text of an answer. Of a stream of events, which does not end, it gives the first piece, and closes the
 * stream.
 */
export async function textOf (response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return await response.text()
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return Buffer.from(value ?? []).toString()
}
