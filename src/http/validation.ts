import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import { Compile, type Validator } from 'typebox/schema'
import type { TSchema } from 'typebox'
import { AppError, type FieldError } from '../errors/app-error.ts'
import { textFault } from '../errors/text-fault.ts'

const MAX_ERRORS = 20
/** Each schema is compiled once, because many operations, and several apps in one process, share a schema. */
const compiledSchemas = new WeakMap<TSchema, Validator>()

/**
 * A body is not changed: Fastify's default compiler removes unknown fields and turns 123 into "123", and this would
 * change billing data. In a query, the text of an integer becomes a number and a comma separates the values of a list.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const part = httpPart === 'querystring' ? 'query' : httpPart === 'params' ? 'path' : httpPart ?? 'body'
  const faultOf = createCheck(schema, part)
  return (value: unknown) => {
    const input = httpPart === 'querystring' ? readQuery(schema, value as Record<string, unknown>) : value
    const error = faultOf(input)
    return error === null ? { value: input } : { error }
  }
}

/**
 * Gives a function that checks a value: the error VALIDATION_FAILED, or null for a valid value. `part` is where the
 * value stands, such as `body`. The schema is compiled at the first check, not at the start.
 */
export function createCheck (schema: TSchema, part: string): (value: unknown) => AppError | null {
  return (value) => {
    const check = compile(schema)
    if (!check.Check(value)) return invalid(part, schema, check.Errors(value)[1] as ValidationIssue[], value)
    const errors = textFaults(part, value)
    return errors.length === 0 ? null : validationFailed(errors)
  }
}

function compile (schema: TSchema): Validator {
  const known = compiledSchemas.get(schema)
  if (known !== undefined) return known
  const validator = Compile(schema)
  compiledSchemas.set(schema, validator)
  return validator
}

const NO_QUERY = { type: 'object', properties: {}, additionalProperties: false }

/** Operations without query parameters refuse every query parameter. */
export function refuseOtherQueries (app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: NO_QUERY, ...route.schema }
  })
}

interface ValidationIssue {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message: string
}

function readQuery (schema: TSchema, query: Record<string, unknown>): Record<string, unknown> {
  const properties = (schema as { properties?: Record<string, { type?: unknown }> }).properties ?? {}
  return Object.fromEntries(Object.entries(query).map(([name, value]) => {
    const type = properties[name]?.type
    if (type === 'array') return [name, [value].flat().flatMap(text => String(text).split(','))]
    if (type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return [name, Number(value)]
    return [name, value]
  }))
}

function invalid (part: string, schema: TSchema, issues: readonly ValidationIssue[], input: unknown): AppError {
  const errors: FieldError[] = []
  for (const issue of issues) {
    for (const error of describe(part, schema, issue, input)) {
      if (errors.length < MAX_ERRORS && !errors.some(known => known.path === error.path)) errors.push(error)
    }
  }
  if (errors.length === 0) errors.push({ path: part, message: 'is not valid' })
  return validationFailed(errors)
}

function validationFailed (errors: FieldError[]): AppError {
  return new AppError('VALIDATION_FAILED', errors.map(error => `${error.path} ${error.message}`).join('; '), { errors })
}

/** Finds texts that Connect cannot store, at most MAX_ERRORS of them in an object. Schemas do not check this. */
function textFaults (path: string, value: unknown): FieldError[] {
  if (typeof value === 'string') {
    const message = textFault(value)
    return message === null ? [] : [{ path, message }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => textFaults(`${path}.${name}`, part)).slice(0, MAX_ERRORS)
}

function describe (part: string, schema: TSchema, issue: ValidationIssue, input: unknown): FieldError[] {
  const path = [part, ...issue.instancePath.split('/').slice(1)].join('.')
  const names = (key: string): string[] => issue.params[key] as string[]
  switch (issue.keyword) {
    case 'additionalProperties':
      return names('additionalProperties').map(name => ({
        path: `${path}.${name.slice(0, 64)}`,
        message: 'is not known here'
      }))
    case 'required':
      return names('requiredProperties').map(name => ({ path: `${path}.${name}`, message: 'is required' }))
    // For an unknown field the library also reports "schema is false". `additionalProperties` has the better message.
    case 'boolean':
      return []
    case 'enum':
      return [{ path, message: `must be one of ${(issue.params['allowedValues'] as unknown[]).join(', ')}` }]
    case 'type':
      return [
        {
          path,
          message:
            part === 'query' && Array.isArray(valueAt(input, issue.instancePath)) ? 'must be given once' : issue.message
        }
      ]
    // The message of the library quotes the regular expression, so the message that the schema has for people is taken.
    case 'pattern':
      return [
        {
          path,
          message: String(
            (valueAt(schema, issue.schemaPath) as Record<string, unknown>)['x-pattern-message'] ??
              'has a form that is not allowed'
          )
        }
      ]
    case 'minLength':
      return [{ path, message: issue.params['limit'] === 1 ? 'must not be empty' : issue.message }]
    case 'uniqueItems':
      return [{ path, message: 'must not name anything twice' }]
    case 'minProperties':
      return [{ path, message: issue.params['limit'] === 1 ? 'must have a field' : issue.message }]
    case 'maxProperties':
      return [{ path, message: issue.params['limit'] === 0 ? 'must be empty' : issue.message }]
    default:
      return [{ path, message: issue.message }]
  }
}

function valueAt (input: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], input)
}
