import { PROBLEM_TYPE } from '../errors/problem.ts'

type Json = Record<string, unknown>
interface Media { schema?: Json, example?: { code?: string } }
interface Response { $ref?: string, headers?: Record<string, object>, content?: Record<string, Media> }
interface Operation {
  operationId?: string
  tags?: string[]
  security?: unknown[]
  parameters?: { in?: string, required?: boolean, description?: string, example?: unknown, schema?: Json }[]
  responses?: Record<string, Response>
  requestBody?: { required?: boolean, content?: Record<string, Media> }
}
interface Document {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Json>, responses?: Record<string, Response> }
}

/**
 * Changes the OpenAPI document `given`, as the functions below tell, and gives it back. `pathExamples`: by
 * `operationId`, the example of the last parameter of a path.
 */
export function finishDocument<D extends object> (given: D, pathExamples: Readonly<Record<string, string>>): D {
  const document = given as Document
  const operations = Object.values(document.paths ?? {}).flatMap(path => Object.values(path))
  for (const operation of operations) {
    freeBody(operation)
    freeParameters(operation)
    const example = pathExamples[operation.operationId ?? '']
    const last = operation.parameters?.findLast(parameter => parameter.in === 'path')
    if (example !== undefined && last !== undefined) last.example = example
    nameHeaders(operation)
  }
  nameSchemas(document, operations)
  shareProblems(document, operations)
  return given
}

/** Marks a body that may be null as not required. @fastify/swagger marks every body as required. */
function freeBody ({ requestBody }: Operation): void {
  const schemas = Object.values(requestBody?.content ?? {}).map(media => media.schema)
  if (requestBody !== undefined && schemas.some(isNullable)) requestBody.required = false
}

/**
 * Swagger UI sends an example as a value: it would filter lists without being asked, and send the same Idempotency-Key
 * each time. So the examples of optional parameters become a part of their descriptions.
 */
function freeParameters ({ parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (parameter.required === true || parameter.example === undefined) continue
    parameter.description = `${parameter.description ?? ''} For example \`${[parameter.example].flat().join(',')}\`.`
    delete parameter.example
  }
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  etag: 'ETag', 'www-authenticate': 'WWW-Authenticate', ratelimit: 'RateLimit', 'ratelimit-policy': 'RateLimit-Policy',
  'x-request-id': 'X-Request-Id'
}
const EVERY_ANSWER = {
  'x-request-id': { description: 'Id of the request.', schema: { type: 'string' } }
}
const EVERY_CALLER = {
  'ratelimit-policy': {
    description: 'The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds.',
    schema: { type: 'string' }
  },
  ratelimit: {
    description: 'The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`.',
    schema: { type: 'string' }
  }
}

/**
 * Adds X-Request-Id to every answer. Adds the RateLimit headers to the answers of operations that need a credential,
 * and to every response `default`. Writes the names of all headers in their usual spelling, such as `ETag`.
 */
function nameHeaders ({ security = [], responses = {} }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    // The response `default` stands for all other problems, with and without a caller.
    const hasCaller = security.length > 0 || status === 'default'
    const everywhere = { ...(hasCaller && EVERY_CALLER), ...EVERY_ANSWER }
    response.headers = Object.fromEntries(
      Object.entries({ ...everywhere, ...response.headers }).map(([name, header]) => [
        HEADER_NAMES[name] ?? name.replace(/(?:^|-)[a-z]/g, part => part.toUpperCase()), header
      ])
    )
  }
}

