import {
  DEMO_KEYS,
  SCOPES,
  SCOPES_BY_ROLE,
  sha256Hex,
  type Account,
  type CallerEntry,
  type Callers,
  type PartnerKey,
  type Scope,
  type TokenSettings
} from './callers.ts'
import { NAME, parseAccounts } from './accounts.ts'
import { isLoopback, list, once, record, string, type Fault, type Form } from './checks.ts'
import { lineOfFault } from './json-fault.ts'
import { repeatedMember } from '../limits/repeated-member.ts'

export const NO_CALLERS: Callers = { entries: [] }

const DEMO_HASHES = new Set(Object.values(DEMO_KEYS).map(sha256Hex))
/** The form of the placeholders for hashes in deploy/callers/callers.example.json: all zeros, or all ones. */
const PLACEHOLDER = /^(?:0+|1+)$/

/** `printf "$KEY" | sha256sum` and `echo "$KEY" | sha256sum` give these hashes where the variable is not set. */
const HASHES_OF_NOTHING = ['', '\n'].map(sha256Hex)
/** A path of members that a fault may show. In a path of another form, a secret may stand in the place of a name. */
const MEMBER = /^[\w.-]{1,200}$/

const SHA256: Form = { pattern: /^[0-9a-f]{64}$/, words: 'a SHA-256 in 64 lower-case hexadecimal digits' }
export const TIME: Form = {
  pattern: /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/,
  words: 'null, a date such as 2027-01-31 (00:00 in UTC), or a time with its zone such as 2027-01-31T12:00:00Z'
}
const TEXT: Form = { pattern: /^\S.{0,499}$/, words: 'a text of 1 to 500 characters' }
const KEYS_ADDRESS: Form = {
  pattern: /^http/,
  words: 'an https address without credentials and fragment (http for this machine alone)'
}

/**
 * Gives the callers in the text of a callers file, and its faults. With faults, `callers` may be incomplete.
 * `readSecret` gives the content of an `apiKeyFile`. If it throws, the file counts as a fault.
 */
export function parseCallers (
  text: string,
  readSecret: (path: string) => string
): { callers: Callers; faults: string[] } {
  const faults: string[] = []
  const fault: Fault = (where, what) => {
    faults.push(`${where}: ${what}`)
  }
  if (text.includes('\0')) {
    return { callers: NO_CALLERS, faults: ['CALLERS_FILE: is not UTF-8 text (UTF-16?); save it as UTF-8'] }
  }
  const json = withoutByteOrderMark(text)
  let file: unknown
  try {
    file = JSON.parse(json)
  } catch {
    // The message of the parser is not used: it may quote a secret, and not every message names a place.
    return { callers: NO_CALLERS, faults: [`CALLERS_FILE: is not JSON, see line ${lineOfFault(json)}`] }
  }
  // JSON.parse keeps the last of two members with one name, but a person may read the first.
  const repeated = repeatedMember(json)
  if (repeated !== null) fault('CALLERS_FILE', `has ${MEMBER.test(repeated) ? repeated : 'a member'} twice`)
  const root = record(file, ['accounts', 'callers', 'jwt'], 'CALLERS_FILE', fault)
  const { accounts, webhookSecrets } = parseAccounts(root['accounts'], readSecret, fault)
  const tokens = root['jwt'] === undefined ? undefined : parseTokenSettings(root['jwt'], accounts, fault)
  const given =
    root['callers'] === undefined && tokens !== undefined ? [] : list(root['callers'], 'CALLERS_FILE callers', fault)
  if (given.length === 0 && tokens === undefined) fault('CALLERS_FILE callers', 'must hold a caller')
  const entries = parseEntries(given, accounts, fault)
  return { callers: { entries, webhookSecrets, ...(tokens !== undefined && { tokens }) }, faults }
}

export function withoutByteOrderMark (text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function parseTokenSettings (value: unknown, accounts: ReadonlyMap<string, Account>, fault: Fault): TokenSettings {
  const where = 'CALLERS_FILE jwt'
  const jwt = record(value, ['issuer', 'audience', 'jwksUri', 'accountClaim', 'scopeClaim'], where, fault)
  const text = (name: string): string => string(jwt[name], TEXT, `${where}.${name}`, fault)
  return {
    issuer: text('issuer'),
    audience: text('audience'),
    jwksUri: string(isKeysAddress(jwt['jwksUri']) ? jwt['jwksUri'] : null, KEYS_ADDRESS, `${where}.jwksUri`, fault),
    accountClaim: text('accountClaim'),
    scopeClaim: text('scopeClaim'),
    accounts: accountsByClaim([...accounts.values()])
  }
}

/** Keys that come over plain http can be replaced on the way, so http is allowed only for this machine. */
function isKeysAddress (value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash } = new URL(value)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
  return isSafe && username === '' && password === '' && hash === ''
}

