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
  /** The account's token for Connect, with its scheme: `ApiKey SU-…:…`. It is sent to Connect only. */
  apiKey: string
}

export interface Actor { role: Role, scopes: readonly Scope[] }

export interface Caller {
  /** Unique and stable. What is kept for a caller has this id, such as its rate limit and its idempotency keys. */
  id: string
  account: Account
  scopes: readonly Scope[]
}

export interface PartnerKey { id: string, sha256: string, expiresAt: Date | null }

export interface CallerEntry extends Caller { keys: readonly PartnerKey[] }

/** For tokens of an identity provider. `accountClaim` and `scopeClaim` are the names of claims. */
export interface TokenSettings {
  issuer: string
  audience: string
  jwksUri: string
  accountClaim: string
  scopeClaim: string
  /**
   * By the value of the account claim: the name of an account, or its id if no other account has this id. If the name
   * of one account equals the id of another, the value means the name.
   */
  accounts: ReadonlyMap<string, Account>
}

export interface Callers {
  entries: readonly CallerEntry[]
  /** Absent when the service takes no tokens. */
  tokens?: TokenSettings
  /** The secrets with which Connect signs its calls of webhooks, by the name of the account. */
  webhookSecrets?: ReadonlyMap<string, string>
}

/** The partner keys of the sandbox, by role. They are public: the hash of one in a callers file is a fault. */
export const DEMO_KEYS: Readonly<Record<Role, string>> = { vendor: 'sandbox-vendor', provider: 'sandbox-provider' }

export function sha256Hex (text: string): string {
  return hash('sha256', text, 'hex')
}
