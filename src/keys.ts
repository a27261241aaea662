/** `npm run keys`: makes, lists and revokes partner keys in the callers file. A running service notices the change. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { editFile } from './credentials/edit-file.ts'
import { addKey, describeKeys, expiryOf, removeKey, type KeyWish } from './credentials/edit-keys.ts'

const USAGE = `CALLERS_FILE=<path> npm run -s keys -- <command>

  create --caller <id> [--expires 90d | <date or time>]      makes a key and prints it, this once;
                                                             makes the file when there is none
         [--account <name> --scopes <scope,scope>]           for a caller that the file does not hold yet
         [--role vendor | provider --account-id <VA-… | PA-…> --api-key-file <path of the Connect token>]
                                                             for an account that the file does not hold yet
  list                                                       callers and their keys
  revoke --caller <id> --key <id>                            takes a key out`

const NEW_ACCOUNT = ['role', 'account-id', 'api-key-file'] as const

class UsageError extends Error {}

const { argv, env } = process

try {
  const [command, ...args] = argv.slice(2)
  const run = new Map(Object.entries({ create, list, revoke })).get(command ?? '')
  if (run === undefined) throw new UsageError(command === undefined ? 'which command?' : 'there is no such command')
  const path = env['CALLERS_FILE']
  if (path === undefined || path === '') throw new UsageError('CALLERS_FILE says which file')
  await run(path, args)
} catch (error) {
  const isUsage = error instanceof UsageError
  console.error(`${(error as Error).message}${isUsage ? `\n\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}

async function create (path: string, args: string[]): Promise<void> {
  const given = read(args, ['caller'], ['account', 'scopes', 'expires', ...NEW_ACCOUNT])
  const now = new Date()
  const expiresAt = given['expires'] === undefined ? null : expiryOf(given['expires'], now)
  const wish = {
    caller: given['caller']!, account: given['account'], scopes: given['scopes']?.split(','), expiresAt,
    newAccount: newAccountOf(given)
  }
  const { key, id, isNewFile } = await editFile(path, (text) => {
    const { text: next, ...result } = addKey(text, wish, now)
    return { text: next, result: { ...result, isNewFile: text === null } }
  })
  // Only the key goes to standard output, so that a pipe gets nothing else. The words for people go to standard error.
  console.log(key)
  console.error(
    `Key ${id} of ${wish.caller}, ${expiresAt === null ? 'without an end' : `until ${expiresAt.toISOString()}`}. It ` +
    'is not kept anywhere: pass it on now.'
  )
  if (isNewFile) console.error(`${path} is new. The service reads the Connect token from ${given['api-key-file']}.`)
}

function newAccountOf (given: Record<string, string | undefined>): KeyWish['newAccount'] {
  const [role, accountId, apiKeyFile] = NEW_ACCOUNT.map(name => given[name])
  if (role !== undefined && accountId !== undefined && apiKeyFile !== undefined) return { role, accountId, apiKeyFile }
  if (NEW_ACCOUNT.every(name => given[name] === undefined)) return undefined
  throw new UsageError(`--${NEW_ACCOUNT.join(', --')} are given together`)
}

async function list (path: string, args: string[]): Promise<void> {
  read(args, [], [])
  console.log(describeKeys(await readFile(path, 'utf8')))
}

async function revoke (path: string, args: string[]): Promise<void> {
  const given = read(args, ['caller', 'key'], [])
  const [caller, key] = [given['caller']!, given['key']!]
  await editFile(path, (text) => {
    if (text === null) throw new Error(`there is no file ${path}`)
    return { text: removeKey(text, caller, key), result: null }
  })
  console.error(`Key ${key} of ${caller} is revoked. A running service refuses it within seconds.`)
}

function read (
  args: string[],
  required: readonly string[],
  optional: readonly string[]
): Record<string, string | undefined> {
  const options = Object.fromEntries([...required, ...optional].map(name => [name, { type: 'string' as const }]))
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({ args, options, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  for (const name of required) if (values[name] === undefined) throw new UsageError(`--${name} is needed`)
  return values as Record<string, string | undefined>
}
