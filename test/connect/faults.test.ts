import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { ConnectError } from '../../src/connect/client.ts'
import { context, CREDENTIAL, failure, startClient, startUpstream } from './upstream.ts'
import { FAULTS } from './faults-table.ts'
import { bad, DEEP } from './faults-fixture.ts'

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
    // Of another account, which a 429 to the read does not hold.
    const credential = `${CREDENTIAL}-2`
    const writing = client.usageFiles.update('UF-1', { note: 'n' }, context({ credential }))
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

t.test('a header that comes twice is read as one text, also after a write', async (t) => {
  const answer = (status: number, body: string, ...headers: string[]): string => {
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`, ...headers]
    return `HTTP/1.1 ${status} X\r\n${lines.join('\r\n')}\r\n\r\n${body}`
  }
  let bytes = ''
  const upstream = await startUpstream(t, ({ socket }) => { socket.write(bytes) })
  const { usageFiles } = startClient(t, upstream.baseUrl, { limits: { maxRetries: 0 } })
  const close = async (): Promise<unknown> => await failure(usageFiles.close('UF-1', context()))
  bytes = answer(200, '[{"id":"UF-1"}]', 'Content-Range: items 0-0/1', 'Content-Range: items 0-0/7')
  t.match(await usageFiles.list({ limit: 10 }, context()), { items: [{ id: 'UF-1' }], isTotalGuessed: true })
  bytes = answer(200, '{"id":"UF-1"}', 'Content-Encoding: gzip', 'Content-Encoding: br')
  t.match(await close(), { kind: 'bad-payload', reason: 'encoding', sent: 'yes' })
  bytes = answer(503, '{}', 'Retry-After: 1', 'Retry-After: 2')
  t.match(await close(), { kind: 'response', status: 503, retryAfterSeconds: null })
})
