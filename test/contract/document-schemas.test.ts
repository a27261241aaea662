import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { follow, type Json, type Media, type NamedOperation } from './document.ts'
import { document, isPublic, nameOf, OF_CONNECT, operations } from './routes-fixture.ts'

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
    if (body !== undefined && nameOf(one) !== OF_CONNECT) {
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
