import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { TSchema } from 'typebox'
import { finishDocument } from '../openapi-document.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The body in the OpenAPI document. It is not in `schema.body`, because Fastify would then validate the body and
     * refuse every multipart upload. With an object the operation takes only the media types in it. Null: the document
     * shows no body, but the operation takes JSON that `schema.body` allows, such as `{}`. Absent: the document shows
     * `schema.body`.
     */
    documentedBody?: { description: string, content: Readonly<Record<string, object>> } | null
    /** The request headers that stand only in the OpenAPI document, as a schema. */
    documentedHeaders?: object
  }
}

export interface OpenApiOptions {
  publicUrl: string | null
  version: string
  resources: readonly TSchema[]
  /** By `operationId`: the example of the last parameter of the path. */
  pathExamples: Readonly<Record<string, string>>
}

const DESCRIPTION = `A simpler, safer interface to the Usage API of CloudBlue Connect: usage files from draft to closed,
and the closing of their records, in JSON and camelCase, with exact decimals and one form of error.

Amounts and quantities are strings, digit for digit as Connect sent them. Errors are RFC 9457 problem details with a
stable \`code\`. Every operation but those of the service itself needs a credential with the scope that its description
ends with: 401 without a credential, 403 without the scope. HEAD is possible wherever GET is. Every answer carries
\`X-Request-Id\`, yours if it has 8 to 64 letters, digits, \`-\` or \`_\`; name it when you report a problem.

This document as a file: [/openapi.json](/openapi.json), [/openapi.yaml](/openapi.yaml). The file also names the headers
of each answer.`

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
  {
    name: 'Catalogue',
    description: 'What a caller chooses from: products and their items, contracts, and subscriptions.'
  },
  { name: 'Events', description: 'The changes of usage files, chunks and reconciliations as they happen.' },
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
      'A token of the identity provider that this service is configured with, for portals. The token names an ' +
      'account of the service and grants scopes. Without an identity provider, every token is refused. ' +
      '`npm run sandbox` prints a token for each role.'
  },
  connectWebhook: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'For Connect itself: a token (HS256) that is signed with the `webhookSecret` of the account.'
  }
} as const

/** The Content-Security-Policy of `/docs`. That of @fastify/swagger-ui allows other hosts and turns http into https. */
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

/**
 * Without this plugin Swagger UI shows an XML example for a workbook, because the name of the type has `xml` in it. The
 * browser gets the text of the function.
 */
const plainExamples = () => ({
  fn: {
    jsonSchema202012: {
      getXmlSampleSchema: (_schema: unknown, _config: unknown, example: unknown) => example ?? ''
    }
  }
})

/** Hides the headers of answers and limits the height of examples, so that an operation fits on a screen. */
const SHORT_ANSWERS = `
.swagger-ui .responses-inner .headers-wrapper { display: none }
.swagger-ui .responses-inner .highlight-code > .microlight { max-height: 6em }
`

/** BaseLayout has no top bar: the logo there has an inline style, which PAGE_POLICY blocks. */
const UI = {
  layout: 'BaseLayout',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: false
} as const

export const openapi = fp(async (app, options: OpenApiOptions) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'connect-usage-bff',
        version: options.version,
        description: DESCRIPTION,
        contact: { name: 'The operators of this service' },
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
        ? finishDocument(documents.openapiObject, options.pathExamples)
        : documents.swaggerObject
  })
  for (const resource of options.resources) app.addSchema(resource)
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { ...UI, plugins: [plainExamples] },
    theme: { title: 'connect-usage-bff: API', css: [{ filename: 'short-answers.css', content: SHORT_ANSWERS }] },
    staticCSP: PAGE_POLICY
  })
  serveDocuments(app)
}, { name: 'openapi' })

function serveDocuments (app: FastifyInstance): void {
  let json: string | undefined
  let yaml: string | undefined
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    json ??= JSON.stringify(app.swagger(), null, 2)
    return await reply.type('application/json; charset=utf-8').send(json)
  })
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    // The package is loaded here and not at the start, because it has 72 modules.
    const { stringify } = await import('yaml')
    yaml ??= stringify(app.swagger(), { aliasDuplicateObjects: false })
    return await reply.type('application/yaml; charset=utf-8').send(yaml)
  })
}