/** Schemas with a title become components, so that the types that generators make have names. */
function nameSchemas ({ components = {} }: Document, operations: readonly Operation[]): void {
  const schemas: Record<string, Json> = {}
  const medias = (content: Record<string, Media> = {}): void => {
    for (const media of Object.values(content)) {
      if (media.schema !== undefined) media.schema = named(media.schema, schemas)
    }
  }
  for (const [name, schema] of Object.entries(components.schemas ?? {})) schemas[name] = named(schema, schemas)
  for (const { parameters = [], requestBody, responses = {} } of operations) {
    for (const parameter of parameters) parameter.schema = named(parameter.schema ?? {}, schemas)
    medias(requestBody?.content)
    for (const { schema } of Object.values(requestBody?.content ?? {})) {
      // The schema of a body that may be left out loses its `null`: callers leave the body out, and do not send null.
      if (Array.isArray(schema?.['anyOf']) && schema['anyOf'].length === 2) Object.assign(schema, schema['anyOf'][0])
      delete schema?.['anyOf']
    }
    for (const { content } of Object.values(responses)) medias(content)
  }
  components.schemas = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Gives the schema with a reference in place of each part with a title, and adds these parts to `schemas`. Throws Error
 * for two different schemas with one title.
 */
function named (schema: Json, schemas: Record<string, Json>): Json {
  const inner = (value: unknown): Json => named(value as Json, schemas)
  const whole: Json = { ...schema }
  if (whole['properties'] !== undefined) {
    const properties = Object.entries(whole['properties'] as object)
    whole['properties'] = Object.fromEntries(properties.map(([name, one]) => [name, inner(one)]))
  }
  for (const key of ['items', 'contentSchema']) if (whole[key] !== undefined) whole[key] = inner(whole[key])
  if (Array.isArray(whole['anyOf'])) whole['anyOf'] = whole['anyOf'].map(inner)
  const { title, 'x-meaning': meaning, description, default: usual, examples, ...rest } = whole
  if (typeof title !== 'string') return whole
  const isEnum = rest['enum'] !== undefined
  const component = {
    ...rest,
    ...(isNullable(rest) && { type: (rest['type'] as string[])[0] }),
    ...(isEnum && { enum: (rest['enum'] as unknown[]).filter(word => word !== null) }),
    description: meaning ?? description,
    ...(!isEnum && examples !== undefined && { examples })
  }
  if (schemas[title] !== undefined && JSON.stringify(schemas[title]) !== JSON.stringify(component)) {
    throw new Error(`two schemas have the title ${title}`)
  }
  schemas[title] = component
  const reference = { $ref: `#/components/schemas/${title}` }
  return {
    ...(isNullable(rest)
      ? { anyOf: [reference, { type: 'null' }], description: description ?? meaning }
      : { ...reference, ...(description !== undefined && description !== component.description && { description }) }),
    ...(usual !== undefined && { default: usual }),
    ...(isEnum && examples !== undefined && { examples })
  }
}

function isNullable (schema: Json | undefined): boolean {
  return Array.isArray(schema?.['type']) && schema['type'].includes('null')
}

/**
 * Makes each problem response a component, and puts a reference in its place. The component is named after the error
 * code, such as `BillingConflict`. For a different response with the same code, the name begins with the tag of the
 * operation: `UsageChunksActionNotAllowed`. Throws Error if that name is taken, too.
 */
function shareProblems ({ components = {} }: Document, operations: readonly Operation[]): void {
  const shared: Record<string, Response> = { ...components.responses }
  for (const { tags = [], responses = {} } of operations) {
    for (const [status, response] of Object.entries(responses)) {
      const media = response.content?.[PROBLEM_TYPE]
      if (media === undefined) continue
      const code = pascalCase(media.example?.code ?? 'PROBLEM')
      const isFree = (name: string): boolean =>
        shared[name] === undefined || JSON.stringify(shared[name]) === JSON.stringify(response)
      const name = [code, `${pascalCase(tags[0] ?? '')}${code}`].find(isFree)
      if (name === undefined) throw new Error(`two problem responses have the name ${code}`)
      shared[name] = response
      responses[status] = { $ref: `#/components/responses/${name}` }
    }
  }
  components.responses = Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function pascalCase (text: string): string {
  return text.toLowerCase().replace(/(?:^|[ _])([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
