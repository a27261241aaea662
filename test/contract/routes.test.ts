import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import type { SCOPES } from '../../src/credentials/callers.ts'
import { ERROR_CODES } from '../../src/errors/codes.ts'
import type { Json } from './document.ts'
import { sourceFiles } from './sources.ts'
import { app, document, isPublic, nameOf, OF_CONNECT, operations } from './routes-fixture.ts'

/** The whole surface. A new operation is a new line here, and one in docs/api.md. */
const OPERATIONS: Readonly<Record<string, string>> = {
  listUsageFiles: 'GET /v1/usage-files',
  summarizeUsageFiles: 'GET /v1/usage-files/summary',
  createUsageFile: 'POST /v1/usage-files',
  getUsageFile: 'GET /v1/usage-files/{fileId}',
  updateUsageFile: 'PATCH /v1/usage-files/{fileId}',
  deleteUsageFile: 'DELETE /v1/usage-files/{fileId}',
  uploadUsageFile: 'POST /v1/usage-files/{fileId}/upload',
  checkUsage: 'POST /v1/products/{productId}/usage-check',
  checkUsageOfFile: 'POST /v1/usage-files/{fileId}/check',
  convertUsage: 'POST /v1/products/{productId}/usage-workbook',
  submitUsageFile: 'POST /v1/usage-files/{fileId}/submit',
  acceptUsageFile: 'POST /v1/usage-files/{fileId}/accept',
  rejectUsageFile: 'POST /v1/usage-files/{fileId}/reject',
  approveAllUsageRecords: 'POST /v1/usage-files/{fileId}/approve-all',
  closeUsageFile: 'POST /v1/usage-files/{fileId}/close',
  reprocessUsageFile: 'POST /v1/usage-files/{fileId}/reprocess',
  reconcileUsageFile: 'POST /v1/usage-files/{fileId}/reconciliation',
  getUsageFileTotals: 'GET /v1/usage-files/{fileId}/totals',
  listRowErrors: 'GET /v1/usage-files/{fileId}/row-errors',
  listUsageFileCategories: 'GET /v1/usage-files/{fileId}/categories',
  closeUsageFileRecords: 'POST /v1/usage-files/{fileId}/records/close',
  downloadUploadedUsageFile: 'GET /v1/usage-files/{fileId}/files/uploaded',
  downloadProcessedUsageFile: 'GET /v1/usage-files/{fileId}/files/processed',
  downloadReconciliationFile: 'GET /v1/usage-files/{fileId}/files/reconciliation',
  publishUsageReport: 'PUT /v1/usage-reports/{externalId}',
  listUsageRecords: 'GET /v1/usage-records',
  getUsageRecord: 'GET /v1/usage-records/{recordId}',
  updateUsageRecord: 'PATCH /v1/usage-records/{recordId}',
  closeUsageRecord: 'POST /v1/usage-records/{recordId}/close',
  closeUsageRecords: 'POST /v1/usage-records/close',
  listUsageChunks: 'GET /v1/usage-chunks',
  getUsageChunk: 'GET /v1/usage-chunks/{chunkId}',
  updateUsageChunk: 'PATCH /v1/usage-chunks/{chunkId}',
  closeUsageChunk: 'POST /v1/usage-chunks/{chunkId}/close',
  regenerateUsageChunk: 'POST /v1/usage-chunks/{chunkId}/regenerate',
  downloadUsageChunk: 'GET /v1/usage-chunks/{chunkId}/file',
  listReconciliations: 'GET /v1/reconciliations',
  getReconciliation: 'GET /v1/reconciliations/{reconciliationId}',
  createReconciliation: 'POST /v1/reconciliations',
  downloadReconciliationUpload: 'GET /v1/reconciliations/{reconciliationId}/files/uploaded',
  downloadReconciliationResult: 'GET /v1/reconciliations/{reconciliationId}/files/processed',
  listUsageAggregates: 'GET /v1/usage-aggregates',
  listAssetUsageAggregates: 'GET /v1/assets/{assetId}/usage-aggregates',
  downloadUsageTemplate: 'GET /v1/products/{productId}/usage-template',
  getUsageColumns: 'GET /v1/products/{productId}/usage-columns',
  listUsageRules: 'GET /v1/products/{productId}/usage-rules',
  createUsageRule: 'POST /v1/products/{productId}/usage-rules',
  getUsageRule: 'GET /v1/products/{productId}/usage-rules/{ruleId}',
  updateUsageRule: 'PATCH /v1/products/{productId}/usage-rules/{ruleId}',
  deleteUsageRule: 'DELETE /v1/products/{productId}/usage-rules/{ruleId}',
  listProducts: 'GET /v1/products',
  listProductItems: 'GET /v1/products/{productId}/items',
  listUsageContracts: 'GET /v1/usage-contracts',
  getUsageCoverage: 'GET /v1/usage-coverage',
  listAssets: 'GET /v1/assets',
  getCaller: 'GET /v1/me',
  watchEvents: 'GET /v1/events',
  receiveConnectWebhook: 'POST /v1/connect-webhooks/{account}',
  getLiveness: 'GET /health/live',
  getReadiness: 'GET /health/ready'
}

