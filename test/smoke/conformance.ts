/**
 * `npm run conformance -- <Connect's OpenAPI documents>`: checks by Connect's own documents of usage and catalogue what
 * this service sends, and what its sandbox answers. Exits with 1 on any difference that deviations.ts does not name,
 * and on any operation of this service that was not used with success.
 */
import { readFileSync } from 'node:fs'
import { createConnectClient } from '../../src/connect/client.ts'
import { documentOf, operationsOf } from '../contract/document.ts'
import { startBoth } from '../helper.ts'
import { BASE_PATH, checkExchange, operationOf, type Finding } from './connect-document/check.ts'
import { ANSWERS_LIKE, DEVIATIONS } from './connect-document/deviations.ts'
import { readDocument } from './connect-document/document.ts'
import { driveCatalogue } from './connect-document/drive-catalogue.ts'
import { driveClient } from './connect-document/drive-client.ts'
import { driveService } from './connect-document/drive-service.ts'
import type { ServiceCall } from './connect-document/service/caller.ts'

const paths = process.argv.slice(2)
if (paths.length === 0) {
  console.error('Usage: npm run conformance -- <paths of Connect\'s OpenAPI documents, YAML or JSON>')
  process.exit(2)
}
const document = paths.flatMap(path => readDocument(readFileSync(path, 'utf8')))
/** Matches the operations of Connect's documents that the sandbox has. */
const WANTED = /\/(usage\b|(products|assets|listings|contracts)(\/\{\w+\})?(\/items)?$|notifications\/webhooks)/

const teardowns: (() => unknown)[] = []
const scope = { teardown: (work: () => unknown) => teardowns.push(work) }
let fromService: ServiceCall[] = []
let fromClient = 0
const both = await startBoth(scope, { ledgerLimit: 100_000 })
const ours = operationsOf(await documentOf(both.app)).filter(({ path }) => path.startsWith('/v1/'))
try {
  fromService = await driveService(both)
  const client = createConnectClient({
    baseUrl: both.sandbox.baseUrl,
    timeoutMs: 10_000,
    storageHosts: [both.sandbox.origin],
    userAgent: 'conformance'
  })
  scope.teardown(async () => { await client.close() })
  fromClient = await driveClient(client)
  if (document.some(({ name }) => name === 'GET /assets')) await driveCatalogue(both.sandbox)
} finally {
  for (const work of teardowns.reverse()) await work()
}

const ledger = both.sandbox.ledger.entries
const calls = ledger.filter(entry => entry.path.startsWith(`${BASE_PATH}/`))
const links = ledger.filter(entry => !entry.path.startsWith(`${BASE_PATH}/`))
const used = new Map<string, number>()
const faults = new Map<string, number>()
const succeeded = new Set<string>()
const count = (map: Map<string, number>, key: string): void => { map.set(key, (map.get(key) ?? 0) + 1) }

for (const entry of calls) {
  const operation = operationOf(document, entry)
  if (operation !== null && entry.status !== null && entry.status < 300) {
    succeeded.add(operation.name)
    const like = ANSWERS_LIKE[operation.name]
    if (like !== undefined) count(used, `${like.item}: ${like.reason}`)
  }
  for (const finding of checkExchange(document, entry, ANSWERS_LIKE)) {
    const known = DEVIATIONS.find(deviation => deviation.covers(finding))
    if (known === undefined) count(faults, lineOf(finding))
    else count(used, `${known.item}: ${known.reason}`)
  }
}
for (const entry of links) {
  if (entry.headers['authorization'] !== undefined) {
    count(faults, `a signed link was followed with a credential: ${entry.path}`)
  }
}
for (const { method, path } of ours) {
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
  const isUsed = fromService.some(call => call.method === method && pattern.test(call.path) && call.status < 300)
  if (!isUsed) count(faults, `this check never used an operation of the service to success: ${method} ${path}`)
}
const wanted = document.filter(({ name }) => WANTED.test(name))
const missed = wanted.filter(({ name }) => !succeeded.has(name)).map(({ name }) => name)

console.log(
  `${calls.length} exchanges with Connect (${fromService.length} calls of this service, ${fromClient} of its ` +
  `client), ${links.length} links followed`
)
console.log(`${succeeded.size} operations succeeded; the documents have ${wanted.length} of usage and catalogue`)
console.log('\nKnown deviations, and how often each was seen:')
for (const [text, times] of [...used].sort()) console.log(`  ${String(times).padStart(5)}  ${text}`)
if (missed.length > 0) {
  console.log(`\nIn the document, and never used to success:\n${missed.map(name => `         ${name}`).join('\n')}`)
}
if (faults.size > 0) {
  console.log(`\nFAULTS\n${[...faults].map(([text, times]) => `  ${String(times).padStart(5)}  ${text}`).join('\n')}`)
}
console.log(`\n${faults.size === 0 ? 'conforms' : `does not conform: ${faults.size} kinds of faults`}`)
process.exitCode = faults.size === 0 && succeeded.size > 0 ? 0 : 1

function lineOf ({ operation, place, field, message }: Finding): string {
  return `${operation}: ${place}${field === '' ? '' : ` ${field}`}: ` +
    `${message.replace(/\/\d+(?=\/|\s)/g, '/*').replace(/: "(UF|UR|UFC|RCF)-.*/, '')}`
}
