import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { makeApp } from '../helper.ts'

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

t.test('PUBLIC_URL changes only the servers of the document', async (t) => {
  const { app } = await makeApp(t, { env: { PUBLIC_URL: 'https://usage.example.com' } })
  const served = (await app.inject('/openapi.json')).json<Document>()
  const expected = JSON.parse(committed('openapi.json')) as Document
  t.match(served.servers, [{ url: 'https://usage.example.com' }])
  t.same({ ...served, servers: null }, { ...expected, servers: null })
})
