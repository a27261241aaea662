import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { ConnectError } from '../../src/connect/client.ts'
import type { ConnectClientOptions } from '../../src/connect/client.ts'
import { context, failure, jsonAnswer, startClient, startUpstream } from './upstream.ts'
import type { Exchange } from './upstream.ts'

interface Fault {
  readonly name: string
  readonly script: (exchange: Exchange) => unknown
  readonly read: Record<string, unknown>
  /** Where it differs from what a read sees. */
  readonly write?: Record<string, unknown>
  /** Of the read. */
  readonly attempts?: number
  readonly options?: Partial<ConnectClientOptions>
}

const envelope = { error_code: 'VAL_001', errors: ['first', 'second'], params: null }
const html = '<html><body>nginx canary</body></html>'
const DEEP = `${'['.repeat(8000)}${']'.repeat(8000)}`
const longBody = `[${'{"id":"x"},'.repeat(40)}{}]`

const answered = (status: number, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'ConnectResponseError', kind: 'response', status, sent: 'yes', bodyComplete: true, errorCode: null, errors: [],
  retryAfterSeconds: null, ...extra
})
const bad = (reason: string, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'ConnectBadPayloadError', kind: 'bad-payload', reason, sent: 'yes', ...extra
})

const FAULTS: readonly Fault[] = [
  {
    name: 'reset before the answer',
    script: ({ socket }) => socket.resetAndDestroy(),
    read: { name: 'ConnectResetError', kind: 'reset', sent: 'maybe', status: null },
    attempts: 3
  },
  {
    name: 'a clean end instead of an answer',
    script: ({ socket }) => socket.end(),
    read: { kind: 'reset', sent: 'maybe', status: null },
    attempts: 3
  },
  {
    name: 'no headers in time',
    script: () => {},
    read: { name: 'ConnectTimeoutError', kind: 'timeout', phase: 'total', sent: 'maybe' },
    options: { timeoutMs: 60 }
  },
  {
    name: 'a body that drips',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 5)
      socket.on('close', () => clearInterval(drip))
    },
    read: { kind: 'timeout', phase: 'total', sent: 'yes', status: 200 },
    options: { timeoutMs: 100 }
  },
  {
    name: 'a body that drips for as long as it may',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 20)
      socket.on('close', () => clearInterval(drip))
    },
    read: { kind: 'timeout', phase: 'body', sent: 'yes', status: 200 },
    options: { limits: { rateCheckMs: 100 } }
  },
  {
    name: 'a page with status 200',
    script: ({ json }) => json(200, html, { 'content-type': 'text/html' }),
    read: bad('content-type', { status: 200 })
  },
  {
    name: 'no content type',
    script: ({ raw }) => raw('HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}'),
    read: bad('content-type')
  },
  { name: 'text that is not JSON', script: ({ json }) => json(200, '{"id": canary'), read: bad('json') },
  {
    name: 'values nested 8,000 deep',
    script: ({ json }) => json(200, `{"id":"UF-1","note":${DEEP}}`),
    read: bad('too-deep', { status: 200 })
  },
  { name: 'JSON of another shape', script: ({ json }) => json(200, '[1]'), read: bad('shape') },
  {
    name: 'a compressed body',
    script: ({ json }) => json(200, '{}', { 'content-encoding': 'gzip' }),
    read: bad('encoding')
  },
  {
    name: 'a body cut short of its length',
    script: ({ raw, socket }) => {
      raw(jsonAnswer(200, longBody).slice(0, -100))
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'a cut body on a connection that closes',
    script: ({ raw, socket }) => {
      raw(jsonAnswer(200, longBody, { connection: 'close' }).slice(0, -100))
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'chunks without the last',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n')
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'chunks without the last on a connection that closes',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nConnection: close\r\nContent-Type: application/json\r\n')
      raw('Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n')
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'a redirect',
    script: ({ json }) => json(302, '', { location: 'http://169.254.169.254/canary' }),
    read: bad('redirect', { status: 302 })
  },
  {
    name: 'headers of 40 KB',
    script: ({ json }) => json(200, '{}', { 'x-big': 'x'.repeat(40_000) }),
    read: bad('headers-too-large', { sent: 'maybe' })
  },
  {
    name: 'a huge body',
    script: ({ json }) => json(200, `"${'x'.repeat(300_000)}"`),
    read: bad('too-large', { status: 200 }),
    options: { limits: { maxJsonBytes: 100_000 } }
  },
  {
    name: 'something that is not HTTP',
    script: ({ raw }) => raw('SSH-2.0-canary\r\n\r\n'),
    read: bad('not-http', { sent: 'maybe' })
  },
  {
    name: 'no body where there has to be one',
    script: ({ raw }) => raw('HTTP/1.1 204 X\r\n\r\n'),
    read: bad('empty', { status: 204 }),
    write: {}
  },
  ...[400, 401, 403, 404, 408, 409, 421, 422, 425, 499, 500].flatMap((status): Fault[] => [
    {
      name: `${status} with an envelope`,
      script: ({ json }) => json(status, envelope),
      read: answered(status, { errorCode: 'VAL_001', errors: ['first', 'second'] })
    },
    {
      name: `${status} with a page`,
      script: ({ json }) => json(status, html, { 'content-type': 'text/html' }),
      read: status < 500 ? bad('no-envelope', { status }) : answered(status)
    },
    {
      name: `${status} with nothing`,
      script: ({ json }) => json(status, ''),
      read: status < 500 ? bad('no-envelope', { status }) : answered(status)
    }
  ]),
  {
    name: '404 in the words of the framework',
    script: ({ json }) => json(404, { detail: 'Not found.' }),
    read: answered(404, { errors: ['Not found.'] })
  },
  {
    name: '404 in the words of a gateway',
    script: ({ json }) => json(404, { message: 'no route matched' }),
    read: bad('no-envelope', { status: 404, errors: ['message: no route matched'] })
  },
  {
    name: '413 with a page',
    script: ({ json }) => json(413, html, { 'content-type': 'text/html' }),
    read: bad('no-envelope', { status: 413 })
  },
  {
    name: '500 with a null code and Python in it',
    script: ({ json }) => json(500, { error_code: null, errors: ["'NoneType' object is not iterable"] }),
    read: answered(500, { errors: ["'NoneType' object is not iterable"] })
  },
  {
    name: 'errors by field',
    script: ({ json }) => json(400, { error_code: 'VAL_001', errors: { name: ['Is required.'] } }),
    read: answered(400, { errorCode: 'VAL_001', errors: ['name: Is required.'] })
  },
  {
    name: 'a list of details',
    script: ({ json }) => json(400, { errors: [], detail: [{ note: 'Is long.' }] }),
    read: answered(400, { errors: ['note: Is long.'] })
  },
  {
    name: 'plain text, which any gateway may have sent',
    script: ({ json }) => json(409, 'The file is locked.', { 'content-type': 'text/plain' }),
    read: bad('no-envelope', { status: 409, errors: ['The file is locked.'] })
  },
  {
    name: 'a failure in plain text',
    script: ({ json }) => json(500, 'Out of memory', { 'content-type': 'text/plain; charset=utf-8' }),
    read: answered(500, { errors: ['Out of memory'] })
  },
  {
    name: 'an envelope of other types',
    script: ({ json }) => json(400, { error_code: { a: 1 }, errors: 'alone' }),
    read: answered(400, { errors: ['alone'] })
  },
  { name: 'a list for an envelope', script: ({ json }) => json(400, [1]), read: bad('no-envelope', { status: 400 }) },
  ...[502, 503, 504].map((status): Fault => ({
    name: String(status),
    script: ({ json }) => json(status, html, { 'content-type': 'text/html' }),
    read: answered(status),
    attempts: 3
  })),
  {
    name: '429 that asks for too long a wait',
    script: ({ json }) => json(429, envelope, { 'retry-after': '120' }),
    read: answered(429, { errorCode: 'VAL_001', errors: ['first', 'second'], retryAfterSeconds: 120 })
  },
  { name: '429 that does not say when', script: ({ json }) => json(429, ''), read: answered(429) }
]

for (const fault of FAULTS) {
  t.test(`${fault.name}: a read and a write each tell what happened`, async (t) => {
    const upstream = await startUpstream(t, fault.script)
    const client = startClient(t, upstream.baseUrl, fault.options)

    const reading = context()
    const error = await failure(client.usageFiles.get('UF-1', reading))
    t.ok(error instanceof ConnectError)
    t.match(error, { operation: 'usageFiles.get', method: 'GET', path: '/usage/files/UF-1', ...fault.read })
    t.notMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/)
    t.equal(upstream.exchanges.length, fault.attempts ?? 1, 'attempts')

    const before = upstream.exchanges.length
    const writing = client.usageFiles.update('UF-1', { note: 'n' }, context())
    if (fault.write === undefined) {
      t.match(await failure(writing), { operation: 'usageFiles.update', bodyComplete: true, ...fault.read })
    } else {
      await writing
    }
    t.equal(upstream.exchanges.length, before + 1, 'a write is sent once')

    await client.close()
    await upstream.allClosed()
    t.match(client.stats().jsonRead, { running: 0, pending: 0 })
    t.match(client.stats().jsonWrite, { running: 0, pending: 0 })
  })
}

