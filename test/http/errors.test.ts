import { Readable } from 'node:stream'
import t from 'tap'
import { asVendor, makeApp, startApp, VENDOR_KEY } from '../helper.ts'
import { documentOf } from '../contract/document.ts'
import { connectFile } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { UnquotableValueError } from '../../src/connect/errors.ts'
import { toAppError } from '../../src/http/to-app-error.ts'
import { garbage } from '../usage/failures.ts'
import { connectTo, type WireAnswer } from '../uploads/wire.ts'
import { ask, ID } from './errors-fixture.ts'

t.test('an empty id is 404, and Connect is not called', async (t) => {
  const { app } = await makeApp(t, { connect: { close: async () => {}, stats: () => ({}) } as never })
  for (const [method, url] of [
    ['GET', '/v1/usage-files/'],
    ['DELETE', '/v1/usage-files/'],
    ['PATCH', '/v1/usage-files/'],
    ['POST', '/v1/usage-files/'],
    ['PUT', '/v1/usage-files/'],
    ['GET', '/v1/usage-files/?limit=1'],
    ['POST', '/v1/usage-files//submit'],
    ['POST', '/v1/usage-files//upload'],
    ['POST', '/v1/usage-records//close'],
    ['GET', '/v1/products//usage-rules'],
    ['DELETE', '/v1/products/PRD-113-628-780/usage-rules/'],
    ['GET', '/v1/assets//usage-aggregates'],
    ['GET', `/v1/usage-files/${ID}/`]
  ] as const) {
    for (const headers of [asVendor, {}]) {
      const answer = await app.inject({ method, url, headers })
      t.match(
        answer.json(),
        { status: 404, code: 'NOT_FOUND', detail: 'There is nothing at this address.' },
        `${method} ${url}`
      )
      t.equal(answer.headers['x-request-id'], answer.json<{ requestId: string }>().requestId)
    }
  }
  t.equal((await app.inject('/docs/')).statusCode, 200)
})

