import t, { type Test } from 'tap'
import type { UsageFileFilter } from '../../../src/connect/filters.ts'
import type { UsageFile } from '../../../src/connect/types.ts'
import { makeApp, startBoth } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect, type Call, type Stubs } from '../fake-connect.ts'
import { http } from '../http.ts'

const PRODUCT = { id: 'PRD-1-1', name: 'P' }
const CONTRACT = { id: 'CRD-1-1', name: 'C' }
const MARKETPLACE = { id: 'MP-1', name: 'M' }

const fileOf = (id: string, status: string, from: string | null, to: string | null): UsageFile => ({
  id,
  status,
  product: PRODUCT,
  contract: CONTRACT,
  marketplace: MARKETPLACE,
  period: { from, to },
  events: { created: { at: '2026-10-05T00:00:00+00:00' } }
})

interface Given { files?: UsageFile[], listings?: object[], products?: object[], catalogue?: Stubs['catalogue'] }

async function start (
  t: Test, { files = [], listings = [], products = [], catalogue }: Given
): Promise<{ calls: Call[], ask: (query: string) => Promise<Record<string, unknown>[]> }> {
  const page = (items: readonly object[]) => ({ items, total: items.length })
  const { connect, calls } = fakeConnect({
    catalogue: catalogue ?? { listings: () => page(listings), products: () => page(products) },
    usageFiles: {
      list: ({ filter, limit, offset }: { filter: UsageFileFilter, limit: number, offset: number }) => {
        // All files are of one pair.
        const isOfOthers = [filter['contract.id'], filter['product.id']].some(one => 'not' in Object(one ?? {}))
        const found = files.filter(({ status }) => !isOfOthers &&
          (filter.status === undefined || (filter.status as readonly unknown[]).includes(status)))
        return { items: found.slice(offset, offset + limit), total: found.length }
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageCoverage')
  return {
    calls,
    ask: async query => (await call('GET', `/v1/usage-coverage?${query}`)).json['items'] as Record<string, unknown>[]
  }
}

t.test('submitted and later files cover their period, others are pending', async (t) => {
  const { ask, calls } = await start(t, {
    files: [
      fileOf('UF-1', 'accepted', '2026-10-01', '2026-10-03'),
      fileOf('UF-2', 'closed', '2026-10-04T00:00:00Z', '2026-10-05T02:59:59Z'),
      fileOf('UF-3', 'pending', '2026-10-05T03:00:00Z', '2026-10-06T02:59:59Z'),
      fileOf('UF-4', 'rejected', '2026-10-06T03:00:00Z', '2026-10-07T02:59:59Z'),
      fileOf('UF-5', 'draft', '2026-10-08', '2026-10-08'),
      fileOf('UF-6', 'deleted', '2026-10-09', '2026-10-09'),
      fileOf('UF-7', 'ready', '2026-11-01', '2026-11-30'),
      fileOf('UF-8', 'invalid', null, null),
      fileOf('UF-9', 'accepted', null, '2026-10-31')
    ],
    products: [{ id: 'PRD-1-1', capabilities: { ppu: { schema: 'CR' }, reservation: { consumption: false } } }]
  })
  t.match(await ask('from=2026-10-01&to=2026-10-10&productId=PRD-1-1&contractId=CRD-1-1,CRD-1-2'), [{
    product: { ...PRODUCT, icon: null },
    contract: CONTRACT,
    marketplace: { ...MARKETPLACE, icon: null },
    cadence: 'daily-or-monthly',
    lastReport: {
      fileId: 'UF-3', status: 'pending', period: { from: '2026-10-05T03:00:00Z', to: '2026-10-06T02:59:59Z' }
    },
    gaps: [{ from: '2026-10-06T03:00:00Z', to: '2026-10-10T23:59:59Z' }],
    pending: [{ fileId: 'UF-4', status: 'rejected' }, { fileId: 'UF-5', status: 'draft' },
      { fileId: 'UF-8', status: 'invalid', period: null }]
  }])
  const filter = { 'product.id': ['PRD-1-1'], 'contract.id': ['CRD-1-1', 'CRD-1-2'] }
  const asked = calls.filter(one => one.operation === 'usageFiles.list').map(one => one.args[0] as object)
  t.match(asked.find(one => !('status' in (one as { filter: object }).filter)), {
    filter: { ...filter, 'created.at': { ge: '2026-08-27T00:00:00Z' } }, sort: ['created.at', 'id']
  }, 'files are read by creation, with a margin')
  const listings = calls.find(one => one.operation === 'catalogue.listings')
  t.match(listings?.args, [{ filter: { ...filter, status: 'listed' } }])
  t.equal(calls.length, 4)
})

t.test('contracts that never reported, and products that take no usage', async (t) => {
  const listing = (id: string, product: string): object => ({
    id: `LST-${id}`,
    contract: { id: `CRD-${id}`, name: id, marketplace: MARKETPLACE },
    product: { id: product, name: 'P' }
  })
  const { ask } = await start(t, {
    listings: [listing('1', 'PRD-1'), listing('2', 'PRD-2'), listing('3', 'PRD-3'), listing('4', 'PRD-4')],
    products: [
      { id: 'PRD-1', capabilities: { ppu: null, reservation: { consumption: true } } },
      { id: 'PRD-2', capabilities: { ppu: null, reservation: { consumption: false } } },
      { id: 'PRD-3', capabilities: { ppu: { schema: 'QT' }, reservation: { consumption: true } } },
      { id: 'PRD-4' }
    ]
  })
  const never = { lastReport: null, gaps: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-31T23:59:59Z' }], pending: [] }
  t.match(await ask('from=2026-01-01&to=2026-01-31'), [
    { contract: { id: 'CRD-1' }, marketplace: { id: 'MP-1' }, cadence: 'daily', ...never },
    { contract: { id: 'CRD-3' }, cadence: 'daily', ...never },
    { contract: { id: 'CRD-4' }, cadence: null, ...never }
  ])
})

t.test('nothing after now is a gap', async (t) => {
  const { ask } = await start(t, { files: [fileOf('UF-1', 'closed', '2020-01-01', '2020-01-01')] })
  const [{ gaps } = {}] = await ask('from=2020-01-02&to=2999-12-31') as { gaps?: { from: string, to: string }[] }[]
  t.equal(gaps?.length, 1)
  t.ok(Math.abs(Date.parse(gaps?.[0]?.to ?? '') - Date.now()) < 60_000)
  t.match(await ask('from=2999-01-01&to=2999-12-31'), [{ gaps: [] }])
  t.match(await ask('from=2020-01-02'), [{ gaps: [{ from: '2020-01-02T00:00:00Z' }] }], 'until now')
})

t.test('without the right to the catalogue, the files tell the pairs', async (t) => {
  const forbidden = (): never => { throw response(403) }
  const { ask } = await start(t, {
    catalogue: { listings: forbidden, products: forbidden },
    files: [fileOf('UF-1', 'draft', '2026-10-01', '2026-10-02')]
  })
  t.match(await ask('from=2026-10-01&to=2026-10-02'), [{ cadence: null, lastReport: null, gaps: { length: 1 } }])
})

t.test('a year of hourly files for each subscription takes few calls', async (t) => {
  const begin = Date.UTC(2025, 0, 1)
  const hour = (index: number): string => new Date(begin + index * 3_600_000).toISOString()
  const files = Array.from({ length: 2 * 8760 }, (_, index) => fileOf(
    `UF-${index}`, 'closed', hour(Math.floor(index / 2)),
    new Date(begin + (Math.floor(index / 2) + 1) * 3_600_000 - 1000).toISOString()
  )).filter((_, index) => Math.floor(index / 2) !== 4000)
  const { ask, calls } = await start(t, { files })
  t.match(await ask('from=2025-01-01&to=2025-12-31'), [{
    gaps: [{ from: `${hour(4000).slice(0, 19)}Z`, to: `${hour(4000).slice(0, 13)}:59:59Z` }]
  }])
  t.ok(calls.length <= 23, `${calls.length} calls for ${files.length} files`)
})

t.test('a time that does not exist, and one with too many files, are refused', async (t) => {
  const { connect } = fakeConnect({
    catalogue: { listings: () => ({ items: [], total: 0 }), products: () => ({ items: [], total: 0 }) },
    usageFiles: {
      list: ({ filter }: { filter: UsageFileFilter }) => filter.status === undefined
        ? { items: [fileOf('UF-1', 'draft', null, null)], total: 50_001 }
        : { items: [], total: 0 }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  for (const [query, path] of [
    ['from=2026-02-30', 'query.from'], ['from=2026-01-01&to=2026-02-30', 'query.to'], ['', 'query.from'],
    ['from=2026-02-01&to=2026-01-01', 'query.from'], ['from=2020-01-01', 'query.from'],
    ['from=2020-01-01&marketplaceId=MP-1', 'query.marketplaceId']
  ] as const) {
    t.match(await call('GET', `/v1/usage-coverage?${query}`), { status: 400, json: { errors: [{ path }] } }, query)
  }
})

t.test('lists without an end are an error after few calls', async (t) => {
  const empty = { items: [], total: 0 }
  const same = Array.from({ length: 100 }, (_, n) => fileOf(`UF-${n}`, 'closed', '2026-10-01', '2026-10-02'))
  const listings = (offset: number): object[] => Array.from({ length: 1000 }, (_, n) => ({ id: `LST-${offset + n}` }))
  const cases: [string, NonNullable<Stubs['catalogue']>['listings'] & object, (filter: UsageFileFilter) => object][] = [
    ['endless listings', ({ offset }: { offset: number }) => ({ items: listings(offset), total: 1e6 }), () => empty],
    ['files again and again', () => empty, filter =>
      filter.status === undefined ? { items: same, total: 5000 } : empty],
    ['reports again and again', () => empty, filter =>
      filter.status === undefined ? empty : { items: same, total: 5000 }]
  ]
  for (const [name, listings, files] of cases) {
    const { connect, calls } = fakeConnect({
      catalogue: { listings, products: () => empty },
      usageFiles: { list: ({ filter }: { filter: UsageFileFilter }) => files(filter) }
    })
    const { app } = await makeApp(t, { connect })
    const reply = await caller(t, app, 'vendor', '')('GET', '/v1/usage-coverage?from=2026-10-01')
    t.match(reply, { status: 502, json: { code: 'UPSTREAM_INVALID' } }, name)
    t.ok(calls.length <= 16, `${name}: ${calls.length} calls`)
  }
})

t.test('contracts and products that were not asked for are not read, however many files there are', async (t) => {
  const [contracts, products] = ['CRD', 'PRD'].map(kind => [`${kind}-100-000-001`, `${kind}-100-000-002`])
  const files = contracts!.flatMap(contract => products!.flatMap(product =>
    Array.from({ length: 1050 }, (_, n) => ({ id: `UF-${contract}-${product}-${n}`, contract, product }))))
  const isOf = (asked: unknown, id: string): boolean => asked === undefined ||
    ('not' in Object(asked) ? !(asked as { not: string[] }).not.includes(id) : [asked].flat().includes(id))
  const { connect } = fakeConnect({
    catalogue: { listings: () => ({ items: [], total: 0 }), products: () => ({ items: [], total: 0 }) },
    usageFiles: {
      list: ({ filter, limit, offset }: { filter: UsageFileFilter, limit: number, offset: number }) => {
        const found = files.filter(one =>
          isOf(filter['contract.id'], one.contract) && isOf(filter['product.id'], one.product))
        const items = found.slice(offset, offset + limit).map(({ id, contract, product }) => ({
          ...fileOf(id, 'closed', '2026-10-01', '2026-10-31'), contract: { id: contract }, product: { id: product }
        }))
        return { items, total: found.length }
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageCoverage')
  for (const [query, pairs] of [
    ['contractId=CRD-100-000-001', 2], ['productId=PRD-100-000-002', 2], ['', 4],
    ['contractId=CRD-100-000-002&productId=PRD-100-000-001', 1],
    ['contractId=CRD-100-000-001&contractId=CRD-100-000-002', 4]
  ] as const) {
    const { json } = await call('GET', `/v1/usage-coverage?from=2026-10-01&to=2026-10-31&${query}`)
    const found = (json['items'] as { contract: { id: string }, product: { id: string } }[])
      .map(({ contract, product }) => [contract.id, product.id])
    t.equal(found.length, pairs, query)
    const asked = new URLSearchParams(query)
    t.ok(found.every(pair => ['contractId', 'productId'].every((name, at) =>
      !asked.has(name) || asked.getAll(name).includes(pair[at]!))), query)
  }
})

t.test('the sandbox: a submitted file closes a gap', async (t) => {
  const both = await startBoth(t, { seed: 'full' })
  const vendor = http(both, 'vendor')
  const query = 'from=2026-10-01&to=2026-10-31&contractId=CRD-10000-20000-30000'
  const { json } = await vendor('GET', `/v1/usage-coverage?${query}`, 'UsageCoverage')
  const [one] = json['items'] as { gaps: { from: string, to: string }[], lastReport: object, pending: object[] }[]
  t.match(one, { product: { id: 'PRD-276-377-545' }, cadence: 'daily-or-monthly', lastReport: { fileId: /^UF-/ } })
  t.ok(one !== undefined && one.gaps.length > 0 && one.pending.length > 0)
  const all = (await vendor('GET', '/v1/usage-coverage?from=2026-10-01&to=2026-10-31&limit=1000', 'UsageCoverage')).json
  const contracts = (all['items'] as { contract: { id: string } }[]).map(({ contract }) => contract.id)
  t.ok(contracts.includes('CRD-76057-06800-00001'), 'a contract without a file')
  t.notOk(contracts.includes('CRD-75056-06700-00001'), 'the product takes no usage')
  const calls = both.sandbox.ledger.entries.length
  await vendor('GET', '/v1/usage-coverage?from=2026-10-01', 'UsageCoverage')
  t.equal(both.sandbox.ledger.entries.length - calls, 4, 'calls of Connect')
})
