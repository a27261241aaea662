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

/** The role and the scopes of a caller, which decide what the caller may do. */
export interface Actor { role: Role, scopes: readonly Scope[] }

/** The sender of a request, with its account and its scopes. */
export interface Caller {
  /** The id of the caller, unique and stable. Log lines, rate limits and idempotency keys use it. */
  id: string
  account: Account
  scopes: readonly Scope[]
}

export interface PartnerKey { id: string, sha256: string, expiresAt: Date | null }

export interface CallerEntry extends Caller { keys: readonly PartnerKey[] }

/**
 * The settings for tokens of an identity provider: the issuer, the audience, the address of the issuer's keys, the
 * names of the claims that hold the account and the scopes, and the accounts that a token may name.
 */
export interface TokenSettings {
  issuer: string
  audience: string
  jwksUri: string
  accountClaim: string
  scopeClaim: string
  /**
   * The accounts by the value of the account claim. The value is the name of the account in the file, or its id in
   * Connect if only one account has this id. A name wins over an id.
   */
  accounts: ReadonlyMap<string, Account>
}

export interface Callers {
  entries: readonly CallerEntry[]
  /** The settings for tokens; absent when the service takes no tokens. */
  tokens?: TokenSettings
  /**
   * The secrets with which Connect signs its calls of webhooks, by the name of the account. Empty or absent when no
   * account has one.
   */
  webhookSecrets?: ReadonlyMap<string, string>
}

/** The partner keys of the sandbox, by role. They are public, so a callers file that holds one of them is refused. */
export const DEMO_KEYS: Readonly<Record<Role, string>> = { vendor: 'sandbox-vendor', provider: 'sandbox-provider' }

export function sha256Hex (text: string): string {
  return hash('sha256', text, 'hex')
}
