/**
 * `npm run sandbox`: starts the sandbox Connect as a process of its own, an issuer of tokens, and this service, which
 * calls the sandbox and accepts the demo keys and the issuer's tokens. Prints keys and tokens, then a line per request.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEMO_KEYS, SCOPES_BY_ROLE, sha256Hex, type Account, type Callers, type Role } from './credentials/callers.ts'
import { startDemoIssuer, type DemoIssuer } from './credentials/demo-issuer.ts'
import { readConfigFile } from './credentials/read-file.ts'
import { loadConfig } from './config.ts'
import { StartError } from './errors/start-error.ts'
import { serve } from './serve.ts'

const ACCOUNTS: Readonly<Record<Role, Account>> = {
  vendor: { name: 'vendor', role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:vendor' },
  provider: { name: 'provider', role: 'provider', accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' }
}

/** Pages of any web server on this machine may call the demo, so that a portal under development can be tried. */
const LOOPBACK_ORIGINS = ['http://localhost:*', 'http://127.0.0.1:*']

const { env } = process
const sandboxPort = env['SANDBOX_PORT'] ?? '4010'
// New for each run, as the data of the sandbox: answers of an earlier run are about objects that no longer exist.
const storeFolder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-sandbox-'))
process.once('exit', () => { rmSync(storeFolder, { recursive: true, force: true }) })
const sandboxOrigin = `http://127.0.0.1:${sandboxPort}`

try {
  const issuer = await startDemoIssuer(ACCOUNTS)
  const loaded = loadConfig({
    ...env,
    CONNECT_BASE_URL: `${sandboxOrigin}/public/v1`,
    STORAGE_HOSTS: sandboxOrigin,
    STORE_URL: `file:${storeFolder}`,
    LOG_LEVEL: env['LOG_LEVEL'] ?? 'warn'
  }, readConfigFile, demoCallers(issuer))
  const config = { ...loaded, corsOrigins: [...loaded.corsOrigins, ...LOOPBACK_ORIGINS] }
  const sandbox = spawn(process.execPath, [fileURLToPath(new URL('../../sandbox/dist/main.js', import.meta.url))], {
    env: { ...env, SANDBOX_PORT: sandboxPort, SANDBOX_HOST: '127.0.0.1' }, stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  await firstLine(sandbox)
  const { app, address, stop } = await serve(config).catch((error: unknown) => {
    sandbox.kill()
    throw error
  })
  console.log([
    '',
    `  Console           ${address}/console (sign in with a key from below)`,
    `  Swagger UI        ${address}/docs`,
    `  This service      ${address}/v1`,
    `  Sandbox Connect   ${sandboxOrigin}/public/v1`,
    '',
    `  Vendor            X-API-Key: ${DEMO_KEYS.vendor}`,
    `  Provider          X-API-Key: ${DEMO_KEYS.provider}`,
    '',
    '  Tokens for portals, for 12 hours; pages of localhost may send them:',
    `  Vendor            Authorization: Bearer ${await issuer.token('vendor', SCOPES_BY_ROLE.vendor)}`,
    `  Provider          Authorization: Bearer ${await issuer.token('provider', SCOPES_BY_ROLE.provider)}`,
    `  Issuer            ${issuer.settings.issuer}, keys at ${issuer.settings.jwksUri}`,
    '',
    '  README goes on from here: "From nothing to a closed file". Stop with Ctrl-C.',
    ''
  ].join('\n'))

  printRequests(app.server, line => { console.log(line) })

  let isStopping = false
  const end = async (code: number): Promise<void> => {
    if (isStopping) return
    isStopping = true
    const stopped = await stop()
    issuer.close()
    sandbox.kill()
    process.exit(code === 0 ? stopped : code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { void end(0) })
  sandbox.once('exit', () => {
    if (!isStopping) console.error('The sandbox Connect has ended; stopping.')
    void end(1)
  })
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}

function demoCallers (issuer: DemoIssuer): Callers {
  const roles: Role[] = ['vendor', 'provider']
  return {
    tokens: issuer.settings,
    entries: roles.map(role => ({
      id: `sandbox-${role}`,
      account: ACCOUNTS[role],
      scopes: SCOPES_BY_ROLE[role],
      keys: [{ id: 'demo', sha256: sha256Hex(DEMO_KEYS[role]), expiresAt: null }]
    }))
  }
}

/** Resolves at the first text of the sandbox, which says that it listens. Rejects if the process ends first. */
async function firstLine (child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => { throw new Error('The sandbox Connect did not start.') })
  await Promise.race([once(child.stdout!, 'data'), ended])
  ended.catch(() => {})
  child.stdout!.resume()
}

interface Exchange { request: IncomingMessage, response: ServerResponse, server: Server }

/** Prints a line for each answered request, except of paths that begin with /docs or /console. */
function printRequests (server: Server, print: (line: string) => void): void {
  const codes = new WeakMap<ServerResponse, string>()
  subscribe('http.server.request.start', (message) => {
    const { response, server: of } = message as Exchange
    if (of !== server) return
    const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse
    response.end = (...args: unknown[]) => {
      const text = typeof args[0] === 'string' || Buffer.isBuffer(args[0]) ? String(args[0].slice(0, 4096)) : ''
      const code = /^\{"type":"urn:connect-usage-bff:problem:[^]*?"code":"([A-Z_]+)"/.exec(text)?.[1]
      if (code !== undefined) codes.set(response, code)
      return end(...args)
    }
  })
  subscribe('http.server.response.finish', (message) => {
    const { request, response, server: of } = message as Exchange
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (of !== server || /^\/(?:docs|console)/.test(path)) return
    print(`  ${request.method} ${path} ${response.statusCode} ${codes.get(response) ?? ''}`.trimEnd())
  })
}
