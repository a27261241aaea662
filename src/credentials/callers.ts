import { hash } from 'node:crypto'

export const SCOPES = [
  'usage:read',
  'usage:write',
  'usage:submit',
  'usage:decide',
  'usage:close',
  'rules:write'
] as const
export type Scope = typeof SCOPES[number]
export type Role = 'vendor' | 'provider'

export const SCOPES_BY_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  vendor: ['usage:read', 'usage:write', 'usage:submit'],
  provider: ['usage:read', 'usage:decide', 'usage:close', 'rules:write']
}

export interface Account {
  name: string
  role: Role
  accountId: string
  /** `ApiKey SU-…:…`: never leaves the Connect client. */
  apiKey: string
}

/** Who sends a request, and what it may do. */
export interface Caller {
  /** Stable, and of this caller alone: fit for log lines and for whatever is kept by caller. */
  id: string
  account: Account
  scopes: readonly Scope[]
}

export interface PartnerKey { id: string, sha256: string, expiresAt: Date | null }

export interface CallerEntry extends Caller { keys: readonly PartnerKey[] }

/** Whose tokens let callers in, and which claims say who they are. */
export interface TokenSettings {
  issuer: string
  audience: string
  jwksUri: string
  accountClaim: string
  scopeClaim: string
  /**
   * By what the account claim may say: the account's name in the file, or Connect's id of it where that is one
   * account's alone.
   */
  accounts: ReadonlyMap<string, Account>
}

export interface Callers {
  entries: readonly CallerEntry[]
  /** Absent where no tokens are taken. */
  tokens?: TokenSettings
}

/** The partner keys of the sandbox. They are public, so a callers file that holds them is refused. */
export const DEMO_KEYS: Readonly<Record<Role, string>> = { vendor: 'sandbox-vendor', provider: 'sandbox-provider' }

export function sha256Hex (text: string): string {
  return hash('sha256', text, 'hex')
}
