import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { Compile } from 'typebox/schema'
import type { TSchema } from 'typebox'
import t from 'tap'
import { PublishUsageReportBody } from '../../schemas/usage-report-input.ts'
import { makeApp } from '../helper.ts'
import type { Json } from './document.ts'

// The service compiles a schema at its first use. Without this test, a wrong one would fail the first request with 500.

const routes: RouteOptions[] = []
const watchRoutes = (message: unknown): void => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRoute', (route) => { routes.push(route) })
}
subscribe('fastify.initialization', watchRoutes)
const { app } = await makeApp(t)
unsubscribe('fastify.initialization', watchRoutes)

const PARTS = ['params', 'querystring', 'headers', 'body'] as const
const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null']

/** Gives what typebox compiles without an error and then takes everything or nothing, and formats. */
function faultsOf (value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { type, format, $ref } = value as Json
  const types = [type].flat().filter(one => typeof one === 'string')
  return [
    ...types.filter(one => !TYPES.includes(one)).map(one => `${path}: type ${one}`),
    ...typeof format === 'string' ? [`${path}: format ${format}`] : [],
    ...typeof $ref === 'string' ? [`${path}: $ref ${$ref}`] : [],
    ...Object.entries(value).flatMap(([name, part]) => faultsOf(part, `${path}.${name}`))
  ]
}

function compileErrorOf (schema: TSchema): string | null {
  try {
    const validator = Compile(schema)
    for (const value of [undefined, null, 'x', 1, [], {}]) if (!validator.Check(value)) validator.Errors(value)
    return null
  } catch (error) {
    return String(error)
  }
}

t.test('the check finds a schema that cannot be used', async (t) => {
  const schema = { type: 'object', properties: { a: { type: 'string', pattern: '(' } } }
  t.match(compileErrorOf(schema), /Invalid regular expression/)
  t.same(faultsOf({ type: 'object', properties: { a: { type: 'text' }, type: { type: ['null', 'set'] } } }, 'body'), [
    'body.properties.a: type text', 'body.properties.type: type set'
  ])
  t.same(faultsOf({ items: { $ref: 'A' }, format: 'day' }, 'body'), ['body: format day', 'body.items: $ref A'])
})

t.test('every schema of every route can be compiled', async (t) => {
  await app.ready()
  let schemas = 0
  for (const { method, url, schema = {} } of routes) {
    for (const part of PARTS) {
      const one = schema[part] as TSchema | undefined
      if (one === undefined) continue
      schemas += 1
      t.equal(compileErrorOf(one), null, `${String(method)} ${url} ${part}`)
      t.same(faultsOf(one, part), [], `${String(method)} ${url} ${part}`)
    }
  }
  t.ok(routes.length > 60, `${routes.length} routes`)
  t.ok(schemas > 100, `${schemas} schemas`)
  t.equal(compileErrorOf(PublishUsageReportBody), null, 'the field `report` of a form')
  t.same(faultsOf(PublishUsageReportBody, 'report'), [])
})
