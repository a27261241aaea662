import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

t.test('filters, sorting and paging reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({ usageFiles: { list: () => ({ items: [connectFile('ready')], total: 41 }) } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageFile')
  const url =
    '/v1/usage-files?id=UF-2026-11-0001,UF-2026-11-0002&status=ready&name=a%2Ab&externalId=a,b&' +
    'createdBefore=2026-02-01T00:00:00%2B03:00&sort=-productName&limit=20&offset=20'
  const { status, json, headers } = await call('GET', url)
  t.equal(status, 200)
  t.match(json, {
    items: [
      { id: FILE_ID, status: 'ready', records: null, files: null, actions: ['update', 'upload', 'submit', 'delete'] }
    ],
    total: 41,
    limit: 20,
    offset: 20
  })
  t.match(
    headers['link'],
    /offset=0>; rel="first".*offset=0>; rel="prev".*offset=21>; rel="next".*offset=40>; rel="last"/
  )
  t.match(headers['link'], /id=UF-2026-11-0001%2CUF-2026-11-0002&status=ready/, 'the other parameters stay')
  t.same(calls, [
    {
      operation: 'usageFiles.list',
      args: [
        {
          filter: {
            id: ['UF-2026-11-0001', 'UF-2026-11-0002'],
            status: ['ready'],
            name: { contains: 'a*b' },
            external_id: 'a,b',
            'created.at': { lt: '2026-01-31T21:00:00Z' }
          },
          sort: ['-product.name', 'id'],
          limit: 20,
          offset: 20
        }
      ]
    }
  ])
})

t.test('without parameters the list holds the 50 newest files that are not deleted', async (t) => {
  const { connect, calls } = fakeConnect({ usageFiles: { list: () => ({ items: [], total: 0 }) } })
  const { app } = await makeApp(t, { connect })
  const { json, headers } = await caller(t, app, 'provider', 'list of UsageFile')('GET', '/v1/usage-files')
  t.same(json, { items: [], total: 0, limit: 50, offset: 0 })
  t.equal(headers['link'], undefined)
  t.same(calls[0]?.args, [
    { filter: { status: { not: 'deleted' } }, sort: ['-created.at', 'id'], limit: 50, offset: 0 }
  ])
})

t.test('wrong parameters are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  const cases: [string, string][] = [
    ['limit=0', 'query.limit'],
    ['limit=1001', 'query.limit'],
    ['limit=ten', 'query.limit'],
    ['limit=1e2', 'query.limit'],
    ['offset=-1', 'query.offset'],
    ['status=open', 'query.status.0'],
    ['id=UF-1', 'query.id.0'],
    ['productId=PRD-1,x', 'query.productId.1'],
    ['sort=id,id', 'query.sort'],
    ['sort=id,-id', 'query.sort'],
    ['status=ready,', 'query.status.1'],
    ['sort=price', 'query.sort.0'],
    ['sort=', 'query.sort.0'],
    ['statu=ready', 'query.statu'],
    ['createdAfter=yesterday', 'query.createdAfter'],
    ['createdAfter=2026-02-30', 'query.createdAfter'],
    ['name=', 'query.name'],
    ['name=a&name=b', 'query.name'],
    [`externalId=${encodeURIComponent('\'"')}`, 'query.externalId'],
    ['productId=a%0Ab', 'query.productId']
  ]
  for (const [query, path] of cases) {
    t.match(
      await call('GET', `/v1/usage-files?${query}`),
      { status: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path }] } },
      query
    )
  }
  t.match((await call('GET', '/v1/usage-files?sort=price')).json['detail'], /createdAt/, 'says what may be sorted by')
  t.same(calls, [], 'nothing upstream')
})

t.test('the sandbox answers with the filtered files', async (t) => {
  const { app } = await startBoth(t)
  const call = caller(t, app, 'vendor', 'list of UsageFile')
  const all = await call('GET', '/v1/usage-files?limit=1000')
  const items = all.json['items'] as {
    id: string
    name: string
    status: string
    createdAt: string
    externalId: string
  }[]
  t.equal(items.length, all.json['total'])
  t.notOk(items.some(item => item.status === 'deleted'))
  t.same(items.map(item => item.createdAt), items.map(item => item.createdAt).sort().reverse(), 'newest first')
  t.match((await call('GET', '/v1/usage-files?status=deleted')).json, { items: [{ status: 'deleted' }], total: 1 })

  const seen: string[] = []
  let next: string | undefined = '/v1/usage-files?limit=5&sort=status'
  while (next !== undefined) {
    const page = await call('GET', next)
    seen.push(...(page.json['items'] as { id: string }[]).map(item => item.id))
    next = /<([^>]*)>; rel="next"/.exec(String(page.headers['link'] ?? ''))?.[1]
  }
  t.same(seen.sort(), items.map(item => item.id).sort(), 'the pages hold every file once')

  const [one] = items
  t.match((await call('GET', `/v1/usage-files?externalId=${one?.externalId}`)).json, {
    items: [{ id: one?.id }],
    total: 1
  })
  t.match(
    (await call('GET', `/v1/usage-files?name=${encodeURIComponent(one?.name.slice(2, 9) ?? '')}&id=${one?.id}`)).json,
    { items: [{ id: one?.id }] }
  )
  for (const hostile of ['x",or(status,', '*),eq(status,deleted', "it's", 'a&status=deleted']) {
    t.match(
      await call('GET', `/v1/usage-files?name=${encodeURIComponent(hostile)}`),
      { status: 200, json: { total: 0 } },
      `${hostile} is a value and nothing else`
    )
  }
  t.match((await call('GET', '/v1/usage-files?name=%2A')).json, { total: 0 }, 'a star is a star')
})