/** What is not plain reading, by scope. */
const WRITES: Readonly<Record<Exclude<(typeof SCOPES)[number], 'usage:read'>, readonly string[]>> = {
  'usage:write': [
    'createUsageFile',
    'updateUsageFile',
    'deleteUsageFile',
    'uploadUsageFile',
    'publishUsageReport',
    'checkUsage',
    'checkUsageOfFile',
    'convertUsage'
  ],
  'usage:submit': ['submitUsageFile'],
  'usage:decide': ['acceptUsageFile', 'rejectUsageFile', 'approveAllUsageRecords', 'updateUsageRecord'],
  'usage:close': [
    'closeUsageFile',
    'reprocessUsageFile',
    'reconcileUsageFile',
    'closeUsageFileRecords',
    'closeUsageRecord',
    'closeUsageRecords',
    'updateUsageChunk',
    'closeUsageChunk',
    'regenerateUsageChunk',
    'createReconciliation'
  ],
  'rules:write': ['createUsageRule', 'updateUsageRule', 'deleteUsageRule']
}
/** For operations that need a credential, but no scope. */
const WITHOUT_SCOPE = ['getCaller']
const scopeOf = (name: string): string | null => WITHOUT_SCOPE.includes(name)
  ? null
  : Object.entries(WRITES).find(([, names]) => names.includes(name))?.[0] ?? 'usage:read'

t.test('the operations are those of the contract, each with a unique name', async (t) => {
  t.equal(new Set(operations.map(nameOf)).size, operations.length)
  t.same(Object.fromEntries(operations.map(one => [nameOf(one), `${one.method} ${one.path}`])), OPERATIONS)
})

t.test('every operation has a summary, a description, one success and problems', async (t) => {
  const tags = document.tags.map(({ name }) => name)
  for (const one of operations) {
    const { operation } = one
    const name = nameOf(one)
    t.ok(operation.tags?.length === 1 && tags.includes(operation.tags[0]!), `${name}: one declared tag`)
    t.ok((operation.summary?.length ?? 0) > 5, `${name}: summary`)
    t.ok((operation.description?.length ?? 0) > 20, `${name}: description`)
    const statuses = Object.keys(operation.responses)
    // A report that Connect still processes is a success of another kind.
    const successes = name === 'publishUsageReport' ? 2 : 1
    t.equal(statuses.filter(status => status.startsWith('2')).length, successes, `${name}: its successes`)
    for (const [status, response] of Object.entries(operation.responses)) {
      t.ok(
        (response.description?.length ?? 0) > 5 && response.description !== 'Default Response',
        `${name} ${status}: described`
      )
      if (Number(status) < 400 || isPublic(one)) continue
      const media = response.content?.['application/problem+json']
      t.equal(media?.schema?.['$ref'], '#/components/schemas/Problem', `${name} ${status}: a problem`)
      if (status === 'default') continue
      t.equal((media?.example as { status?: number } | undefined)?.status, Number(status), `${name} ${status}: example`)
    }
    if (!isPublic(one)) t.ok(statuses.includes('default'), `${name}: the shared problem`)
    t.ok(statuses.length <= 5, `${name}: fits a screen`)
  }
})

