import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { sha256Hex } from '../src/credentials/callers.ts'

const PROGRAM = fileURLToPath(new URL('../src/keys.js', import.meta.url))
export const SECRET = 'SU-400-500-600:CANARY-91'
export const START = {
  accounts: {
    acme: { role: 'provider', accountId: 'PA-400-500', apiKey: SECRET },
    far: { role: 'vendor', accountId: 'VA-100-200', apiKeyFile: '/only/the/service/can/read/this' }
  },
  callers: [
    {
      id: 'billing',
      account: 'acme',
      scopes: ['usage:read'],
      keys: [{ id: 'old', sha256: sha256Hex('old key'), expiresAt: '2020-01-01T00:00:00Z' }]
    }
  ]
}

interface File {
  callers: {
    id: string
    account: string
    scopes: string[]
    keys: { id: string; sha256: string; expiresAt: string | null }[]
  }[]
}
interface Outcome { code: number, out: string, err: string }

export function startFixture (t: Test, file: unknown = START) {
  const home = mkdtempSync(join(tmpdir(), 'keys-'))
  t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
  const path = join(home, 'callers.json')
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file), { mode: 0o640 })
  chmodSync(path, 0o640)
  // As root, the test gives the file to another user: the service often runs as another user than the person who edits
  // the file.
  if (process.getuid?.() === 0) chownSync(path, 1234, 1234)
  const keys = async (...args: string[]): Promise<Outcome> => await new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env: { PATH: process.env['PATH'] ?? '', CALLERS_FILE: path } },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err })
      }
    )
  })
  return {
    home,
    path,
    keys,
    text: () => readFileSync(path, 'utf8'),
    read: () => JSON.parse(readFileSync(path, 'utf8')) as File & Record<string, unknown>
  }
}
