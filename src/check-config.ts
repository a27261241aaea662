/**
 * `npm run check-config`: checks the settings and the callers file without starting the service. With `--connect` it
 * also asks Connect for usage files, once for each account that a caller in the file has, or for every account if the
 * file has `jwt`. Exits 1 for a fault, and when Connect gives no list for an account.
 */
import { parseArgs } from 'node:util'
import { loadConfig, type Config } from './config.ts'
import { ConnectError, createConnectClient, type ConnectClient } from './connect/client.ts'
import type { Account, Callers } from './credentials/callers.ts'
import { readConfigFile } from './credentials/read-file.ts'
import { StartError } from './errors/start-error.ts'
import { VERSION } from './version.ts'

try {
  const { values } = parseArgs({ options: { connect: { type: 'boolean', default: false } } })
  const config = loadConfig(process.env, readConfigFile)
  const { entries, tokens } = config.callers.current()
  const issuer = tokens === undefined ? 'none' : tokens.issuer
  console.log(`The configuration has no fault. Callers: ${entries.length}. Issuer of tokens: ${issuer}.`)
  for (const warning of config.warnings) console.log(`Warning: ${warning}`)
  if (values.connect && !await askConnect(config)) process.exitCode = 1
} catch (error) {
  const isKnown = error instanceof StartError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  console.error(isKnown === true ? (error as Error).message : error)
  process.exitCode = 1
}

/** Prints one line for each account of `accountsOf`. Gives true when Connect gave a list for every one. */
async function askConnect (config: Config): Promise<boolean> {
  const client = createConnectClient({
    baseUrl: config.connectBaseUrl, timeoutMs: config.connectTimeoutMs, storageHosts: config.storageHosts,
    userAgent: `connect-usage-bff/${VERSION}`
  })
  console.log(`Connect at ${config.connectBaseUrl}:`)
  let isFine = true
  for (const account of accountsOf(config.callers.current())) {
    const { name, role, accountId } = account
    const { text, isSeen } = await describeView(client, account)
    isFine &&= isSeen
    console.log(`  ${name} (${role}, ${accountId}): ${text}`)
  }
  await client.close()
  return isFine
}

function accountsOf ({ entries, tokens }: Callers): ReadonlySet<Account> {
  return new Set([...entries.map(({ account }) => account), ...tokens?.accounts.values() ?? []])
}

async function describeView (
  client: ConnectClient, { apiKey }: Account
): Promise<{ text: string, isSeen: boolean }> {
  try {
    const { total } = await client.usageFiles.list({ limit: 1 }, { credential: apiKey, requestId: 'check-config' })
    return { text: `Connect takes the token, which sees ${total} usage file${total === 1 ? '' : 's'}`, isSeen: true }
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error
    return { text: describeFailure(error), isSeen: false }
  }
}

function describeFailure ({ status, message, code }: ConnectError): string {
  if (status === 401) return 'Connect refuses the token (401)'
  if (status === 403) return 'the token may not use the Usage API (403)'
  return `the usage files cannot be listed: ${message}${code === null ? '' : ` (${code})`}`
}
