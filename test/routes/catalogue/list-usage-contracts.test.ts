import t from 'tap'
import type { UsageFileFilter } from '../../../src/connect/filters.ts'
import { makeApp, startBoth, type Teardown } from '../../helper.ts'
import { caller } from '../call.ts'
import { fakeConnect, type Call } from '../fake-connect.ts'
import { http } from '../http.ts'

interface Row { contract: { id: string }, product: { id: string }, source: string, lastUsedAt: string | null }

const pairOf = ({ contract, product }: Row): string => `${contract.id} ${product.id}`

t.test('the pairs of the sandbox: listed ones whose product takes usage, and those of files', async (t) => {
  const both = await startBoth(t, { seed: 'full' })
  const items = async (role: 'vendor' | 'provider', query = ''): Promise<Row[]> =>
    (await http(both, role)('GET', `/v1/usage-contracts${query}`, 'UsageContract')).json['items'] as Row[]
  const all = await items('vendor')
  const one = (contract: string): Row | undefined => all.find(row => row.contract.id === contract)
  t.match(one('CRD-10000-20000-30000'), {
    product: { id: 'PRD-276-377-545', icon: null }, marketplace: { id: 'MP-69876' }, vendor: { id: 'VA-100-200' },
    provider: { id: 'PA-400-500' }, source: 'listing', lastUsedAt: /Z$/
  })
  t.match(one('CRD-76057-06800-00001'), { source: 'listing', lastUsedAt: null }, 'a contract that was never used')
  t.match(one('CRD-10000-20000-39999'), { source: 'usage-files' }, 'the contract for tests has no listing')
  t.notOk(one('CRD-75056-06700-00001'), 'the product takes no usage')
  t.equal(new Set(all.map(pairOf)).size, all.length, 'each pair once')
  t.same(await items('vendor', '?productId=PRD-760-570-680'), all.filter(row => row.product.id === 'PRD-760-570-680'))
  t.match(await items('provider', '?marketplaceId=MP-56616'), [{ contract: { id: 'CRD-41022-03300-00001' } }])
  t.notOk((await items('provider')).some(row => row.contract.id === 'CRD-00000-00000-00000'))
  const page = await http(both, 'vendor')('GET', '/v1/usage-contracts?limit=2&offset=2', 'UsageContract')
  t.same(page.json, { items: all.slice(2, 4), total: all.length, limit: 2, offset: 2 })
  t.match(page.headers.get('link'), /rel="next"/)
})

t.test('a usage file can be created with each pair', async (t) => {
  const both = await startBoth(t)
  const vendor = http(both, 'vendor')
  const rows = (await vendor('GET', '/v1/usage-contracts', 'UsageContract')).json['items'] as Row[]
  for (const { contract, product } of rows) {
    const period = { from: '2026-10-01', to: '2026-10-31' }
    const body = { name: 'n', contractId: contract.id, productId: product.id, period }
    t.equal((await vendor('POST', '/v1/usage-files', 'UsageFile', body)).status, 201, contract.id)
  }
})

interface File { id: string, contract: { id: string }, product: { id: string }, events: object }

/** The newest first. Contract 0 has nearly all files, and each contract has some products. */
function filesOf (count: number, contracts: number): File[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `UF-${at}`,
    contract: { id: `CRD-${at % 97 === 0 ? at / 97 % contracts : 0}` },
    product: { id: `PRD-${at > count - 5 ? 'old' : at % 3}` },
    events: { created: { at: new Date(Date.UTC(2026, 0, 1) - at * 60_000).toISOString() } }
  }))
}

/** Lists as Connect does, for the filters that are used here. */
function listed (files: readonly File[], filter: UsageFileFilter, limit: number): { items: File[], total: number } {
  const allows = (condition: unknown, id: string): boolean => {
    if (condition === undefined) return true
    if (typeof condition === 'object' && condition !== null && 'not' in condition) {
      return !(condition.not as string[]).includes(id)
    }
    return [condition].flat().includes(id)
  }
  const found = files.filter(({ contract, product }) =>
    allows(filter['contract.id'], contract.id) && allows(filter['product.id'], product.id))
  return { items: found.slice(0, limit), total: found.length }
}

async function start (
  t: Teardown & Parameters<typeof caller>[0], files: readonly File[]
): Promise<{ calls: Call[], rows: (query?: string) => Promise<Row[]> }> {
  const { connect, calls } = fakeConnect({
    catalogue: { listings: () => ({ items: [], total: 0 }), products: () => ({ items: [], total: 0 }) },
    usageFiles: {
      list: ({ filter, limit, sort }: { filter: UsageFileFilter, limit: number, sort: string[] }) => {
        t.same([filter.status, sort], [{ not: 'deleted' }, ['-created.at', 'id']])
        return listed(files, filter, limit)
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageContract')
  return {
    calls,
    rows: async (query = '') =>
      (await call('GET', `/v1/usage-contracts?limit=1000${query}`)).json['items'] as unknown as Row[]
  }
}

t.test('the newest file of each pair is found among many files, in few calls', async (t) => {
  for (const [count, contracts, mostCalls] of [[900, 5, 3], [20_000, 5, 20], [20_000, 60, 130]] as const) {
    const files = filesOf(count, contracts)
    const { calls, rows } = await start(t, files)
    const expected = new Map<string, string>()
    for (const { contract, product, events } of files) {
      const key = `${contract.id} ${product.id}`
      if (!expected.has(key)) expected.set(key, (events as { created: { at: string } }).created.at)
    }
    const found = await rows()
    t.same(new Map(found.map(row => [pairOf(row), row.lastUsedAt])), expected, `${count} files, ${contracts} contracts`)
    t.ok(calls.length <= mostCalls, `${calls.length} calls for ${expected.size} pairs`)
    calls.length = 0
    const some = await rows('&productId=PRD-1,PRD-2')
    t.same(some.map(pairOf).sort(), [...expected.keys()].filter(key => / PRD-[12]$/.test(key)).sort())
  }
})

t.test('too many contracts, and a Connect that ignores what is left out, are errors', async (t) => {
  const many = await start(t, Array.from({ length: 5000 }, (_, at) => ({
    id: `UF-${at}`, contract: { id: `CRD-${at % 200}` }, product: { id: 'PRD-1' }, events: {}
  })))
  t.notOk(await many.rows(), 'no list')
  const { connect } = fakeConnect({
    catalogue: { listings: () => ({ items: [], total: 0 }), products: () => ({ items: [], total: 0 }) },
    usageFiles: { list: () => ({ items: filesOf(1, 1), total: 2000 }) }
  })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'vendor', '')('GET', '/v1/usage-contracts'), {
    status: 502, json: { code: 'UPSTREAM_INVALID' }
  })
})
