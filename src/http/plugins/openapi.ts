import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { TSchema } from 'typebox'
import { PROBLEM_TYPE } from '../../errors/problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The body as the OpenAPI document shows it. It is not in `schema.body`, because Fastify would then validate the
     * body and refuse every multipart upload.
     */
    documentedBody?: { description: string, content: Readonly<Record<string, object>> } | null
    /** Headers that stand only in the OpenAPI document, as a schema. */
    documentedHeaders?: object
  }
}

export interface OpenApiOptions { publicUrl: string | null, version: string, resources: readonly TSchema[] }

const DESCRIPTION = `A simpler, safer front for CloudBlue Connect's Usage API: usage files from draft to closed, and the
closing of their records, in JSON and camelCase, with exact decimals and one form of error.

Amounts and quantities are strings, digit for digit as Connect sent them. Errors are RFC 9457 problem details with a
stable \`code\`. Every operation but those of the service itself needs a credential with the scope its description ends
with: 401 without the one, 403 without the other. Every answer carries \`X-Request-Id\`, yours if it has 8 to 64
letters, digits, \`-\` or \`_\`; name it when you report a problem.`

const TAGS = [
  {
    name: 'Usage files',
    description: 'A usage report: its header, its workbook and its way from draft to closed.'
  },
  { name: 'Usage records', description: 'The rows of usage files, and their closing.' },
  {
    name: 'Usage chunks',
    description: 'The parts of accepted usage files, one a hub: to be imported, billed and closed.'
  },
  { name: 'Reconciliations', description: 'Workbooks that bring billing ids back and so close records.' },
  { name: 'Usage aggregates', description: 'Running totals of items under subscriptions.' },
  {
    name: 'Products',
    description:
      'What belongs to a product: the workbook to report its usage in, and the rules that decide on it.'
  },
  { name: 'Service', description: 'The state of this service itself.' }
]

const SECURITY_SCHEMES = {
  partnerKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description:
      'The key of a partner system. In the sandbox: `sandbox-vendor` or `sandbox-provider`. Send this or a ' +
      'token, not both.'
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of the identity provider that this service is configured with, for portals: it names an ' +
      'account of the service and grants scopes. Without such a configuration, as in the sandbox, no token ' +
      'is taken.'
  }
} as const

/** The Content-Security-Policy of /docs. The policy of the package allows other hosts and turns http into https. */
const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'self'",
  'font-src': "'self' data:",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src': "'self'",
  'script-src-attr': "'none'",
  'style-src': "'self'"
}

interface Operation {
  parameters?: { required?: boolean, description?: string, example?: unknown }[]
  responses?: Record<string, object>
  requestBody?: { required?: boolean, content?: Record<string, { schema?: { type?: string | readonly string[] } }> }
}
interface Document {
  paths?: Record<string, Record<string, Operation>>
  components?: { responses?: Record<string, object> }
}

/** Marks bodies that may be null as optional. @fastify/swagger marks every body as required. */
function freeBodies<D extends object> (document: D): D {
  for (const { requestBody } of Object.values((document as Document).paths ?? {}).flatMap(path =>
    Object.values(path)
  )) {
    const schemas = Object.values(requestBody?.content ?? {}).map(media => media.schema?.type)
    if (requestBody !== undefined && schemas.some(type => type?.includes('null') === true)) requestBody.required = false
  }
  return document
}

/**
 * Moves the examples of optional parameters into their descriptions. Swagger UI sends an example as a value: it would
 * filter lists without being asked, and send the same Idempotency-Key each time.
 */
function freeParameters<D extends object> (document: D): D {
  for (const { parameters = [] } of Object.values((document as Document).paths ?? {}).flatMap(path =>
    Object.values(path)
  )) {
    for (const parameter of parameters) {
      if (parameter.required === true || parameter.example === undefined) continue
      parameter.description = `${parameter.description ?? ''} For example \`${[parameter.example].flat().join(',')}\`.`
      delete parameter.example
    }
  }
  return document
}

/** Moves each problem response into a component, because nearly every operation has the same ones. */
function shareProblems<D extends object> (document: D): D {
  const { paths = {}, components = {} } = document as Document
  const names = new Map<string, string>()
  for (const operation of Object.values(paths).flatMap(path => Object.values(path))) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const text = JSON.stringify(response)
      if (!text.includes(PROBLEM_TYPE)) continue
      const variants = [...names.values()].filter(name => name.startsWith(`Problem${status}`)).length
      const name = names.get(text) ?? `Problem${status}${variants === 0 ? '' : `-${variants + 1}`}`
      names.set(text, name)
      components.responses = { ...components.responses, [name]: response }
      operation.responses = { ...operation.responses, [status]: { $ref: `#/components/responses/${name}` } }
    }
  }
  return document
}

/** Makes one OpenAPI 3.1 document of all routes. Serves it as JSON and YAML, and Swagger UI at /docs. */
export const openapi = fp(async (app, options: OpenApiOptions) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'connect-usage-bff',
        version: options.version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      servers: [{ url: options.publicUrl ?? '/', description: 'This service' }],
      tags: TAGS,
      components: {
        securitySchemes: SECURITY_SCHEMES
      }
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${i}`
    },
    transform: ({ schema, url, route }) => {
      const { documentedBody: body, documentedHeaders: headers } =
        (route as { config?: FastifyContextConfig }).config ?? {}
      return {
        schema: { ...schema, ...(body !== undefined && { body }), ...(headers !== undefined && { headers }) },
        url
      }
    },
    transformObject: documents =>
      'openapiObject' in documents
        ? shareProblems(freeParameters(freeBodies(documents.openapiObject)))
        : documents.swaggerObject
  })
  for (const resource of options.resources) app.addSchema(resource)
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // BaseLayout has no top bar. The logo in the top bar has an inline style that PAGE_POLICY blocks.
    uiConfig: {
      layout: 'BaseLayout',
      deepLinking: true,
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: false
    },
    staticCSP: PAGE_POLICY
  })
  serveDocuments(app)
}, { name: 'openapi' })

/** Serves both documents. Each is made at the first request for it, and then kept. */
function serveDocuments (app: FastifyInstance): void {
  let json: string | undefined
  let yaml: string | undefined
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    json ??= JSON.stringify(app.swagger(), null, 2)
    return await reply.type('application/json; charset=utf-8').send(json)
  })
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    // Loaded here and not at the start, because the package has 72 modules.
    const { stringify } = await import('yaml')
    yaml ??= stringify(app.swagger(), { aliasDuplicateObjects: false })
    return await reply.type('application/yaml; charset=utf-8').send(yaml)
  })
}