t.test('values may be nested 32 deep, and no deeper', async (t) => {
  const kinds = [(value: unknown) => [value], (value: unknown) => ({ a: null, b: value })]
  const nested = (levels: number): unknown => {
    let value: unknown = 'deep'
    for (let level = 0; level < levels; level++) value = kinds[level % 2]?.(value)
    return value
  }
  const upstream = await startUpstream(t, ({ path, json }) => {
    if (path.endsWith('/close-records')) return json(206, `[{"error_details":${DEEP}}]`)
    return json(200, { id: 'UF-1', note: nested(path.endsWith('UF-1') ? 31 : 32) })
  })
  const client = startClient(t, upstream.baseUrl)
  t.same(await client.usageFiles.get('UF-1', context()), { id: 'UF-1', note: nested(31) })
  t.match(await failure(client.usageFiles.get('UF-2', context())), bad('too-deep'))
  const closing = client.usageRecords.bulkClose([{ id: 'UR-1' }], context())
  t.match(await failure(closing), bad('too-deep', { status: 206, bodyComplete: true }))
})

t.test('a port that refuses is unreachable, and nothing was sent', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const client = startClient(t, `http://127.0.0.1:${port}/x`)
  const calls = [client.usageFiles.get('UF-1', context()), client.usageFiles.submit('UF-1', context())]
  for (const error of await Promise.all(calls.map(failure))) {
    t.match(error, {
      name: 'ConnectUnreachableError', kind: 'unreachable', reason: 'refused', sent: 'no', code: 'ECONNREFUSED'
    })
  }
})

