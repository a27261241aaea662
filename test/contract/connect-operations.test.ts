import { readFileSync } from 'node:fs'
import t from 'tap'
import { startUpstream, type Teardown } from '../helper.ts'
import { createConnectClient } from '../../src/connect/client.ts'
import { importsOf, sourceFiles } from './sources.ts'
import { tableRows } from './markdown.ts'

/** The groups of the client; what is neither `count`, a way of listing, nor the storage is one operation of Connect. */
const GROUPS = [
  'usageFiles',
  'usageRecords',
  'usageChunks',
  'reconciliations',
  'aggregates',
  'rules',
  'templates',
  'catalogue'
] as const
/** 38 of the Usage API, and 4 of the catalogue. */
const OPERATIONS = 42

/** Which functions of the client the endpoint of each operationId calls, itself or in what it imports from `src`. */
function callsByOperation (): Map<string, Set<string>> {
  const calls = new Map<string, Set<string>>()
  for (const path of sourceFiles('routes')) {
    const operationId = /operationId: '(\w+)'/.exec(readFileSync(path, 'utf8'))?.[1]
    if (operationId === undefined) continue
    const helpers = importsOf(path).filter(
      ({ to, kind, isTypeOnly }) => kind === 'file' && !isTypeOnly && to.startsWith('src/')
    )
    const texts = [path, ...helpers.map(({ to }) => to)].map(file => readFileSync(file, 'utf8'))
    calls.set(
      operationId,
      new Set(
        texts.flatMap(text =>
          [...text.matchAll(new RegExp(`\\b(?:${GROUPS.join('|')})\\.\\w+`, 'g'))].map(([call]) => call)
        )
      )
    )
  }
  return calls
}

/** What each function of the client sends, by calling it: `POST /usage/files/{id}/submit`. */
async function requestsByFunction (t: Teardown): Promise<Map<string, string>> {
  let seen = ''
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    seen = `${request.method} ${request.url?.replace(/^\/public\/v1/, '').split('?')[0]}`
    response.setHeader('content-type', 'application/json').end('[]')
  })
  const client = createConnectClient({ baseUrl, timeoutMs: 5_000, storageHosts: [], userAgent: 'test' })
  t.teardown(async () => { await client.close() })
  const context = { credential: 'ApiKey SU-1:x', requestId: 'a-request' }
  const requests = new Map<string, string>()
  for (const group of GROUPS) {
    const functions = client[group] as unknown as Record<string, (...parameters: unknown[]) => Promise<unknown>>
    for (const name of Object.keys(functions).filter(name => name !== 'count')) {
      seen = ''
      for (const parameters of [['ID-1', 'ID-2', {}], ['ID-1', {}], ['ID-1', 'ID-2'], ['ID-1'], [{}], [[]]]) {
        const upload = {
          stream: (async function * () {
            yield Buffer.from('x')
          })(),
          length: 1,
          contentType: 'multipart/form-data; boundary=b'
        }
        const given =
          /^(?:upload|reconcile)$|^create$/.test(name) &&
          group !== 'rules' &&
          !(group === 'usageFiles' && name === 'create')
            ? parameters.map(value => (typeof value === 'object' ? upload : value))
            : parameters
        if (given.length + 1 !== functions[name]!.length) continue
        await functions[name]!(...given, context).catch(() => null)
        if (seen !== '') break
      }
      requests.set(`${group}.${name}`, seen)
    }
  }
  return requests
}

const plain = (operation: string): string => operation.replace(/\{\w+\}/g, '*').replace(/\bID-\d\b/g, '*')

t.test('each operation of Connect is served by the endpoint that docs/api.md names', async (t) => {
  const requests = await requestsByFunction(t)
  const calls = callsByOperation()
  const rows = tableRows(readFileSync('docs/api.md', 'utf8'), "Connect's operations").map(row =>
    row.map(cell => cell.replaceAll('`', ''))
  )
  const document = JSON.parse(readFileSync('openapi/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { operationId?: string }>>
  }
  const endpoints = new Map(Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [`${method.toUpperCase()} ${path}`, operationId])))
  t.equal(rows.length, OPERATIONS)
  t.equal(new Set(rows.map(([connect]) => connect)).size, OPERATIONS, 'each once')
  for (const [connect = '', endpoint = '', operationId = ''] of rows) {
    t.equal(endpoints.get(endpoint), operationId, endpoint)
    const served = [...requests].filter(([, request]) => plain(request) === plain(connect)).map(([name]) => name)
    t.ok(served.length > 0, `the client sends ${connect}`)
    t.ok(served.some(name => calls.get(operationId)?.has(name)), `${operationId} calls ${served.join(' or ')}`)
  }
  const known = new Set(rows.map(([connect = '']) => plain(connect)))
  for (const [name, request] of requests) t.ok(known.has(plain(request)), `${name} (${request}) is in the table`)
})
