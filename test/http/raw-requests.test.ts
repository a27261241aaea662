import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startApp, until, VENDOR_KEY } from '../helper.ts'
import { connectFile } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { connectTo, type WireAnswer } from '../uploads/wire.ts'
import { ask, ID } from './errors-fixture.ts'

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