t.test('a name that does not exist fails at once, without a retry', async (t) => {
  const ctx = context()
  const error = await failure(startClient(t, 'http://connect.invalid/x').usageFiles.get('UF-1', ctx))
  t.match(error, { kind: 'unreachable', reason: 'dns', sent: 'no' })
  t.ok(ctx.seen.length <= (error['code'] === 'EAI_AGAIN' ? 3 : 1))
})

t.test('a server without TLS is unreachable, and the error names TLS', async (t) => {
  const upstream = await startUpstream(t, () => {})
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const error = await failure(startClient(t, `https://127.0.0.1:${port}`).usageFiles.submit('UF-1', context()))
  t.match(error, { kind: 'unreachable', reason: 'tls', sent: 'no' })
  t.equal(upstream.connections(), 0)
})

t.test('the signal of the caller ends a call and its socket', async (t) => {
  const upstream = await startUpstream(t, () => {})
  const client = startClient(t, upstream.baseUrl)
  const away = new AbortController()
  const call = failure(client.usageFiles.submit('UF-1', context({ signal: away.signal })))
  while (upstream.exchanges.length === 0) await turn()
  away.abort(new Error('canary'))
  t.match(await call, { name: 'ConnectAbortedError', kind: 'aborted', sent: 'maybe' })
  await upstream.allClosed()
  t.equal(upstream.connections(), 1, 'no connection is opened for nobody')

  const late = await failure(client.usageFiles.get('UF-1', context({ signal: away.signal })))
  t.match(late, { kind: 'aborted', sent: 'no' })
  t.equal(upstream.exchanges.length, 1, 'nothing is sent for a caller who has left')
})

t.test('close ends running calls, refuses new ones and leaves no socket', async (t) => {
  const upstream = await startUpstream(t, exchange => {
    if (exchange.method === 'GET') exchange.json(200, { id: 'UF-1' })
  })
  const client = startClient(t, upstream.baseUrl)
  await client.usageFiles.get('UF-1', context())
  t.ok(client.stats().jsonRead.connected > 0)
  const hanging = failure(client.usageFiles.submit('UF-1', context()))
  while (upstream.exchanges.length < 2) await turn()
  await client.close()
  t.match(await hanging, { kind: 'aborted', sent: 'maybe' })
  t.match(await failure(client.usageFiles.get('UF-1', context())), { kind: 'aborted', sent: 'no' })
  await upstream.allClosed()
  for (const pool of Object.values(client.stats())) t.same(pool, { connected: 0, running: 0, pending: 0 })
  await client.close()
})
