import { readFileSync } from 'node:fs'
import t from 'tap'
import { makeApp } from '../helper.ts'

/** The sum of all files that a browser loads. */
const MAX_BYTES = 124 * 1024
const FILES = {
  '/console': 'text/html; charset=utf-8',
  '/console/console.css': 'text/css; charset=utf-8',
  '/console/console.js': 'text/javascript; charset=utf-8',
  '/console/icon.svg': 'image/svg+xml'
}

t.test('each file of the console has its type, a policy without inline code, and an ETag', async (t) => {
  const { app } = await makeApp(t)
  let bytes = 0
  for (const [url, type] of Object.entries(FILES)) {
    const answer = await app.inject({ url })
    t.equal(answer.statusCode, 200, url)
    t.match(answer.headers, {
      'content-type': type,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      etag: /^W\/"[\w-]{43}"$/
    })
    const policy = String(answer.headers['content-security-policy'])
    t.match(policy, /default-src 'none'/)
    t.match(policy, /script-src 'self'(?:;|$)/)
    t.match(policy, /style-src 'self'(?:;|$)/)
    t.match(policy, /connect-src 'self'(?:;|$)/)
    t.notMatch(policy, /unsafe|\*|data:|https?:/)
    bytes += Buffer.byteLength(answer.body)

    const again = await app.inject({ url, headers: { 'if-none-match': String(answer.headers.etag) } })
    t.match(again, { statusCode: 304, body: '' })
    const head = await app.inject({ method: 'HEAD', url })
    t.match(head, { statusCode: 200, body: '' })
  }
  t.ok(bytes < MAX_BYTES, `${bytes} bytes`)
})

t.test('the page has no inline script or style, and no file of another host', async (t) => {
  const { app } = await makeApp(t)
  const { body: page } = await app.inject('/console')
  t.notMatch(page, /<style|style=|<script[^>]*>[^<]|\son\w+=/)
  const loaded = Array.from(page.matchAll(/(?:src|href)="([^"]+)"/g), ([, path]) => path ?? '')
  t.same(loaded.sort(), Object.keys(FILES).slice(1).sort())
  const { body: script } = await app.inject('/console/console.js')
  t.notOk(/\beval\(|new Function/.test(script), 'no text is run as code')
  // Names of XML that Preact gives to browsers; nothing is loaded from there.
  const others = [...new Set(script.match(/https?:\/\/[\w.-]+/g) ?? [])].filter(url => url !== 'http://www.w3.org')
  t.same(others, [])
  t.notOk(/localStorage|document\.cookie/.test(script), 'nothing is kept but in the tab')
})

t.test('/console/ leads to /console', async (t) => {
  const { app } = await makeApp(t)
  t.match(await app.inject('/console/'), { statusCode: 302, headers: { location: '/console' } })
})

t.test('CONSOLE_ENABLED=false turns the console off', async (t) => {
  const { app } = await makeApp(t, { env: { CONSOLE_ENABLED: 'false' } })
  for (const url of ['/console/', ...Object.keys(FILES)]) {
    t.match((await app.inject(url)).json(), { status: 404, code: 'NOT_FOUND' }, url)
  }
})

t.test('other files of the folder are not served', async (t) => {
  const { app } = await makeApp(t)
  for (const url of ['/console/index.html', '/console/../src/server.js', '/console/%2e%2e/src/server.js']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
  const { body } = await app.inject('/openapi.json')
  t.notOk(body.includes('/console'), 'the console is not in the document')
})

t.test('Preact does not ship as a package', async (t) => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object }
  t.notOk('preact' in dependencies)
})