t.test('a wrong method is 405 with the allowed methods, at every address', async (t) => {
  const { app } = await makeApp(t)
  const { paths } = await documentOf(app)
  const templates: Record<string, object> = {
    ...paths,
    '/docs': { get: {} },
    '/docs/': { get: {} },
    '/openapi.json': { get: {} },
    '/openapi.yaml': { get: {} }
  }
  for (const [template, item] of Object.entries(templates)) {
    const url = template.replace(/\{\w+\}/g, 'X-1')
    // `close` and `summary` stand where others have an id, and are none.
    const allow = Object.keys(item)
      .flatMap(method => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
      .sort()
    for (const method of [
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY'
    ].filter(one => !allow.includes(one))) {
      const answer = await app.inject({ method: method as 'GET', url, headers: asVendor })
      const what = `${method} ${url}`
      t.equal(answer.statusCode, 405, what)
      t.same(String(answer.headers['allow']).split(', ').sort(), allow, what)
      if (method !== 'HEAD') t.match(answer.json(), { code: 'METHOD_NOT_ALLOWED' }, what)
    }
  }
  t.ok(Object.keys(templates).length > 35)
})

t.test('HEAD answers as GET without the body, and reads no workbook', async (t) => {
  const stream = new Readable({ read () { this.push(Buffer.alloc(64 * 1024)) } })
  const { connect } = fakeConnect({
    usageFiles: { get: () => connectFile('closed', { usage_file_uri: 'https://s/u' }) },
    storage: { fetch: () => ({ stream, contentType: null, contentLength: 5_000_000 }) }
  })
  const { port } = await startApp(t, { connect })
  const head = async (path: string): Promise<WireAnswer> => {
    const client = await connectTo(t, port)
    await client.sendHead({ method: 'HEAD', path })
    return await client.head()
  }
  const get = await ask(t, port, `GET /v1/usage-files/${ID} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`)
  const { status, headers } = await head(`/v1/usage-files/${ID}`)
  t.equal(status, 200)
  for (const name of ['content-type', 'content-length', 'etag']) t.equal(headers[name], get.answer.headers[name], name)
  t.match(await head(`/v1/usage-files/${ID}/files/uploaded`), {
    status: 200,
    headers: { 'content-length': '5000000', 'content-disposition': /attachment/ }
  })
  t.ok(stream.destroyed && stream.readableEnded === false)
  t.match(await head('/nowhere'), { status: 404, headers: { 'content-type': /^application\/problem\+json/ } })
})

t.test('an unknown path is 404, also with a body', async (t) => {
  const { app, logs } = await makeApp(t)
  for (const [method, url, status] of [
    ['PUT', '/v1/usage-files', 405],
    ['POST', '/v1/nowhere', 404],
    ['POST', '/v1/usage-files//submit', 404],
    ['QUERY', '/v1/usage-files', 405]
  ] as const) {
    for (const [payload, headers] of [
      ['{', { 'content-type': 'application/json' }],
      ['<', { 'content-type': 'text/xml' }],
      ['x', { 'content-encoding': 'gzip' }],
      ['x'.repeat(1_100_000), { 'content-type': 'application/json' }]
    ] as const) {
      const answer = await app.inject({ method: method as 'PUT', url, headers: { ...asVendor, ...headers }, payload })
      t.match(answer.json(), { status }, `${method} ${url} ${JSON.stringify(headers)}`)
      t.equal(answer.headers['allow'], status === 405 ? 'GET, HEAD, POST' : undefined)
    }
  }
  t.equal(logs.filter(({ msg }) => msg === 'request').length, 16, 'each has its line in the log')
})

t.test('a request id is returned only when it has the documented form', async (t) => {
  const { app } = await makeApp(t)
  const echo = async (given: string): Promise<unknown> =>
    (await app.inject({ url: '/health/live', headers: { 'x-request-id': given } })).headers['x-request-id']
  for (const good of ['abcdefgh', 'A-1_b'.repeat(8), 'x'.repeat(64)]) t.equal(await echo(good), good)
  for (const bad of [
    '',
    'short',
    'x'.repeat(65),
    'has space here',
    'semi;colon;',
    'a,b,c,d,e,f',
    '<script>alert',
    'ümläuteee',
    `ubff_${'k'.repeat(43)}_01234567`
  ]) {
    const id = await echo(bad)
    t.not(id, bad)
    t.match(id, /^[\w-]{36}$/)
  }
})

t.test('a body with a wrong type or coding is refused', async (t) => {
  const { app } = await makeApp(t)
  const period = { from: '2026-10-01', to: '2026-10-31' }
  const sound = { name: 'x', productId: 'PRD-000-000-000', contractId: 'CRD-00000-00000-00000', period }
  const send = async (
    payload: string,
    headers: Record<string, string> = {}
  ): Promise<{ statusCode: number; json: Record<string, unknown> }> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/usage-files',
      headers: { ...asVendor, 'content-type': 'application/json', ...headers },
      payload
    })
    return { statusCode: answer.statusCode, json: answer.json<Record<string, unknown>>() }
  }
  t.match(
    await send(JSON.stringify({ ...sound, nmae: 'typo' })),
    { statusCode: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: /nmae/ }] } },
    'an unknown field'
  )
  t.match(
    await send(JSON.stringify({ ...sound, name: 7 })),
    { statusCode: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: /name/ }] } },
    'a number is no string'
  )
  t.match(
    await send(JSON.stringify({ ...sound, name: ['x'] })),
    { statusCode: 400, json: { code: 'VALIDATION_FAILED' } },
    'nor is a list'
  )
  t.match(await send('{"name":'), { statusCode: 400, json: { code: 'MALFORMED_BODY' } }, 'half a document')
  t.match(await send('[]'), { statusCode: 400, json: { code: 'VALIDATION_FAILED' } })
  t.match(await send('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), {
    statusCode: 415,
    json: { code: 'UNSUPPORTED_MEDIA_TYPE' }
  })
  t.match(await send(JSON.stringify({ ...sound, note: 'n'.repeat(1024 * 1024) })), {
    statusCode: 413,
    json: { code: 'BODY_TOO_LARGE' }
  })
})

t.test('an unexpected error shows no details', async (t) => {
  const { app, logs } = await makeApp(t, {
    connect: fakeConnect({
      usageFiles: {
        get: async () => {
          throw new TypeError('secret-detail')
        }
      }
    }).connect
  })
  const answer = await app.inject({ url: `/v1/usage-files/${ID}`, headers: asVendor })
  t.match(answer.json(), { status: 500, code: 'INTERNAL' })
  t.notMatch(answer.payload, /secret-detail|TypeError|\.ts/)
  t.match(
    logs.filter(({ level }) => level === 'error'),
    [{ msg: 'request failed', err: { cause: { type: 'TypeError', message: 'secret-detail' } } }],
    'but the log has it'
  )
})

t.test('a value that Connect cannot find is told without the name of a field of Connect', (t) => {
  const target = { operation: 'usageFiles.list', method: 'GET' } as never
  const { code, message, options } = toAppError(new UnquotableValueError(target, 'external_id'))
  t.equal(code, 'VALIDATION_FAILED')
  t.notMatch(message, /external_id/)
  t.equal(options.errors, undefined)
  t.end()
})

t.test('a 4xx of a gateway is told as that of a gateway', (t) => {
  t.match(toAppError(garbage(404)), {
    code: 'UPSTREAM_INVALID', message: 'A gateway in front of Connect, and not Connect itself, answered 404.'
  })
  t.match(
    toAppError(garbage(413)),
    { code: 'UPSTREAM_INVALID', message: /answered 413\. The body is probably too large/ }
  )
  t.match(toAppError(garbage(302)), { message: 'Connect answered with something this service cannot use.' })
  t.end()
})
