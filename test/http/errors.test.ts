import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { asVendor, makeApp, startApp, until, VENDOR_KEY } from '../helper.ts'
import { documentOf } from '../contract/document.ts'
import { connectFile } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { UnquotableValueError } from '../../src/connect/errors.ts'
import { toAppError } from '../../src/http/to-app-error.ts'
import { garbage } from '../usage/failures.ts'
import { connectTo, type WireAnswer, type WireClient } from '../uploads/wire.ts'

const ID = 'UF-2026-11-0000-0001'

async function ask (
  t: Test,
  port: number,
  request: string | Buffer
): Promise<{ answer: WireAnswer; client: WireClient }> {
  const client = await connectTo(t, port)
  await client.send(request)
  return { answer: await client.answer(), client }
}

function isProblem (t: Test, answer: WireAnswer, status: number, code: string, what: string): void {
  t.match(
    answer,
    {
      status,
      headers: { 'content-type': /^application\/problem\+json/, 'x-request-id': /^[\w-]{8,64}$/ },
      json: { status, code, type: /^urn:connect-usage-bff:problem:[a-z-]+$/ }
    },
    what
  )
  t.equal(answer.json['requestId'], answer.headers['x-request-id'], what)
}

t.test('a request that the router cannot read gets a problem', async (t) => {
  const { port } = await startApp(t)
  for (const [path, status, code] of [
    ['/v1/usage-files/%zz', 400, 'VALIDATION_FAILED'],
    ['/v1/usage-files/%c3%28?x=1', 400, 'VALIDATION_FAILED'],
    [`/v1/usage-files/${'a'.repeat(300)}`, 400, 'VALIDATION_FAILED'],
    ['/v1/usage-files?name=%ff', 400, 'VALIDATION_FAILED'],
    ['/v1/usage-files?name=50%', 400, 'VALIDATION_FAILED'],
    ['/v1/usage-chunks?limit=1&fileId=UF-1%e0%a4', 400, 'VALIDATION_FAILED'],
    ['/v1/usage-files?%ff=1', 400, 'VALIDATION_FAILED'],
    ['/nowhere', 404, 'NOT_FOUND'],
    ['/v1/nowhere', 404, 'NOT_FOUND'],
    ['//v1/usage-files', 404, 'NOT_FOUND']
  ] as const) {
    const { answer } = await ask(t, port, `GET ${path} HTTP/1.1\r\nhost: bff\r\nx-request-id: given-id-01\r\n\r\n`)
    isProblem(t, answer, status, code, path.slice(0, 40))
    t.equal(answer.headers['x-request-id'], 'given-id-01')
    t.notMatch(String(answer.json['instance']), /\?/)
  }
})

t.test('a request that Node.js cannot parse gets a problem, and the connection ends', async (t) => {
  const { port, logs } = await startApp(t)
  const post = `POST /v1/usage-files HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n` +
    'content-type: application/json\r\n'
  for (const [what, request, status, code] of [
    ['no HTTP', 'hello\r\n\r\n', 400, 'MALFORMED_BODY'],
    ['a bad method', 'G{T / HTTP/1.1\r\nhost: a\r\n\r\n', 400, 'MALFORMED_BODY'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nhost a\r\n\r\n', 400, 'MALFORMED_BODY'],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'a coding and a length',
      `${post}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`,
      400,
      'MALFORMED_BODY'
    ],
    ['two lengths', `${post}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`, 400, 'MALFORMED_BODY'],
    ['a length that is none', `${post}content-length: 5x\r\n\r\nhello`, 400, 'MALFORMED_BODY'],
    ['a bad chunk size', `${post}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400, 'MALFORMED_BODY'],
    [
      'a chunk with a bare line feed',
      `${post}transfer-encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
      400,
      'MALFORMED_BODY'
    ],
    ['a coding that is not known', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`, 400, 'MALFORMED_BODY']
  ] as const) {
    const { answer, client } = await ask(t, port, request)
    isProblem(t, answer, status, code, what)
    t.equal(answer.headers['connection'], 'close', what)
    await until(client.isClosed, `${what}: the end of the connection`)
  }
  t.same(logs.filter(({ level }) => level === 'error'), [])
})

t.test('a bad second request on a connection gets its answer, and the first one is not changed', async (t) => {
  const { port, app } = await startApp(t)
  const sockets: Socket[] = []
  app.server.on('connection', (socket: Socket) => { sockets.push(socket) })
  for (const [name, text, status, code] of [
    ['garbage', 'garbage\r\n\r\n', 400, 'MALFORMED_BODY'],
    [
      'too large headers',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE'
    ]
  ] as const) {
    const caller = await connectTo(t, port)
    await caller.sendHead({ method: 'GET', path: '/health/live', key: null })
    t.match(await caller.answer(), { status: 200 }, name)
    caller.socket.write(text)
    t.match(await caller.answer(), { status, json: { code } }, name)
    await until(caller.isClosed, 'the end of the connection')
  }
  // The timer of a second request that never ends fires with a connection in the same state.
  const caller = await connectTo(t, port)
  await caller.sendHead({ method: 'GET', path: '/health/live', key: null })
  t.match(await caller.answer(), { status: 200 })
  caller.socket.write('GET /health/live HT')
  const socket = sockets.find(({ remotePort }) => remotePort === caller.socket.localPort)
  app.server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  t.match(await caller.answer(), { status: 408, json: { code: 'REQUEST_TIMEOUT' } })
})

t.test('a running request keeps its answer, whatever follows on the connection', async (t) => {
  let finish: (file: object) => void = () => {}
  const submit = async (): Promise<object> => await new Promise((resolve) => { finish = resolve })
  const { connect, calls } = fakeConnect({ usageFiles: { submit, get: async () => connectFile('pending') } })
  const { port, logs } = await startApp(t, { connect })
  for (const [name, text] of [
    ['a body that its length denies', '{}'],
    ['too large headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`]
  ] as const) {
    const client = await connectTo(t, port)
    calls.length = 0
    await client.sendHead({ path: `/v1/usage-files/${ID}/submit`, headers: { 'content-length': '0' } })
    await until(() => calls.length === 1, 'the call to Connect')
    await client.send(text)
    await client.send(text)
    finish(connectFile('pending'))
    t.match(await client.answer(), { status: 200, headers: { connection: 'close' }, json: { status: 'pending' } }, name)
    await until(client.isClosed, `${name}: the end of the connection`)
  }
  t.same(logs.filter(({ msg }) => msg === 'unreadable request'), [], 'and nobody else was answered')
})

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

