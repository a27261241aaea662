/**
 * The service, compiled, started as `npm start` does: its flags are read from package.json. Limits that would end a
 * measurement are set high; everything else is as shipped.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { home, startProcess } from '../lib/process.js'

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..')
const GIB = 1024 ** 3
const CALLERS = 200

export const keyOf = (role, n = 0) => `bench-${role}-key-${n}-0123456789abcdef`

/** Gives what `npm start` of a build passes to `node`: flags, if there are any, and the program. */
function startArgs (folder) {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [command, ...args] = scripts.start.split(' ')
  if (command !== 'node') throw new Error(`npm start is not node: ${scripts.start}`)
  return args
}

/**
 * @param {string} upstream origin of the fake Connect
 * @param {{ name?: string, cwd?: string, env?: Record<string, string>, callers?: number }} options
 * for variants
 */
export async function startService (upstream, { name = 'service', cwd = root, env = {}, callers = 1 } = {}) {
  return await startProcess({
    name,
    command: process.execPath,
    args: startArgs(cwd),
    cwd,
    env: {
      NODE_ENV: 'production',
      PORT: '0',
      CALLERS_FILE: callersFile(callers),
      CONNECT_BASE_URL: `${upstream}/public/v1`,
      STORE_URL: `file:${join(home, `store-${Date.now()}-${Math.random()}`)}`,
      RATE_LIMIT_PER_MINUTE: '1000000',
      UPLOAD_MAX_BYTES: String(8 * GIB),
      BULK_MAX_BYTES: String(8 * GIB),
      ...env
    },
    listening: /listening at (http:\/\/127\.0\.0\.1:\d+)/
  })
}

function callersFile (count) {
  const path = join(home, `callers-${count}.json`)
  const callers = {
    vendor: ['usage:read', 'usage:write', 'usage:submit'], provider: ['usage:read', 'usage:decide', 'usage:close']
  }
  writeFileSync(
    path,
    JSON.stringify({
      accounts: {
        vendor: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:bench' },
        provider: { role: 'provider', accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:bench' }
      },
      callers: Object.entries(callers).flatMap(([role, scopes]) =>
        Array.from({ length: Math.min(count, CALLERS) }, (_, n) => ({
          id: `${role}-${n}`,
          account: role,
          scopes,
          keys: [{ id: 'k', sha256: createHash('sha256').update(keyOf(role, n)).digest('hex'), expiresAt: null }]
        }))
      )
    })
  )
  return path
}
