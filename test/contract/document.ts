import type { FastifyInstance } from 'fastify'

export type Json = Readonly<Record<string, unknown>>

export interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Json
  example?: unknown
}
export interface Media { schema?: Json, example?: unknown, examples?: Record<string, { value: unknown }> }
export interface Response {
  description?: string
  content?: Record<string, Media>
  headers?: Record<string, { description?: string; schema?: Json }>
}

export interface Operation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean, content: Record<string, Media> }
  responses: Record<string, Response>
}

export interface Document {
  info: { version: string }
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json>, responses: Record<string, Response>, securitySchemes: Json }
}

export interface NamedOperation { method: string, path: string, operation: Operation }

export async function documentOf (app: FastifyInstance): Promise<Document> {
  return (await app.inject('/openapi.json')).json<Document>()
}

/** Every operation; references of its responses are followed. */
export function operationsOf (document: Document): NamedOperation[] {
  const responsesOf = (operation: Operation): Record<string, Response> =>
    Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [status, responseOf(document, response)])
    )
  return Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) =>
    ({ method: method.toUpperCase(), path, operation: { ...operation, responses: responsesOf(operation) } })))
}

function responseOf (document: Document, response: Response & { $ref?: string }): Response {
  if (response.$ref === undefined) return response
  const target = document.components.responses[response.$ref.replace('#/components/responses/', '')]
  if (target === undefined) throw new Error(`${response.$ref} leads nowhere`)
  return target
}

/** Follows a reference of the document; what is none is given back. */
export function follow (document: Document, schema: Json): Json {
  const reference = schema['$ref']
  if (typeof reference !== 'string') return schema
  const target = document.components.schemas[reference.replace('#/components/schemas/', '')]
  if (target === undefined) throw new Error(`${reference} leads nowhere`)
  return target
}
