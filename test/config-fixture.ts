import { sha256Hex } from '../src/credentials/callers.ts'
import { ConfigError, loadConfig } from '../src/config.ts'

export const CANARY = 'CANARY-0d1f'
export const callersFile = (change: (file: ReturnType<typeof plain>) => unknown = () => undefined): string => {
  const file = plain()
  change(file)
  return JSON.stringify(file)
}
export const plain = () => ({
  accounts: {
    acme: { role: 'provider', accountId: 'PA-400-500', apiKey: `ApiKey SU-400-500-600:${CANARY}` } as Record<
      string,
      unknown
    >
  } as Record<string, unknown>,
  callers: [
    {
      id: 'billing',
      account: 'acme',
      scopes: ['usage:read', 'usage:close'],
      keys: [{ id: '2026-11', sha256: sha256Hex('a key'), expiresAt: null as string | null }]
    }
  ]
})

export const load = (env: Record<string, string>, text: string = callersFile()) =>
  loadConfig({ CALLERS_FILE: '/callers.json', ...env }, (path) => {
    if (path === '/callers.json') return text
    if (path === '/secret') return `SU-400-500-600:${CANARY}\n`
    throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' })
  })
export const faultsOf = (work: () => unknown): string[] => {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults]
    throw error
  }
  return []
}
