import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import type { WriteContext } from '../../src/usage/context.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from '../../src/usage/writes/attempt.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

export const id = 'UF-2026-11-1111-2222'
export const detail = (status: string, more: ConnectFile = {}): ConnectFile => ({ id, status, records: {}, ...more })
export const contextOf = (role: 'vendor' | 'provider', attempt: IdempotentAttempt = ONLY_ATTEMPT): WriteContext => ({
  account: { name: 'a', role, accountId: 'VA-1', apiKey: 'ApiKey x' },
  actor: role === 'vendor' ? VENDOR : PROVIDER,
  attempt,
  noteBefore: object => object,
  credential: 'ApiKey x',
  requestId: 'r'
})
