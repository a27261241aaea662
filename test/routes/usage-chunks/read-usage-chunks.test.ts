import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { http } from '../http.ts'

t.test('filters and order reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({ usageChunks: { list: () => ({ items: [], total: 0 }) } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', 'list of UsageChunk')
  await call('GET', '/v1/usage-chunks')
  await call(
    'GET',
    '/v1/usage-chunks?id=UFC-2026-11-0001,UFC-2026-11-0002&fileId=UF-2026-11-0001&status=ready,failed&hubId=HB-1&' +
    'providerId=PA-1&sort=fileId&limit=7&offset=14'
  )
  t.same(
    calls.map(one => one.args),
    [
      [{ filter: {}, sort: ['-usagefile.id'], limit: 50, offset: 0 }],
      [
        {
          filter: {
            id: ['UFC-2026-11-0001', 'UFC-2026-11-0002'],
            status: ['ready', 'failed'],
            'usagefile.id': ['UF-2026-11-0001'],
            'binding.hub.id': ['HB-1'],
            'provider.id': ['PA-1']
          },
          sort: ['usagefile.id'],
          limit: 7,
          offset: 14
        }
      ]
    ]
  )
})

t.test('wrong parameters are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', '')
  for (const query of [
    'status=open',
    'sort=id',
    'sort=createdAt',
    'name=x',
    'limit=1001',
    'fileId=',
    'fileId=UF-1',
    'id=UF-2026-11-4410-7719',
    'sort=fileId,fileId',
    `hubId=${encodeURIComponent('"\'')}`,
    'sort=fileId&sort=-fileId'
  ]) {
    t.match(await call('GET', `/v1/usage-chunks?${query}`), { status: 400, json: { code: 'VALIDATION_FAILED' } }, query)
  }
  t.match(await call('GET', '/v1/usage-chunks/UF-2026-11-4410-7719'), {
    status: 400,
    json: { errors: [{ path: 'path.chunkId' }] }
  })
  t.match(await call('GET', '/v1/usage-chunks/UFC-2026/file'), {
    status: 400,
    json: { errors: [{ path: 'path.chunkId' }] }
  })
  t.same(calls, [])
})

t.test('the sandbox shows lists, details, links and roles', async (t) => {
  const both = await startBoth(t)
  const [vendor, provider] = [http(both, 'vendor'), http(both, 'provider')]
  const first = await provider('GET', '/v1/usage-chunks?limit=1', 'UsageChunk')
  t.match(first, { status: 200, json: { limit: 1, offset: 0, total: Number } })
  let next: string | undefined = '/v1/usage-chunks?limit=1'
  const seen = new Set<string>()
  for (let pages = 0; next !== undefined && pages < 200; pages++) {
    const page = await provider('GET', next, 'UsageChunk')
    for (const { id } of page.json['items'] as { id: string }[]) seen.add(id)
    next = /<([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
  }
  t.equal(seen.size, first.json['total'], 'following the links shows each once')
  const [id] = seen
  const detail = await provider('GET', `/v1/usage-chunks/${id}`, 'UsageChunk')
  t.match(detail, {
    status: 200,
    json: { id, hub: { id: /^HB-/, name: String }, hubExternalId: String, provider: { id: 'PA-400-500' } }
  })
  t.match(
    await vendor('GET', `/v1/usage-chunks/${id}`, 'UsageChunk'),
    { status: 200, json: { actions: [] } },
    "chunks are the provider's to act on"
  )
  t.match(await provider('GET', '/v1/usage-chunks/UFC-2026-01-0000-0000-001', ''), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
})
