import type { Account } from './callers.ts'
import { record, string, unreadable, type Fault, type Form } from './checks.ts'

export const NAME: Form = { pattern: /^[\w.-]{1,64}$/, words: '1 to 64 letters, digits, dots, dashes or underscores' }
const ACCOUNT_ID: Form = {
  pattern: /^(?:VA|PA)-[0-9-]+$/,
  words: 'an account id of Connect, such as VA-100-200 or PA-400-500'
}
/** The beginning of Connect's account ids, by role. */
const PREFIXES = { vendor: 'VA-', provider: 'PA-' } as const
const CREDENTIAL: Form = {
  pattern: /^(?:ApiKey )?SU-\d{3}-\d{3}-\d{3}:[\x21-\x7e]+$/,
  words: 'a Connect token: SU-, three groups of three digits, a colon and the secret'
}
/** The form of a webhook's secret. Connect takes at most 100 characters; HS256 needs 32 or more (RFC 7518, 3.2). */
const WEBHOOK_SECRET: Form = { pattern: /^[\x21-\x7e]{32,100}$/, words: '32 to 100 visible ASCII characters' }
const PATH: Form = { pattern: /^[^\0]{1,4096}$/, words: 'the path of a file' }

/**
 * The key of both maps is the name of the account. An `Account` does not hold the webhook secret, because only the
 * check of webhooks needs it.
 */
export interface ParsedAccounts { accounts: Map<string, Account>, webhookSecrets: Map<string, string> }

/**
 * Calls `fault` for each fault. `readSecret` gives the content of an `apiKeyFile`. If it throws, the file counts as a
 * fault. With faults, the result may be incomplete.
 */
export function parseAccounts (
  value: unknown, readSecret: (path: string) => string, fault: Fault
): ParsedAccounts {
  const accounts = new Map<string, Account>()
  const webhookSecrets = new Map<string, string>()
  for (const [index, [name, one]] of Object.entries(record(value, null, 'CALLERS_FILE accounts', fault)).entries()) {
    // A text that is not a valid name may be a secret, so the fault gives the position of the account instead.
    if (!NAME.pattern.test(name)) {
      fault('CALLERS_FILE accounts', `the name of account ${index + 1} must be ${NAME.words}`)
    } else {
      const account = parseAccount(name, one, readSecret, fault)
      if (account !== null) accounts.set(name, account)
      const { webhookSecret } = (one ?? {}) as { webhookSecret?: unknown }
      const where = `CALLERS_FILE accounts.${name}.webhookSecret`
      if (webhookSecret !== undefined) webhookSecrets.set(name, string(webhookSecret, WEBHOOK_SECRET, where, fault))
    }
  }
  faultSharedTokens([...accounts.values()], fault)
  return { accounts, webhookSecrets }
}

/**
 * Reports each account whose token an account with another id has, too. A call with that token would act for the wrong
 * one of the two accounts.
 */
function faultSharedTokens (accounts: readonly Account[], fault: Fault): void {
  for (const { name, accountId, apiKey } of accounts) {
    if (!CREDENTIAL.pattern.test(apiKey)) continue
    const other = accounts.find(one => one.apiKey === apiKey && one.accountId !== accountId)
    if (other !== undefined) fault(`CALLERS_FILE accounts.${name}`, `has the token of ${other.accountId}, too`)
  }
}

function parseAccount (
  name: string,
  value: unknown,
  readSecret: (path: string) => string,
  fault: Fault
): Account | null {
  const where = `CALLERS_FILE accounts.${name}`
  const account = record(value, ['role', 'accountId', 'apiKey', 'apiKeyFile', 'webhookSecret'], where, fault)
  const role = account['role']
  const accountId = string(account['accountId'], ACCOUNT_ID, `${where}.accountId`, fault)
  if (role !== 'vendor' && role !== 'provider') {
    fault(`${where}.role`, 'must be vendor or provider')
    return null
  }
  if (accountId !== '' && !accountId.startsWith(PREFIXES[role])) {
    fault(`${where}.accountId`, `must begin with ${PREFIXES[role]} for the role ${role}`)
  }
  if ((account['apiKey'] === undefined) === (account['apiKeyFile'] === undefined)) {
    fault(where, 'needs one of apiKey and apiKeyFile')
    return null
  }
  let secret = account['apiKey']
  if (account['apiKeyFile'] !== undefined) {
    const path = string(account['apiKeyFile'], PATH, `${where}.apiKeyFile`, fault)
    if (path === '') return null
    try {
      secret = readSecret(path).trim()
    } catch (error) {
      fault(`${where}.apiKeyFile`, unreadable(path, error))
      return null
    }
  }
  const from = account['apiKeyFile'] === undefined ? 'apiKey' : 'apiKeyFile (its content)'
  const apiKey = string(secret, CREDENTIAL, `${where}.${from}`, fault)
  return { name, role, accountId, apiKey: apiKey.startsWith('ApiKey ') ? apiKey : `ApiKey ${apiKey}` }
}
