import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import t from 'tap'
import { createUsageClient, UsageApiError } from '../../clients/typescript/src/index.ts'
import { draft as header } from './report.ts'
import { PROVIDER_KEY, startBoth, startUpstream, until, VENDOR_KEY } from '../helper.ts'
import { startProxy } from './proxy.ts'

const thrownBy = async (work: () => Promise<unknown>): Promise<UsageApiError> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof UsageApiError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

t.test('the client on a bad line', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const created = (): number => sandbox.ledger.entries
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/usage/files')).length

  await t.test('a write is repeated with the same key, and Connect sees it once', async (t) => {
    const proxy = await startProxy(t, origin)
    const vendor = createUsageClient({ baseUrl: `${proxy.baseUrl}/`, credential: { key: VENDOR_KEY } })
    const before = created()
    proxy.steps.push('drop', 'lose', { status: 503, headers: { 'retry-after': '1' } })
    const { data, response } = await vendor.POST('/v1/usage-files', { body: header })
    t.match(data, { status: 'draft', name: header.name })
    t.equal(response.headers.get('idempotency-replayed'), 'true')
    t.equal(proxy.seen.length, 4)
    t.equal(new Set(proxy.seen.map(({ headers }) => headers['idempotency-key'])).size, 1)
    t.equal(created() - before, 1, 'Connect has one file')

    await vendor.DELETE('/v1/usage-files/{fileId}', { params: { path: { fileId: data.id } } })
    t.not(proxy.seen[4]?.headers['idempotency-key'], proxy.seen[0]?.headers['idempotency-key'])
  })

  await t.test('a write whose first send is still under way is waited for', async (t) => {
    const proxy = await startProxy(t, origin)
    const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
    const before = created()
    proxy.steps.push('leave')
    sandbox.faults.add({ match: { method: 'POST', path: '/usage/files$' }, fault: { type: 'delay', ms: 1000 } })
    const { response } = await vendor.POST('/v1/usage-files', { body: header })
    sandbox.faults.clear()
    t.equal(response.headers.get('idempotency-replayed'), 'true')
    t.ok(proxy.seen.length > 2, 'it was refused with 409 in between')
    t.equal(created() - before, 1, 'Connect has one file')
  })

  await t.test('a key of the caller is used', async (t) => {
    const proxy = await startProxy(t, origin)
    const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
    const first = await vendor.POST('/v1/usage-files', { body: header, idempotencyKey: 'mine' })
    const second = await vendor.POST('/v1/usage-files', { body: header, idempotencyKey: 'mine' })
    t.equal(second.data.id, first.data.id)
    t.same(proxy.seen.map(({ headers }) => headers['idempotency-key']), ['mine', 'mine'])
  })

  await t.test('a refusal is one error with all that the service tells, and is not repeated', async (t) => {
    const proxy = await startProxy(t, origin)
    const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY } })
    const error = await thrownBy(async () => await vendor.POST('/v1/usage-files', { body: { ...header, name: ' ' } }))
    t.match(error, { name: 'UsageApiError', code: 'VALIDATION_FAILED', status: 400, requestId: /.+/, cause: undefined })
    t.match(error.errors, [{ path: 'body.name' }])
    t.match(error.problem, { instance: '/v1/usage-files', type: 'urn:connect-usage-bff:problem:validation-failed' })
    t.equal(error.message, `VALIDATION_FAILED: ${error.detail}`)
    const missing = await thrownBy(async () => await vendor.GET('/v1/usage-files/{fileId}', {
      params: { path: { fileId: 'UF-2026-11-0000-0000' } }
    }))
    t.match(missing, { code: 'NOT_FOUND', status: 404 })
    t.equal(proxy.seen.length, 2)
  })

  await t.test('what is no answer of the service is an error, too, when retryMs is over', async (t) => {
    const proxy = await startProxy(t, origin)
    const vendor = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: VENDOR_KEY }, retryMs: 1 })
    proxy.steps.push({ status: 502, headers: { 'x-request-id': 'of-a-proxy' } }, 'drop', { status: 404 })
    t.match(await thrownBy(async () => await vendor.GET('/v1/me')), {
      code: 'ANSWER_INVALID', status: 502, requestId: 'of-a-proxy', problem: null
    })
    t.match(await thrownBy(async () => await vendor.GET('/v1/me')), {
      code: 'CONNECTION_FAILED', status: 0, requestId: null, cause: Error
    })
    t.match(await thrownBy(async () => await vendor.GET('/v1/me')), { code: 'ANSWER_INVALID', status: 404 })
    t.equal(proxy.seen.length, 3)
  })

  await t.test('a token is asked for before each request; its failure is the caller\'s own', async (t) => {
    const proxy = await startProxy(t, origin)
    let asked = 0
    const client = createUsageClient({
      baseUrl: proxy.baseUrl, credential: { token: async () => `token-${++asked}` }
    })
    proxy.steps.push('drop')
    t.match(await thrownBy(async () => await client.GET('/v1/me')), { code: 'UNAUTHENTICATED', status: 401 })
    t.same(proxy.seen.map(({ headers }) => headers.authorization), ['Bearer token-1', 'Bearer token-2'])
    const failing = createUsageClient({
      baseUrl: proxy.baseUrl, credential: { token: () => { throw new RangeError('signed out') } }
    })
    await t.rejects(failing.GET('/v1/me'), { name: 'RangeError', message: 'signed out' })
    t.equal(proxy.seen.length, 2)
  })

  for (const [what, afterMs] of [['a request', 0], ['the pause before its repetition', 200]] as const) {
    await t.test(`a signal ends ${what}`, async (t) => {
      const proxy = await startProxy(t, origin)
      const client = createUsageClient({ baseUrl: proxy.baseUrl, credential: { key: PROVIDER_KEY } })
      proxy.steps.push({ status: 503, headers: { 'retry-after': '20' } })
      const reason = new Error('left the page')
      const controller = new AbortController()
      const { signal } = controller
      const call = client.GET('/v1/usage-files', { params: { query: { status: ['ready'] } }, signal })
      await until(() => proxy.seen.length > 0, 'the request')
      setTimeout(() => { controller.abort(reason) }, afterMs)
      await t.rejects(call, reason)
      await t.rejects(client.GET('/v1/me', { signal }), reason)
      t.same(proxy.seen.map(({ path }) => path), ['/v1/usage-files?status=ready'])
    })
  }
})

