import { createHash } from 'node:crypto'

export const SCOPES = ['usage:read', 'usage:write', 'usage:submit', 'usage:decide', 'usage:close', 'rules:write'] as const
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

export interface PartnerKey { id: string, sha256: string, expiresAt: Date | null }

export interface CallerEntry {
  id: string
  account: Account
  scopes: readonly Scope[]
  keys: readonly PartnerKey[]
}

export interface Callers { entries: readonly CallerEntry[] }

/** The partner keys of the sandbox. They are public, so a callers file that holds them is refused. */
export const DEMO_KEYS: Readonly<Record<Role, string>> = { vendor: 'sandbox-vendor', provider: 'sandbox-provider' }

export function sha256Hex (text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const DEMO_HASHES = new Set(Object.values(DEMO_KEYS).map(sha256Hex))
const CREDENTIAL = /^(?:ApiKey )?SU-\d{3}-\d{3}-\d{3}:[\x21-\x7e]+$/
const ACCOUNT_ID = /^(?:VA|PA)-[0-9-]+$/

/**
 * Reads the text of `CALLERS_FILE` (api.md 6 and 7).
 * Takes the text and a reader for `apiKeyFile`; gives the callers and every fault found, none quoting a secret.
 */
export function parseCallers (text: string, readSecret: (path: string) => string): { callers: Callers, faults: string[] } {
  const faults: string[] = []
  const fault = (where: string, what: string): void => { faults.push(`${where}: ${what}`) }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    return { callers: { entries: [] }, faults: ['CALLERS_FILE: is not JSON'] }
  }
  const root = record(file, ['accounts', 'callers', 'jwt'], 'CALLERS_FILE', fault)
  // Tokens of an identity provider are not verified yet: accepting the settings would promise what does not happen.
  if (root['jwt'] !== undefined) fault('CALLERS_FILE jwt', 'is not supported by this version')
  const accounts = new Map<string, Account>()
  for (const [name, value] of Object.entries(record(root['accounts'], null, 'CALLERS_FILE accounts', fault))) {
    const account = parseAccount(name, value, readSecret, fault)
    if (account !== null) accounts.set(name, account)
  }
  const entries: CallerEntry[] = []
  const ids = new Set<string>()
  const hashes = new Set<string>()
  for (const [index, value] of list(root['callers'], 'CALLERS_FILE callers', fault).entries()) {
    const where = `CALLERS_FILE callers[${index}]`
    const caller = record(value, ['id', 'account', 'scopes', 'keys'], where, fault)
    const id = string(caller['id'], /^[\w.-]{1,64}$/, `${where}.id`, fault)
    if (ids.has(id)) fault(`${where}.id`, 'is used twice')
    ids.add(id)
    const account = accounts.get(String(caller['account']))
    if (account === undefined) fault(`${where}.account`, 'names no account of this file')
    const scopes = parseScopes(caller['scopes'], account, `${where}.scopes`, fault)
    const keys = list(caller['keys'], `${where}.keys`, fault).map((key, i) => parseKey(key, `${where}.keys[${i}]`, hashes, fault))
    if (account !== undefined) entries.push({ id, account, scopes, keys })
  }
  return { callers: { entries }, faults }
}

type Fault = (where: string, what: string) => void

function parseAccount (name: string, value: unknown, readSecret: (path: string) => string, fault: Fault): Account | null {
  const where = `CALLERS_FILE accounts.${name}`
  const account = record(value, ['role', 'accountId', 'apiKey', 'apiKeyFile'], where, fault)
  const role = account['role']
  const accountId = string(account['accountId'], ACCOUNT_ID, `${where}.accountId`, fault)
  if (role !== 'vendor' && role !== 'provider') {
    fault(`${where}.role`, 'must be vendor or provider')
    return null
  }
  if ((account['apiKey'] === undefined) === (account['apiKeyFile'] === undefined)) {
    fault(where, 'needs one of apiKey and apiKeyFile')
    return null
  }
  let secret = account['apiKey']
  if (account['apiKeyFile'] !== undefined) {
    try {
      secret = readSecret(String(account['apiKeyFile'])).trim()
    } catch {
      fault(`${where}.apiKeyFile`, 'cannot be read')
      return null
    }
  }
  const apiKey = string(secret, CREDENTIAL, `${where}.apiKey`, fault)
  return { name, role, accountId, apiKey: apiKey.startsWith('ApiKey ') ? apiKey : `ApiKey ${apiKey}` }
}

function parseScopes (value: unknown, account: Account | undefined, where: string, fault: Fault): Scope[] {
  const scopes: Scope[] = []
  for (const scope of list(value, where, fault)) {
    const known = SCOPES.find(name => name === scope)
    if (known === undefined) fault(where, `holds an unknown scope; known are ${SCOPES.join(', ')}`)
    else if (account !== undefined && !SCOPES_BY_ROLE[account.role].includes(known)) fault(where, `${known} is not for the role ${account.role}`)
    else scopes.push(known)
  }
  return scopes
}

function parseKey (value: unknown, where: string, hashes: Set<string>, fault: Fault): PartnerKey {
  const key = record(value, ['id', 'sha256', 'expiresAt'], where, fault)
  const id = string(key['id'], /^[\w.-]{1,64}$/, `${where}.id`, fault)
  const sha256 = string(key['sha256'], /^[0-9a-f]{64}$/, `${where}.sha256`, fault)
  if (DEMO_HASHES.has(sha256)) fault(`${where}.sha256`, 'is a demo key of the sandbox, which everybody knows')
  if (hashes.has(sha256)) fault(`${where}.sha256`, 'is used twice')
  hashes.add(sha256)
  const expires = key['expiresAt']
  if (expires === null || expires === undefined) return { id, sha256, expiresAt: null }
  const expiresAt = new Date(String(expires))
  if (typeof expires !== 'string' || Number.isNaN(expiresAt.getTime())) fault(`${where}.expiresAt`, 'must be an ISO 8601 time or null')
  return { id, sha256, expiresAt }
}

function record (value: unknown, known: readonly string[] | null, where: string, fault: Fault): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fault(where, 'must be an object')
    return {}
  }
  for (const name of Object.keys(value)) {
    if (known !== null && !known.includes(name)) fault(where, `has an unknown field; known are ${known.join(', ')}`)
  }
  return value as Record<string, unknown>
}

function list (value: unknown, where: string, fault: Fault): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  fault(where, 'must be a list that is not empty')
  return []
}

function string (value: unknown, pattern: RegExp, where: string, fault: Fault): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  fault(where, `must match ${pattern.source}`)
  return ''
}
