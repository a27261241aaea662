import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import type { SCOPES } from '../../src/credentials/callers.ts'
import { ERROR_CODES } from '../../src/errors/codes.ts'
import { makeApp } from '../helper.ts'
import {
  documentOf,
  follow,
  operationsOf,
  type Document,
  type Json,
  type Media,
  type NamedOperation
} from './document.ts'
import { sourceFiles } from './sources.ts'

/** The whole surface. A new operation is a new line here, and one in the README. */
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
  getLiveness: 'GET /health/live',
  getReadiness: 'GET /health/ready'
}
const PUBLIC = ['getLiveness', 'getReadiness']

/** What is not plain reading, by scope. */
const WRITES: Readonly<Record<Exclude<(typeof SCOPES)[number], 'usage:read'>, readonly string[]>> = {
  'usage:write': [
    'createUsageFile',
    'updateUsageFile',
    'deleteUsageFile',
    'uploadUsageFile',
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
const scopeOf = (name: string): string =>
  Object.entries(WRITES).find(([, names]) => names.includes(name))?.[0] ?? 'usage:read'

const { app } = await makeApp(t)
const document: Document = await documentOf(app)
const operations = operationsOf(document)
const nameOf = ({ method, path, operation }: NamedOperation): string => operation.operationId ?? `${method} ${path}`
const isPublic = (one: NamedOperation): boolean => PUBLIC.includes(nameOf(one))

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
    t.equal(statuses.filter(status => status.startsWith('2')).length, 1, `${name}: one success`)
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

t.test('no parameter of an operation comes twice', async (t) => {
  for (const one of operations) {
    const names = (one.operation.parameters ?? []).map(({ name }) => name.toLowerCase())
    t.same(names.filter((name, at) => names.indexOf(name) !== at), [], nameOf(one))
  }
})

t.test('a field that is always present is never null', async (t) => {
  const CERTAIN: Readonly<Record<string, readonly string[]>> = {
    UsageFile: ['id', 'stats', 'events', 'actions'],
    UsageRecord: ['id', 'item', 'asset', 'params', 'errors'],
    UsageChunk: ['id', 'outdated', 'stats', 'events', 'actions', 'files'],
    Reconciliation: ['id', 'events', 'files'],
    UsageRule: ['id', 'productId'],
    Category: ['id'],
    UsageAggregate: ['asset', 'item'],
    UsageEvent: ['type'],
    RecordOutcome: ['id', 'index', 'outcome'],
    UsageFilePage: ['items', 'total', 'limit', 'offset']
  }
  for (const [name, certain] of Object.entries(CERTAIN)) {
    const { required, properties } = document.components.schemas[name] as
      { required: string[], properties: Record<string, Json> }
    for (const property of certain) {
      t.ok(required.includes(property), `${name}.${property} is required`)
      t.notMatch(JSON.stringify([properties[property]?.['type'], properties[property]?.['anyOf']]), /null"/, property)
    }
  }
})

t.test('the status in a problem is one enum with the statuses of all resources', async (t) => {
  const { Problem, CurrentStatus, ...schemas } = document.components.schemas
  const { currentStatus } = (Problem as { properties: Record<string, Json> }).properties
  t.equal(currentStatus?.['$ref'], '#/components/schemas/CurrentStatus')
  const resources = ['UsageFileStatus', 'UsageChunkStatus', 'UsageRecordStatus', 'UsageRuleStatus']
  const words = resources.flatMap(name => schemas[name]?.['enum'] as string[])
  t.same((CurrentStatus?.['enum'] as string[]).toSorted(), [...new Set(words)].sort())
})

t.test('bodies, pages, enums and objects have names', async (t) => {
  for (const one of operations) {
    for (const [where, { schema = {} }] of mediaOf(one)) {
      const isText = schema['type'] === 'string' || schema['type'] === 'null'
      if (isText || isPublic(one)) continue
      t.match(schema['$ref'], /^#\/components\/schemas\/[A-Z]\w+$/, where)
    }
  }
  const unnamed = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
    schemasIn(schema, name).slice(1).filter(([, { enum: words }]) => words !== undefined).map(([path]) => path))
  t.same(unnamed, ['CloseSummary.hasMore', 'RecordOutcome.already'])
  for (const name of ['CreateUsageFile', 'UsageFilePage', 'UsageFileStatus', 'CloseOutcome', 'CloseLine']) {
    t.ok(document.components.schemas[name], name)
  }
})

t.test('every operation names its scope, except the public ones', async (t) => {
  for (const one of operations) {
    const name = nameOf(one)
    const scope = scopeOf(name)
    const expected = isPublic(one) ? [] : [{ partnerKey: [scope] }, { bearer: [scope] }]
    t.same(one.operation.security, expected, name)
    if (!isPublic(one)) t.ok(one.operation.description?.endsWith(`Scope: \`${scope}\`.`), `${name}: the scope in words`)
  }
})

t.test('every operation except the public ones refuses a request without a credential', async (t) => {
  for (const one of operations.filter(one => !isPublic(one))) {
    const url = one.path.replace(/\{\w+\}/g, 'X-1')
    const { statusCode, headers } = await app.inject({ method: one.method as 'GET', url })
    t.equal(statusCode, 401, nameOf(one))
    t.equal(headers['www-authenticate'], 'X-API-Key realm="connect-usage-bff"', nameOf(one))
  }
})

t.test('every parameter, field and header is described', async (t) => {
  for (const one of operations) {
    for (const parameter of one.operation.parameters ?? []) {
      t.ok((parameter.description?.length ?? 0) > 5, `${nameOf(one)}: ${parameter.in} ${parameter.name}`)
    }
    for (const [status, { headers = {} }] of Object.entries(one.operation.responses)) {
      for (const [name, header] of Object.entries(headers)) {
        t.ok(header.description, `${nameOf(one)} ${status}: ${name}`)
      }
    }
    for (const [where, media] of mediaOf(one)) {
      for (const path of undescribed(media.schema ?? {}, where)) t.fail(`no description: ${path}`)
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    t.ok(schema['description'], name)
    for (const path of undescribed(schema, name)) t.fail(`no description: ${path}`)
  }
})

t.test('every object is closed, and every JSON answer and body has an example', async (t) => {
  for (const one of operations) {
    for (const [where, { schema = {}, example, examples }] of mediaOf(one)) {
      if (!where.endsWith('application/json')) continue
      t.ok(
        example !== undefined || examples !== undefined || follow(document, schema)['examples'] !== undefined,
        `${where}: example`
      )
    }
    const body = one.operation.requestBody?.content['application/json']?.schema
    if (body !== undefined) {
      t.equal(follow(document, body)['additionalProperties'], false, `${nameOf(one)}: body is closed`)
    }
  }
})

t.test('every example fits its schema', async (t) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema({ $id: 'document', components: document.components })
  const compiled = new Map<string, ValidateFunction>()
  const validatorOf = (schema: Json): ValidateFunction => {
    // References of the document are of the document, wherever the schema stands.
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text) as Json)
    compiled.set(text, validate)
    return validate
  }
  let count = 0
  const faults: string[] = []
  const check = (where: string, schema: Json, value: unknown): void => {
    count += 1
    const validate = validatorOf(schema)
    if (!validate(value)) faults.push(`${where}: ${ajv.errorsText(validate.errors)}`)
  }
  const checkSchema = (where: string, schema: Json): void => {
    for (const [path, inner] of schemasIn(schema, where)) {
      for (const value of (inner['examples'] ?? []) as unknown[]) check(path, inner, value)
      if (inner['default'] !== undefined) check(`${path} default`, inner, inner['default'])
    }
  }
  for (const one of operations) {
    for (const { name, schema = {}, example } of one.operation.parameters ?? []) {
      checkSchema(`${nameOf(one)} ${name}`, schema)
      if (example !== undefined) check(`${nameOf(one)} ${name}`, schema, example)
    }
    for (const [where, { schema = {}, example, examples = {} }] of mediaOf(one)) {
      checkSchema(where, schema)
      if (example !== undefined) check(where, schema, example)
      for (const { value } of Object.values(examples)) check(where, schema, value)
    }
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) checkSchema(name, schema)
  t.same(faults, [])
  t.ok(count > 100, `${count} examples`)
})

t.test('a body that is a file can be sent from Swagger UI', async (t) => {
  for (const name of ['uploadUsageFile', 'reconcileUsageFile', 'createReconciliation']) {
    const form = operations.find(one => nameOf(one) === name)?.operation.requestBody?.content['multipart/form-data']
      ?.schema
    t.match(
      form && follow(document, form),
      { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
      name
    )
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

function mediaOf (one: NamedOperation): [string, Media][] {
  const body = Object.entries(one.operation.requestBody?.content ?? {}).map(([type, media]): [string, Media] => [
    `${nameOf(one)} body ${type}`,
    media
  ])
  const answers = Object.entries(one.operation.responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, media]): [string, Media] => [`${nameOf(one)} ${status} ${type}`, media]))
  return [...body, ...answers]
}

/** The schema and all within it, without following references. */
function schemasIn (schema: Json, path: string): [string, Json][] {
  const inner: [string, Json][] = Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(
    ([name, property]) => [`${path}.${name}`, property]
  )
  if (schema['items'] !== undefined) inner.push([`${path}[]`, schema['items'] as Json])
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    for (const option of (schema[key] ?? []) as Json[]) inner.push([path, option])
  }
  return [[path, schema], ...inner.flatMap(([where, one]) => schemasIn(one, where))]
}

function undescribed (schema: Json, path: string): string[] {
  return schemasIn(schema, path).flatMap(([where, one]) =>
    Object.entries((one['properties'] ?? {}) as Record<string, Json>)
      .filter(([, property]) => (follow(document, property)['description'] ?? '') === '')
      .map(([name]) => `${where}.${name}`))
}