t.test('the shared problem has an example for every status of the error codes', async (t) => {
  const { content, headers } = document.components.responses['Problem'] ?? {}
  const examples = Object.values(content?.['application/problem+json']?.examples ?? {})
  const shown = examples.map(({ value }) => (value as Json)['status'])
  t.same(shown, [...new Set(Object.values(ERROR_CODES).map(({ status }) => status))].sort((a, b) => a - b))
  for (const name of ['Retry-After', 'WWW-Authenticate', 'Allow', 'Accept-Post']) t.ok(headers?.[name], name)
  const names = Object.keys(document.components.responses)
  t.same(names.filter(name => !/^[A-Z][A-Za-z]+$/.test(name)), [], 'every shared response has a name')
})

t.test('every answer has X-Request-Id, and RateLimit when the caller is known', async (t) => {
  for (const one of operations) {
    for (const [status, { headers = {} }] of Object.entries(one.operation.responses)) {
      t.ok(headers['X-Request-Id'], `${nameOf(one)} ${status}`)
      // All operations share the response `default`.
      const hasLimit = !isPublic(one) || status === 'default'
      t.equal(headers['RateLimit'] !== undefined, hasLimit, `${nameOf(one)} ${status}: RateLimit`)
      for (const name of Object.keys(headers)) t.match(name, /^[A-Z]/, `${nameOf(one)} ${status}: usual case`)
    }
  }
})

t.test('every operation names its scope, except the public ones', async (t) => {
  for (const one of operations) {
    const name = nameOf(one)
    const scope = scopeOf(name)
    const scopes = scope === null ? [] : [scope]
    if (name === OF_CONNECT) {
      t.same(one.operation.security, [{ connectWebhook: [] }], name)
      continue
    }
    t.same(one.operation.security, isPublic(one) ? [] : [{ partnerKey: scopes }, { bearer: scopes }], name)
    const inWords = scope === null ? 'Needs a credential, but no scope.' : `Scope: \`${scope}\`.`
    if (!isPublic(one)) t.ok(one.operation.description?.endsWith(inWords), `${name}: the scope in words`)
  }
})

t.test('every operation except the public ones refuses a request without a credential', async (t) => {
  for (const one of operations.filter(one => !isPublic(one) && nameOf(one) !== OF_CONNECT)) {
    const url = one.path.replace(/\{\w+\}/g, 'X-1')
    const { statusCode, headers } = await app.inject({ method: one.method as 'GET', url })
    t.equal(statusCode, 401, nameOf(one))
    t.equal(headers['www-authenticate'], 'X-API-Key realm="connect-usage-bff"', nameOf(one))
  }
})

t.test('each operation has a file with its name, and an index.ts registers it', async (t) => {
  const files = sourceFiles('routes').filter(path => !/(?:^routes\/health|\/index)\.ts$/.test(path))
  const camel = (path: string): string =>
    basename(path, '.ts').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const ids = new Set(operations.map(nameOf))
  for (const path of files) {
    const text = readFileSync(path, 'utf8')
    const declared = [...text.matchAll(/operationId: '(\w+)'/g)].map(([, id]) => id ?? '')
    t.ok(declared.every(id => ids.has(id)), `${path} is registered`)
    if (declared.length === 1) t.equal(camel(path), declared[0], `${path} is named after its operation`)
  }
})
