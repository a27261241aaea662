import { sha256Hex, type Callers } from './callers.ts'
import { parseCallers, TIME, timeOf, withoutByteOrderMark } from './callers-file.ts'
import { isLive, newPartnerKey } from './partner-keys.ts'

/** The error of `npm run keys` for a wrong input or a faulty callers file. The message is for the operator. */
export class KeysError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'KeysError'
  }
}

export interface KeyWish {
  caller: string
  /** `account` and `scopes`: required for a new caller, refused for a caller that is in the file. */
  account: string | undefined
  scopes: readonly string[] | undefined
  expiresAt: Date | null
  /** Required when `account` is given and is not in the file; refused otherwise. */
  newAccount: { role: string, accountId: string, apiKeyFile: string } | undefined
}

interface RawKey { id: string, sha256: string, expiresAt: string | null }
interface RawCaller { id: string, account: string, scopes: readonly string[], keys: RawKey[] }
interface RawFile { accounts: Record<string, object>, callers: RawCaller[] }

/**
 * `text` is a number of days from `now` on, such as `90d`, a date (00:00 in UTC), or a time with its zone. Throws
 * KeysError for any other text, and for a time that is not after `now`.
 */
export function expiryOf (text: string, now: Date): Date {
  const days = /^(\d{1,4})d$/.exec(text)?.[1]
  const given = TIME.pattern.test(text) ? timeOf(text) : null
  const time = days !== undefined ? new Date(now.getTime() + Number(days) * 86_400_000) : given
  if (time === null) {
    throw new KeysError(
      '--expires must be a number of days such as 90d, a date such as 2027-01-31, or a time with its zone such as ' +
      '2027-01-31T12:00:00Z'
    )
  }
  if (time <= now) throw new KeysError('--expires lies in the past')
  return time
}

/**
 * Gives the new text of the callers file, the new key and its id. `text` is the old text, or null for a file that does
 * not exist yet. Throws KeysError for a wrong wish, and for faults of the file.
 */
export function addKey (text: string | null, wish: KeyWish, now: Date): { text: string, key: string, id: string } {
  const file = text === null ? { accounts: {}, callers: [] } : open(text)
  let caller = file.callers.find(({ id }) => id === wish.caller)
  if (caller === undefined) {
    if (wish.account === undefined || wish.scopes === undefined) {
      throw new KeysError(`there is no caller ${wish.caller} yet: --account and --scopes create it`)
    }
    addAccount(file, wish.account, wish.newAccount)
    caller = { id: wish.caller, account: wish.account, scopes: wish.scopes, keys: [] }
    file.callers.push(caller)
  } else if (wish.account !== undefined || wish.scopes !== undefined || wish.newAccount !== undefined) {
    throw new KeysError(`the caller ${wish.caller} exists: its account and scopes are changed in the file itself`)
  }
  const key = newPartnerKey()
  const id = freeId(caller.keys, now)
  caller.keys.push({ id, sha256: sha256Hex(key), expiresAt: wish.expiresAt?.toISOString() ?? null })
  return { text: close(file), key, id }
}

function addAccount ({ accounts }: RawFile, name: string, newAccount: KeyWish['newAccount']): void {
  if (Object.hasOwn(accounts, name)) {
    if (newAccount !== undefined) throw new KeysError(`the account ${name} exists: it is changed in the file itself`)
  } else if (newAccount === undefined) {
    throw new KeysError(`there is no account ${name} yet: --role, --account-id and --api-key-file create it`)
  } else {
    accounts[name] = newAccount
  }
}

/**
 * Gives the new text of the callers file. The caller stays in it, also without a key. Throws KeysError for an unknown
 * caller or key, and for faults in the text.
 */
export function removeKey (text: string, callerId: string, keyId: string): string {
  const file = open(text)
  const caller = file.callers.find(({ id }) => id === callerId)
  if (caller === undefined) throw new KeysError(`there is no caller ${callerId}`)
  const index = caller.keys.findIndex(({ id }) => id === keyId)
  if (index < 0) {
    throw new KeysError(
      `the caller ${callerId} has no key ${keyId}; it has ${caller.keys.map(({ id }) => id).join(', ') || 'none'}`
    )
  }
  caller.keys.splice(index, 1)
  return close(file)
}

/** A heading, then a line for each key and each caller without a key. Throws KeysError for faults in the text. */
export function describeKeys (text: string): string {
  const rows = [['CALLER', 'ACCOUNT', 'ROLE', 'SCOPES', 'KEY', 'EXPIRES', 'STATE', 'SHA-256']]
  for (const { id, account, scopes, keys } of check(text, 'has faults').entries) {
    const who = [id, account.name, account.role, scopes.join(',')]
    if (keys.length === 0) rows.push([...who, '-', '-', 'no key', '-'])
    for (const key of keys) {
      rows.push([
        ...who,
        key.id,
        key.expiresAt?.toISOString() ?? 'never',
        isLive(key) ? 'live' : 'expired',
        `${key.sha256.slice(0, 8)}…`
      ])
    }
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
}

/** The result has all members of the text, also those that this module does not use, such as `jwt`. */
function open (text: string): RawFile {
  let file: Partial<RawFile>
  try {
    file = JSON.parse(withoutByteOrderMark(text)) as Partial<RawFile>
  } catch {
    throw new KeysError('the callers file is not JSON')
  }
  // A file without callers may be a fault for the service, but can get its first caller here. Of a file with callers,
  // faults are reported now, because `close` would report them as faults of the edit.
  const isEmpty =
    typeof file === 'object' &&
    file !== null &&
    (file.callers === undefined || (Array.isArray(file.callers) && file.callers.length === 0))
  if (!isEmpty) check(text, 'has faults')
  return { ...file, accounts: file.accounts ?? {}, callers: file.callers ?? [] }
}

/** Throws KeysError if the new text has faults: a running service would refuse it and keep the old keys. */
function close (file: RawFile): string {
  const text = `${JSON.stringify(file, null, 2)}\n`
  check(text, 'would have faults, so it was not written')
  return text
}

/**
 * Throws KeysError if the text of a callers file has faults. Does not read the token files, because perhaps only the
 * service may read them: each file counts as one with a valid token.
 */
function check (text: string, complaint: string): Callers {
  const { callers, faults } = parseCallers(text, path => `SU-000-000-000:${sha256Hex(path)}`)
  if (faults.length > 0) {
    throw new KeysError(`the callers file ${complaint}:\n${faults.map(fault => `  - ${fault}`).join('\n')}`)
  }
  return callers
}

/**
 * Gives the id of a new key: the date of `now` in UTC. If the caller has a key with this id, a number follows:
 * `2026-11-30.2`.
 */
function freeId (keys: readonly RawKey[], now: Date): string {
  const day = now.toISOString().slice(0, 10)
  const taken = new Set(keys.map(({ id }) => id))
  let id = day
  for (let count = 2; taken.has(id); count += 1) id = `${day}.${count}`
  return id
}
