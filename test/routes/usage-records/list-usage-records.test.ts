import t from 'tap'
import { asVendor, makeApp, startApp, startBoth, startUpstream } from '../../helper.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

t.test('filters, sorting and paging reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({
    usageRecords: { list: () => ({ items: [{ id: 'UR-1', amount: '9007199254740993.12345678' }], total: 1 }) }
  })
  const { app } = await makeApp(t, { connect })
  const { json } = await caller(
    t,
    app,
    'provider',
    'list of UsageRecord'
  )(
    'GET',
    '/v1/usage-records?fileId=UF-2026-11-0001&status=approved,closed&hubId=HB-1&startedAfter=2026-01-01&' +
    'endedBefore=2026-02-01&sort=-startDate&limit=2'
  )
  t.match(json, {
    items: [{ id: 'UR-1', amount: '9007199254740993.12345678', quantity: null }],
    total: 1,
    limit: 2,
    offset: 0
  })
  t.same(calls[0]?.args, [
    {
      filter: {
        'usagefile.id': ['UF-2026-11-0001'],
        status: ['approved', 'closed'],
        'hub.id': ['HB-1'],
        start_date: { ge: '2026-01-01' },
        end_date: { lt: '2026-02-01' }
      },
      sort: ['-usage_start_time', 'created_time'],
      limit: 2,
      offset: 0
    }
  ])
})

/** Numbers as Connect writes its floats, and what callers read. */
const FLOATS = [
  ['1.0', '1.0'], ['0.0', '0.0'], ['1e-05', '0.00001'], ['1.23e-07', '0.000000123'], ['1e+16', '10000000000000000'],
  ['9007199254740994.0', '9007199254740994.0'], ['1.2345678901234567e-05', '0.000012345678901234567'],
  ['9007199254740993.12345678', '9007199254740993.12345678'], ['-0.30000000000000004', '-0.30000000000000004']
] as const

t.test('floats of Connect are read digit for digit, in lists, exports and totals', async t => {
  const rows = FLOATS.map(([literal], at) => `{"id":"UR-2026-11-0000-0000-0000-000${at}","status":"valid",` +
    `"usagefile":{"id":"${FILE_ID}"},"usage":${literal},"amount":${literal},"multiplier":1}`)
  const { baseUrl } = await startUpstream(t, (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url?.includes('/usage/records') !== true) return response.end(JSON.stringify(connectFile('ready')))
    const isFirst = !/offset=[1-9]/.test(request.url)
    response.setHeader('content-range', `items 0-${rows.length - 1}/${rows.length}`)
    return response.end(isFirst ? `[${rows.join(',')}]` : '[]')
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const textOf = async (path: string): Promise<string> =>
    await (await fetch(origin + path, { headers: asVendor })).text()
  const { items } = JSON.parse(await textOf('/v1/usage-records')) as { items: { quantity: string, amount: string }[] }
  t.same(items.map(({ quantity, amount }) => [quantity, amount]), FLOATS.map(([, text]) => [text, text]))
  const lines = (await textOf('/v1/usage-records?format=ndjson')).trim().split('\n').slice(0, -1)
  t.same(lines.map(line => (JSON.parse(line) as { amount: string }).amount), FLOATS.map(([, text]) => text))
  const csv = await textOf('/v1/usage-records?format=csv')
  for (const [, text] of FLOATS) t.match(csv, `,${text},${text},`)
  const { byStatus } = JSON.parse(await textOf(`/v1/usage-files/${FILE_ID}/totals`)) as { byStatus: object[] }
  t.match(byStatus, [{ records: FLOATS.length, amount: '28014398509481987.823479248678901194567' }])
})

t.test('wrong parameters are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  for (const [query, path] of [
    ['id=UR-1', 'query.id'],
    ['status=open', 'query.status.0'],
    ['fileId=UFC-2026-11-4410-7719-001', 'query.fileId.0'],
    ['assetId=1', 'query.assetId.0'],
    ['sort=status,status', 'query.sort'],
    ['sort=status,-status', 'query.sort'],
    ['sort=amount', 'query.sort.0'],
    ['startedAfter=2026-13-01', 'query.startedAfter'],
    [`assetExternalId=${encodeURIComponent('"\'')}`, 'query.assetExternalId']
  ] as const) {
    t.match(await call('GET', `/v1/usage-records?${query}`), { status: 400, json: { errors: [{ path }] } }, query)
  }
  t.same(calls, [])
})

t.test('records of the sandbox show why they are invalid', async (t) => {
  const { app } = await startBoth(t)
  const call = caller(t, app, 'vendor', 'list of UsageRecord')
  const { json } = await call('GET', '/v1/usage-records?status=invalid')
  const [row] = json['items'] as { id: string, fileId: string, errors: { code: string, message: string }[] }[]
  t.match(row?.errors[0], { code: /^USG_/, message: 'Unknown MPN' })
  const ofFile = (await call('GET', `/v1/usage-records?fileId=${row?.fileId}&status=invalid`)).json['items'] as {
    fileId: string
  }[]
  t.ok(ofFile.length > 0 && ofFile.every(record => record.fileId === row?.fileId))
  const sorted = (await call('GET', '/v1/usage-records?sort=-startDate&limit=100')).json['items'] as {
    startDate: string
  }[]
  t.same(sorted.map(record => record.startDate), sorted.map(record => record.startDate).sort().reverse())
})
