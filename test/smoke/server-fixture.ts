import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { start, type Started } from './processes.ts'

/**
 * A folder with the programs of the service, bundled as they ship. Tests start them there with nothing but their
 * settings.
 */
export const home = mkdtempSync(join(tmpdir(), 'connect-usage-bff-smoke-'))
t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
copyFileSync('package.json', join(home, 'package.json'))
symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
mkdirSync(join(home, 'dist/src'), { recursive: true })
for (const name of ['server', 'table-worker', 'health-check', 'keys', 'check-config']) {
  copyFileSync(`build/src/${name}.js`, join(home, `dist/src/${name}.js`))
}

export const SECRET = 'ApiKey SU-100-200-300:smoke-secret'
export const PARTNER_KEY = 'smoke-partner-key'

export function callersFile (name: string, key: string, apiKey = SECRET, ...scopes: string[]): string {
  const path = join(home, name)
  writeFileSync(
    path,
    JSON.stringify({
      accounts: { acme: { role: 'vendor', accountId: 'VA-100-200', apiKey } },
      callers: [
        {
          id: 'smoke',
          account: 'acme',
          scopes: ['usage:read', ...scopes],
          keys: [{ id: 'k', sha256: sha256Hex(key), expiresAt: null }]
        }
      ]
    })
  )
  return path
}

export function run (t: Test, command: string, args: string[], env: Record<string, string>): Started {
  const started = start(command, args, { cwd: home, env })
  t.teardown(() => { started.kill() })
  return started
}

export async function beginServer (t: Test, env: Record<string, string>): Promise<{ server: Started }> {
  const settings = {
    PORT: '0',
    STORE_URL: `file:${mkdtempSync(join(home, 'store-'))}`,
    CALLERS_FILE: callersFile('callers.json', PARTNER_KEY),
    ...env
  }
  return { server: run(t, 'node', ['dist/src/server.js'], settings) }
}

export async function serverOf (
  t: Test, env: Record<string, string> = {}
): Promise<{ server: Started, origin: string }> {
  const { server } = await beginServer(t, env)
  const [, origin = ''] = await server.prints(/(http:\/\/127\.0\.0\.1:\d+)/)
  return { server, origin }
}

export async function fetchText (
  url: string,
  agent?: Agent
): Promise<{ status: number | undefined; body: string; headers: IncomingMessage['headers'] }> {
  const request = get(url, { ...(agent !== undefined && { agent }), headers: { 'x-api-key': PARTNER_KEY } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer), headers: answer.headers }
}