t.test('what cannot be sent is told at once, and no credential in the error', async (t) => {
  const credential = { key: 'secret\nkey' }
  t.throws(() => createUsageClient({ baseUrl: 'usage.example.com', credential }), TypeError)
  const client = createUsageClient({ baseUrl: 'http://127.0.0.1:9', credential })
  const error = await client.GET('/v1/me').then(() => null, (error: unknown) => error)
  t.ok(error instanceof TypeError)
  t.notMatch(inspect(error, { depth: 5 }), /secret/)
  const table = 'record_id\n' as unknown as Blob
  const params = { path: { fileId: 'UF-2026-11-0000-0001' } }
  await t.rejects(client.upload('/v1/usage-files/{fileId}/upload', table, { params }), {
    name: 'TypeError', message: /Blob/
  })
})

t.test('a download comes as it is asked for; one that is no JSON is told', async (t) => {
  const { origin } = await startBoth(t)
  const client = createUsageClient({ baseUrl: origin, credential: { key: VENDOR_KEY } })
  const params = { path: { productId: header.productId } }
  const { data } = await client.GET('/v1/products/{productId}/usage-template', { params, parseAs: 'blob' })
  t.same([...new Uint8Array(await data.slice(0, 2).arrayBuffer())], [0x50, 0x4b])
  t.match(await thrownBy(async () => await client.GET('/v1/products/{productId}/usage-template', { params })), {
    code: 'ANSWER_INVALID'
  })
})

t.test('the error of an answer that cannot be read has the status and the request id of the answer', async (t) => {
  let answer: (response: ServerResponse) => void
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume().once('end', () => { answer(response) })
  })
  const client = createUsageClient({ baseUrl, credential: { key: VENDOR_KEY }, retryMs: 0 })
  const params = { path: { fileId: 'UF-2026-11-0000-0001' } }
  const calls: Array<[string, () => Promise<unknown>]> = [
    ['POST', async () => await client.POST('/v1/usage-files', { body: header })],
    ['upload', async () => await client.upload('/v1/usage-files/{fileId}/upload', [{ record_id: 'r' }], { params })],
    ['publish', async () => await client.publish('october', { report: header, table: [{ record_id: 'r' }] })],
    ['list', async () => await client.list('/v1/usage-files').next()],
    ['rows', async () => await client.rows('/v1/usage-files').next()],
    ['closeRecords', async () => await client.closeRecords([{ id: 'UR-1', externalBillingId: 'INV-1' }]).next()],
    ['events', async () => await client.events().next()]
  ]
  for (const [name, call] of calls) {
    const body = name === 'events' ? 'event: usage-file\ndata: <html>\n\n' : '<html>\n'
    answer = response => { response.writeHead(201, { 'x-request-id': 'id-1' }).end(body) }
    t.match(await thrownBy(call), { code: 'ANSWER_INVALID', status: 201, requestId: 'id-1', cause: SyntaxError }, name)
    if (name === 'events') continue
    answer = response => {
      response.writeHead(201, { 'x-request-id': 'id-2', 'content-length': 100 })
      response.write('{"id":', () => { response.destroy() })
    }
    t.match(await thrownBy(call), { code: 'CONNECTION_FAILED', status: 0, requestId: 'id-2' }, name)
  }
})