t.test('an unknown method is refused over a real socket', async (t) => {
  const { port, app } = await startApp(t)
  for (const [line, status, code, allow] of [
    ['TRACE /health/live', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['TRACE /nowhere', 404, 'NOT_FOUND', undefined],
    ['PROPFIND /v1/usage-files', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST'],
    ['QUERY /v1/usage-files', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST'],
    ['OPTIONS /v1/usage-files', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST'],
    ['PUT http://bff/v1/usage-files?x=1', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, POST'],
    ['OPTIONS *', 404, 'NOT_FOUND', undefined],
    ['GET /v1/usage-records/close', 405, 'METHOD_NOT_ALLOWED', 'POST'],
    ['PATCH /v1/usage-records/close?x=1', 405, 'METHOD_NOT_ALLOWED', 'POST'],
    ['PATCH /v1/usage-files/summary', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['DELETE /v1/usage-files/summary', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['PUT /v1/usage-files/summary', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['CONNECT bff:443', 405, 'METHOD_NOT_ALLOWED', ''],
    ['FROBNICATE /v1/usage-files', 400, 'MALFORMED_BODY', undefined],
    ['PRI *', 400, 'MALFORMED_BODY', undefined]
  ] as const) {
    const { answer } = await ask(t, port, `${line} HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`)
    isProblem(t, answer, status, code, line)
    t.equal(answer.headers['allow'], allow, line)
    t.notOk(answer.text.includes(VENDOR_KEY), `${line}: nothing is echoed`)
  }
  const { client } = await ask(t, port, 'CONNECT bff:443 HTTP/1.1\r\nhost: bff\r\n\r\n')
  await until(client.isClosed, 'the end of the tunnel that is none')
  client.socket.destroy()
  t.equal(app.server.listening, true)
})

t.test('errors that Node.js answers itself are problems, too', async (t) => {
  const { port } = await startApp(t)
  const live = 'GET /health/live HTTP/1.1\r\n'
  isProblem(t, (await ask(t, port, `${live}\r\n`)).answer, 400, 'MALFORMED_BODY', 'no Host')
  isProblem(t, (await ask(t, port, `${live}Host: a\r\nhost: b\r\n\r\n`)).answer, 400, 'MALFORMED_BODY', 'two')
  isProblem(
    t,
    (
      await ask(
        t,
        port,
        `${live}Host: a\r\nAuthorization: Bearer one\r\nAuthorization: ApiKey SU-100-200-300:two\r\n\r\n`
      )
    ).answer,
    400,
    'MALFORMED_BODY',
    'two credentials'
  )
  isProblem(
    t,
    (await ask(t, port, `${live}host: a\r\n${'x: y\r\n'.repeat(100)}\r\n`)).answer,
    431,
    'HEADERS_TOO_LARGE',
    '101 headers'
  )
  t.match((await ask(t, port, `${live}host: a\r\n${'x: y\r\n'.repeat(99)}\r\n`)).answer, { status: 200 }, 'a hundred')
  t.match((await ask(t, port, 'GET /health/live HTTP/1.0\r\n\r\n')).answer, { status: 200 }, 'HTTP/1.0 has no Host')
  t.match(
    (await ask(t, port, `${live}host: a\r\nexpect: a-miracle\r\n\r\n`)).answer,
    { status: 200 },
    'an expectation that is ignored'
  )
  t.match(
    (await ask(t, port, `${live}host: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`)).answer,
    { status: 200 },
    'an upgrade that is not taken up'
  )
})

t.test('the body of a request to an unknown path is not read', async (t) => {
  const { port } = await startApp(t)
  for (const [line, status, code] of [
    ['POST /nowhere', 404, 'NOT_FOUND'],
    ['PUT /v1/usage-files', 405, 'METHOD_NOT_ALLOWED']
  ] as const) {
    for (const type of ['application/json', 'text/csv', 'multipart/form-data']) {
      const { answer } = await ask(
        t,
        port,
        `${line} HTTP/1.1\r\nhost: bff\r\ncontent-type: ${type}\r\ncontent-length: 1000000\r\n\r\n{`
      )
      isProblem(t, answer, status, code, `${line} ${type}`)
      t.equal(answer.headers['connection'], 'close')
    }
  }
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