function accountsByClaim (accounts: readonly Account[]): ReadonlyMap<string, Account> {
  const ids = accounts.map(({ accountId }) => accountId)
  const ofOneId = accounts.filter(({ accountId }) => ids.indexOf(accountId) === ids.lastIndexOf(accountId))
  return new Map([
    ...ofOneId.map(account => [account.accountId, account] as const),
    ...accounts.map(account => [account.name, account] as const)
  ])
}

function parseEntries (
  values: readonly unknown[],
  accounts: ReadonlyMap<string, Account>,
  fault: Fault
): CallerEntry[] {
  const entries: CallerEntry[] = []
  const ids = new Set<string>()
  const hashes = new Set<string>()
  for (const [index, value] of values.entries()) {
    const where = `CALLERS_FILE callers[${index}]`
    const caller = record(value, ['id', 'account', 'scopes', 'keys'], where, fault)
    const id = string(caller['id'], NAME, `${where}.id`, fault)
    once(id, ids, `${where}.id`, fault)
    const account = typeof caller['account'] === 'string' ? accounts.get(caller['account']) : undefined
    if (account === undefined) fault(`${where}.account`, 'names no account of this file')
    const scopes = parseScopes(caller['scopes'], account, `${where}.scopes`, fault)
    const keys = parseKeys(caller['keys'], hashes, `${where}.keys`, fault)
    if (account !== undefined) entries.push({ id, account, scopes, keys })
  }
  return entries
}

function parseScopes (value: unknown, account: Account | undefined, where: string, fault: Fault): Scope[] {
  const scopes: Scope[] = []
  const given = list(value, where, fault)
  if (given.length === 0) fault(where, 'must hold a scope')
  for (const scope of given) {
    const known = SCOPES.find(name => name === scope)
    if (known === undefined) fault(where, `holds an unknown scope; known are ${SCOPES.join(', ')}`)
    else if (account !== undefined && !SCOPES_BY_ROLE[account.role].includes(known)) {
      fault(where, `${known} is not for the role ${account.role}`)
    } else scopes.push(known)
  }
  return scopes
}

/**
 * A caller may have no keys, because its last key may have been revoked. Adds the hash of each key to `hashes`, and
 * reports a hash that is in there already.
 */
function parseKeys (value: unknown, hashes: Set<string>, where: string, fault: Fault): PartnerKey[] {
  const ids = new Set<string>()
  return list(value, where, fault).map((one, index) => {
    const at = `${where}[${index}]`
    const key = record(one, ['id', 'sha256', 'expiresAt'], at, fault)
    const id = string(key['id'], NAME, `${at}.id`, fault)
    once(id, ids, `${at}.id`, fault)
    const sha256 = string(key['sha256'], SHA256, `${at}.sha256`, fault)
    if (DEMO_HASHES.has(sha256)) fault(`${at}.sha256`, 'is a demo key of the sandbox, which everybody knows')
    if (PLACEHOLDER.test(sha256)) {
      fault(`${at}.sha256`, 'is the placeholder of the example file; npm run keys makes a key')
    }
    if (HASHES_OF_NOTHING.includes(sha256)) {
      fault(`${at}.sha256`, 'is the hash of an empty text; npm run keys makes a key')
    }
    once(sha256, hashes, `${at}.sha256`, fault)
    return { id, sha256, expiresAt: parseExpiry(key['expiresAt'] ?? null, `${at}.expiresAt`, fault) }
  })
}

function parseExpiry (value: unknown, where: string, fault: Fault): Date | null {
  if (value === null) return null
  const text = string(value, TIME, where, fault)
  const time = text === '' ? null : timeOf(text)
  if (text !== '' && time === null) fault(where, 'is a time that does not exist')
  return time
}

/**
 * Gives the time of a text that matches TIME. A date means 00:00 in UTC. Null for a day or time that does not exist:
 * `new Date` alone would read 30 February as 2 March.
 */
export function timeOf (text: string): Date | null {
  const [date = '', clock] = text.split('T')
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date) || clock?.startsWith('24') === true) {
    return null
  }
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? null : time
}
