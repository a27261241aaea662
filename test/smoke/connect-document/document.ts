import { Ajv2020, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'

type Json = Readonly<Record<string, unknown>>

/** A query parameter of a collection, and what its description allows. */
export interface QueryField {
  lookups: readonly string[]
  isSortable: boolean
  values: readonly string[] | null
}

export interface DocumentedOperation {
  /** The method and the path, such as `POST /usage/files/{id}/upload`. */
  name: string
  method: string
  pattern: RegExp
  /** The parameters of the query by name. `limit` and `offset` have no lookups. */
  query: ReadonlyMap<string, QueryField>
  /** The validators of a request body by media type; null when no body is documented. */
  body: ReadonlyMap<string, ValidateFunction> | null
  /** The names of the fields of a form; empty when no form is documented. */
  formFields: readonly string[]
  requiredFormFields: readonly string[]
  /**
   * By status: the validator of the JSON (null for an answer without JSON), and whether the answer has only other media
   * types.
   */
  answers: ReadonlyMap<number, { json: ValidateFunction | null, isBinary: boolean }>
}

/**
 * Reads the operations of Connect's own OpenAPI 3.0 document, as YAML or JSON. Its schemas allow fields that they do
 * not name. Here such fields are forbidden, so that they are found.
 */
export function readDocument (text: string): DocumentedOperation[] {
  const document = parse(text) as { paths: Record<string, Record<string, Json>>, components?: Json }
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true, logger: false })
  formats.default(ajv)
  ajv.addSchema({
    $id: 'connect',
    components: { schemas: asJsonSchema(document.components?.['schemas'] ?? {}) }
  } as AnySchema)
  const compile = (schema: unknown): ValidateFunction => ajv.compile(asJsonSchema(schema) as AnySchema)
  const resolve = (value: unknown): Json => {
    const reference = (value as Json)['$ref']
    if (typeof reference !== 'string') return value as Json
    return reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/')], document) as Json
  }

  return Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item)
    .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map(([method, operation]): DocumentedOperation => {
      const parameters = [
        ...((item['parameters'] as unknown as unknown[]) ?? []),
        ...((operation['parameters'] as unknown[]) ?? [])
      ].map(resolve)
      const content = operation['requestBody'] === undefined ? null : contentOf(resolve(operation['requestBody']))
      const form = content?.['multipart/form-data']?.schema
      const formSchema = form === undefined ? {} : resolve(form)
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
        query: new Map(
          parameters.filter(one => one['in'] === 'query').map(one => [String(one['name']), queryField(one, resolve)])
        ),
        body:
          content === null
            ? null
            : new Map(Object.entries(content).map(([type, { schema }]) => [type, compile(schema ?? {})])),
        formFields: Object.keys((formSchema['properties'] as object) ?? {}),
        requiredFormFields: (formSchema['required'] as string[]) ?? [],
        answers: new Map(
          Object.entries(operation['responses'] as object).map(([status, answer]) => {
            const documented = contentOf(resolve(answer))
            const json = documented['application/json']?.schema
            return [
              Number(status),
              {
                json: json === undefined ? null : compile(json),
                isBinary: json === undefined && Object.keys(documented).length > 0
              }
            ]
          })
        )
      }
    }))
}

/** Gives an error of a validation in one line: where, what, and what was found there. */
export function describe ({ instancePath, message, params, data }: ErrorObject): string {
  const extra = (params as { additionalProperty?: string }).additionalProperty
  return `${instancePath || '/'} ` +
    `${message ?? 'is wrong'}${extra === undefined ? `: ${JSON.stringify(data)?.slice(0, 80)}` : ` (${extra})`}`
}

function contentOf (value: Json): Record<string, { schema?: unknown }> {
  return (value['content'] ?? {}) as Record<string, { schema?: unknown }>
}

function queryField (parameter: Json, resolve: (value: unknown) => Json): QueryField {
  const description = String(parameter['description'] ?? '')
  const lookups = /\*\*lookups:\*\* ([a-z, ]+)/.exec(description)?.[1]?.split(/,\s*/) ?? []
  const schema = resolve(parameter['schema'] ?? {})
  return { lookups, isSortable: description.includes('**ordering:** true'), values: schema['enum'] as string[] ?? null }
}

/**
 * Gives a schema of OpenAPI 3.0 as JSON Schema: `nullable` adds null, references lead to the components, and an object
 * with properties allows no others.
 */
function asJsonSchema (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = value as Json
  const schema: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(rest)) {
    if (key === '$ref') schema['$ref'] = String(inner).replace('#/components/', 'connect#/components/')
    // Names of properties are no keywords, even when a property has the name of a keyword.
    else if (key === 'properties') {
      schema['properties'] = Object.fromEntries(
        Object.entries(inner as Json).map(([name, one]) => [name, asJsonSchema(one)])
      )
    } else if (!['example', 'readOnly', 'writeOnly', 'discriminator', 'xml'].includes(key)) {
      schema[key] = asJsonSchema(inner)
    }
  }
  if (
    schema['properties'] !== undefined &&
    schema['additionalProperties'] === undefined &&
    schema['allOf'] === undefined
  ) { schema['additionalProperties'] = false }
  if (nullable !== true) return schema
  if (schema['type'] === undefined) return { anyOf: [schema, { type: 'null' }] }
  return {
    ...schema,
    type: [schema['type'], 'null'].flat(),
    ...(schema['enum'] !== undefined && { enum: [...(schema['enum'] as unknown[]), null] })
  }
}
