import t from 'tap'
import { makeApp } from '../helper.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

t.test('a browser at / goes to the console, or without the console to Swagger UI', async (t) => {
  const { app } = await makeApp(t)
  const { app: withoutConsole } = await makeApp(t, { env: { CONSOLE_ENABLED: 'false' } })
  t.equal((await withoutConsole.inject({ url: '/', headers: BROWSER })).headers.location, '/docs')
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await app.inject({ method, url: '/', headers: BROWSER })
    t.equal(answer.statusCode, 302, method)
    t.equal(answer.headers.location, '/console')
    t.match(answer.headers['content-security-policy'], /default-src 'none'/)
    t.equal(answer.headers['cache-control'], 'no-store')
  }
  const page = await app.inject({ url: '/console', headers: BROWSER })
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
})

t.test('any other client at / gets the problem of an unknown path', async (t) => {
  const { app } = await makeApp(t)
  for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }]) {
    const answer = await app.inject({ url: '/', headers })
    t.equal(answer.statusCode, 404)
    t.match(answer.headers['content-type'], 'application/problem+json')
    t.match(answer.json(), { code: 'NOT_FOUND', instance: '/' })
  }
  const post = await app.inject({ method: 'POST', url: '/', headers: BROWSER })
  t.equal(post.statusCode, 405)
  t.match(post.json(), { code: 'METHOD_NOT_ALLOWED' })
})

t.test('/ is not in the OpenAPI document', async (t) => {
  const { app } = await makeApp(t)
  t.notOk('/' in (await app.inject('/openapi.json')).json<{ paths: object }>().paths)
})
