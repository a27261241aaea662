import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { makeApp } from '../helper.ts'
import type { Document as Served } from './document.ts'

interface Document { openapi: string, info: { version: string }, servers: unknown }

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const committed = (name: string): string => readFileSync(`openapi/${name}`, 'utf8')

t.test('the committed document equals the document that the service serves', async (t) => {
  const { app } = await makeApp(t)
  for (const [name, type] of [['openapi.json', 'application/json'], ['openapi.yaml', 'application/yaml']] as const) {
    const { statusCode, headers, body } = await app.inject(`/${name}`)
    t.equal(statusCode, 200)
    t.match(headers['content-type'], type)
    t.ok(`${body.trimEnd()}\n` === committed(name), `openapi/${name} is up to date (npm run openapi)`)
  }
})

t.test('the JSON and the YAML document are the same', async (t) => {
  t.same(parse(committed('openapi.yaml')), JSON.parse(committed('openapi.json')))
})

t.test('the document is OpenAPI 3.1 and has the version of the service', async (t) => {
  const document = JSON.parse(committed('openapi.json')) as Document
  t.match(document.openapi, /^3\.1\.\d$/)
  t.equal(document.info.version, version)
  const { app } = await makeApp(t, { env: { npm_package_version: '9.9.9', APP_VERSION: '9.9.9' } })
  t.equal((await app.inject('/openapi.json')).json<Document>().info.version, version, 'whoever starts it')
})

t.test('every operation that tells of `Prefer: wait` has the header', async (t) => {
  const { paths } = JSON.parse(committed('openapi.json')) as Pick<Served, 'paths'>
  const operations = Object.values(paths).flatMap(path => Object.values(path))
  const waiting = operations.filter(({ description = '' }) => /`Prefer:\s+wait/.test(description))
  t.ok(waiting.length >= 7)
  for (const { operationId = '', parameters = [], responses } of waiting) {
    t.ok(parameters.some(one => one.in === 'header' && one.name === 'Prefer'), operationId)
    const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'))
    t.ok(answers.every(([, { headers = {} }]) => 'Preference-Applied' in headers), operationId)
  }
})

t.test('PUBLIC_URL changes only the servers of the document', async (t) => {
  const { app } = await makeApp(t, { env: { PUBLIC_URL: 'https://usage.example.com' } })
  const served = (await app.inject('/openapi.json')).json<Document>()
  const expected = JSON.parse(committed('openapi.json')) as Document
  t.match(served.servers, [{ url: 'https://usage.example.com' }])
  t.same({ ...served, servers: null }, { ...expected, servers: null })
})
