import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { garbage, overloaded, response, unreachable } from '../../usage/failures.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const url = `/v1/usage-files/${FILE_ID}`

t.test('the answer has the file and its ETag', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: { get: () => connectFile('ready', { usage_file_uri: `https://s/${calls.length}?sig=secret` }) }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageFile')
  const first = await call('GET', url)
  t.match(first, { status: 200, json: { id: FILE_ID, files: { uploaded: `${url}/files/uploaded`, processed: null } } })
  t.notOk('warnings' in first.json)
  const tag = String(first.headers['etag'])
  const again = await call('GET', url, undefined, { 'if-none-match': tag })
  t.equal(again.status, 304, 'although the signed link is another one')
  t.equal(again.bytes.length, 0)
  t.equal(again.headers['etag'], tag)
  t.equal(
    (await caller(t, app, 'provider', 'UsageFile')('GET', url, undefined, { 'if-none-match': tag })).status,
    200,
    'another role, other actions'
  )
})

t.test('`include` joins the parts in the same answer', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: {
      get: () => connectFile('accepted'),
      categories: () => ({ items: [{ id: 'a', name: 'A' }], total: 1 })
    },
    usageChunks: { list: () => ({ items: [{ id: 'UFC-1', status: 'ready' }], total: 1 }) },
    reconciliations: {
      list: () => {
        throw response(500)
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const { status, json } = await caller(
    t,
    app,
    'provider',
    'UsageFile'
  )('GET', `${url}?include=categories,chunks,reconciliations`)
  t.equal(status, 200)
  t.match(json, {
    id: FILE_ID,
    categories: [{ id: 'a', name: 'A', description: null }],
    chunks: [{ id: 'UFC-1', actions: ['update', 'close', 'regenerate'] }],
    reconciliations: null,
    warnings: [{ part: 'reconciliations', code: 'UPSTREAM_FAILED' }]
  })
  t.match(calls.find(call => call.operation === 'usageChunks.list')?.args, [{ filter: { 'usagefile.id': FILE_ID } }])
  t.equal(calls.length, 4)
})

t.test('a missing file is 404, also with parts', async (t) => {
  const { connect } = fakeConnect({
    usageFiles: {
      get: () => {
        throw response(404)
      },
      categories: () => ({ items: [], total: 0 })
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'vendor', '')('GET', `${url}?include=categories`), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
})

t.test('a read that fails gets its problem', async (t) => {
  const ends: [Error, number, string][] = [
    [unreachable(), 502, 'UPSTREAM_UNREACHABLE'],
    [overloaded(), 503, 'OVERLOADED'],
    [garbage(), 502, 'UPSTREAM_INVALID'],
    [response(401), 502, 'UPSTREAM_CREDENTIAL'],
    [response(403), 403, 'CONNECT_FORBIDDEN'],
    [response(429), 503, 'UPSTREAM_THROTTLED'],
    [response(503), 502, 'UPSTREAM_FAILED']
  ]
  for (const [end, status, code] of ends) {
    const { connect } = fakeConnect({ usageFiles: { get: () => { throw end } } })
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, 'vendor', '')('GET', url), { status, json: { code } }, code)
  }
})

t.test('wrong parameters are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  for (const id of [
    'UF',
    'UF-x',
    'UR-2026-11-4410-7719',
    'UF-2026-11-4410-7719x',
    'uf-2026-11-4410-7719',
    '..',
    'UF-2026%2F..%2F1'
  ]) {
    t.match(await call('GET', `/v1/usage-files/${id}`), { status: id === '..' ? 404 : 400 }, id)
  }
  t.match(await call('GET', `${url}?include=everything`), {
    status: 400,
    json: { errors: [{ path: 'query.include.0' }] }
  })
  t.same(calls, [])
})

t.test('every documented form of an id is accepted', async (t) => {
  const { connect } = fakeConnect({ usageFiles: { get: (id: string) => connectFile('draft', { id }) } })
  const { app } = await makeApp(t, { connect })
  for (const id of ['UF-2021-07-2818-2430', 'UF-2020-12-6749-5827', 'UF-2019-03-6040-0448', 'UF-2018-11-9878764342']) {
    t.match(
      await caller(t, app, 'vendor', 'UsageFile')('GET', `/v1/usage-files/${id}`),
      { status: 200, json: { id } },
      id
    )
  }
})

t.test('the sandbox\'s files are shown', async (t) => {
  const { app, sandbox } = await startBoth(t)
  const list = await caller(t, app, 'provider', 'list of UsageFile')('GET', '/v1/usage-files?status=accepted')
  const call = caller(t, app, 'provider', 'UsageFile')
  for (const { id } of list.json['items'] as { id: string }[]) {
    const { json } = await call('GET', `/v1/usage-files/${id}?include=categories,chunks,reconciliations`)
    const stats = json['stats'] as { uploaded: number, accepted: number, closed: number }
    const { invalid } = json['records'] as { invalid: number }
    const undecided = stats.uploaded - stats.accepted - stats.closed - invalid
    t.match(json, {
      status: 'accepted',
      note: null,
      chunks: Array,
      categories: Array,
      reconciliations: Array,
      warnings: [],
      actions: [...(undecided > 0 ? ['approve-all'] : []), 'reconcile', 'reprocess', 'close-records', 'close']
    })
  }
  sandbox.faults.add({ match: { path: '/usage/chunks' }, times: 0, fault: { type: 'wrongType' } })
  const [{ id }] = list.json['items'] as [{ id: string }]
  t.match((await call('GET', `/v1/usage-files/${id}?include=chunks`)).json, {
    chunks: null,
    warnings: [{ part: 'chunks', code: 'UPSTREAM_INVALID' }]
  })
  t.equal((await call('GET', '/v1/usage-files/UF-2026-11-0000-0000')).status, 404)
})
