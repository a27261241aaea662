import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  SCOPES_BY_ROLE,
  sha256Hex,
  type CallerEntry,
  type Callers,
  type Role,
  type Scope
} from '../../src/credentials/callers.ts'
import { makeApp, startUpstream } from '../helper.ts'
import { documentOf, operationsOf, type NamedOperation } from './document.ts'
import { tableRows } from './markdown.ts'

const ROLES = ['vendor', 'provider'] as const
const PARAMETERS: Readonly<Record<string, string>> = {
  fileId: 'UF-2026-11-0000-0001',
  recordId: 'UR-2026-11-0000-0001-000001',
  chunkId: 'UFC-2026-11-0000-0001-001',
  reconciliationId: 'RCF-2026-11-0000-0001',
  assetId: 'AS-1234-1234-1234',
  productId: 'PRD-700-100-200',
  ruleId: 'UR-700-100-200-001'
}

const keyOf = (role: Role, without: Scope | null): string => `key-${role}-${without ?? 'all'}`

/** A role with all its scopes, and with each of them missing. */
function callerOf (role: Role, without: Scope | null): CallerEntry {
  return {
    id: `${role}-without-${without?.replace(':', '-') ?? 'nothing'}`,
    account: { name: role, role, accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:test' },
    scopes: SCOPES_BY_ROLE[role].filter(scope => scope !== without),
    keys: [{ id: 'k', sha256: sha256Hex(keyOf(role, without)), expiresAt: null }]
  }
}

const callers: Callers = {
  entries: ROLES.flatMap(role => [null, ...SCOPES_BY_ROLE[role]].map(without => callerOf(role, without)))
}

let reached = 0
const upstream = await startUpstream(t, (request, response) => {
  reached += 1
  request.resume()
  response
    .writeHead(404, { 'content-type': 'application/json' })
    .end('{"error_code":"NOT_FOUND","errors":["Object not found."]}')
})
const { app } = await makeApp(t, { callers, env: { CONNECT_BASE_URL: upstream.baseUrl } })
/** Those of callers. Connect itself calls the other one under /v1, with a credential of its own. */
const operations = operationsOf(await documentOf(app))
  .filter(({ path }) => path.startsWith('/v1/') && !path.startsWith('/v1/connect-webhooks/'))
/** `none` for an operation that needs a credential, but no scope. */
const scopeOf = ({ operation }: NamedOperation): string => operation.security?.[0]?.['partnerKey']?.[0] ?? 'none'

async function ask (
  { method, path }: NamedOperation,
  headers: Record<string, string>
): Promise<{ status: number; code: string | undefined; challenge: unknown }> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name)
  // A stream of events would not end: with a query that is not valid the answer is 400, after the scopes.
  const url = path === '/v1/events' ? `${filled}?fileId=` : filled
  const response = await app.inject({ method: method as 'GET', url, headers })
  const isProblem = String(response.headers['content-type']).startsWith('application/problem+json')
  return {
    status: response.statusCode,
    code: isProblem ? response.json<{ code: string }>().code : undefined,
    challenge: response.headers['www-authenticate']
  }
}

const isLetIn = ({ code }: { code: string | undefined }): boolean =>
  code !== 'UNAUTHENTICATED' && code !== 'SCOPE_MISSING'

t.test('without a valid credential every operation is 401, and Connect is not called', async t => {
  const wrong = [
    {},
    { 'x-api-key': 'wrong' },
    { 'x-api-key': '' },
    { authorization: 'Basic dTpw' },
    { authorization: 'ApiKey SU-100-200-300:test' }
  ]
  reached = 0
  for (const operation of operations) {
    for (const headers of wrong) {
      const { status, code, challenge } = await ask(operation, headers)
      t.same(
        { status, code },
        { status: 401, code: 'UNAUTHENTICATED' },
        `${operation.method} ${operation.path} ${JSON.stringify(headers)}`
      )
      t.ok(challenge, 'says how to authenticate')
    }
  }
  t.equal(reached, 0)
})

t.test('without its scope, or with the other role, every operation is 403, and Connect is not called', async (t) => {
  reached = 0
  for (const operation of operations.filter(one => scopeOf(one) !== 'none')) {
    for (const role of ROLES) {
      const scope = scopeOf(operation) as Scope
      const isOfRole = SCOPES_BY_ROLE[role].includes(scope)
      const { status, code } = await ask(operation, { 'x-api-key': keyOf(role, isOfRole ? scope : null) })
      t.same(
        { status, code },
        { status: 403, code: 'SCOPE_MISSING' },
        `${operation.method} ${operation.path} as ${role}`
      )
    }
  }
  t.equal(reached, 0)
})

t.test('a scope that an operation does not need has no effect', async (t) => {
  for (const operation of operations) {
    for (const role of ROLES) {
      const whole = await ask(operation, { 'x-api-key': keyOf(role, null) })
      const others = SCOPES_BY_ROLE[role].filter(scope => scope !== scopeOf(operation))
      const answers = await Promise.all(others.map(async other => ({
        without: other, ...await ask(operation, { 'x-api-key': keyOf(role, other) })
      })))
      t.same(
        answers,
        others.map(other => ({ without: other, ...whole })),
        `${operation.method} ${operation.path} as ${role}`
      )
    }
  }
})

t.test('the table of endpoints shows what each role may do', async (t) => {
  const seen = new Map<string, string[]>()
  for (const operation of operations) {
    const cells = [scopeOf(operation)]
    for (const role of ROLES) {
      cells.push(isLetIn(await ask(operation, { 'x-api-key': keyOf(role, null) })) ? '✓' : '403')
    }
    seen.set(`${operation.method} ${operation.path}`, cells)
  }
  const told = new Map(tableRows(readFileSync('docs/api.md', 'utf8'), 'Endpoints')
    .map(row => row.map(cell => cell.replaceAll('`', '')))
    .filter(([endpoint]) => endpoint?.includes(' /v1/') === true && !endpoint.includes('/v1/connect-webhooks/'))
    .map(([endpoint = '', _what, ...cells]) => [endpoint, cells]))
  t.same(Object.fromEntries(told), Object.fromEntries(seen))
})
