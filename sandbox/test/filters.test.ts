import t from 'tap'
import { asProvider, asVendor, startSandbox } from './helper.ts'
import type { Answer } from './helper.ts'

const A = ['eq', 'ne', 'like', 'ilike', 'null', 'in', 'out']
const B = ['eq', 'ne', 'like', 'ilike', 'in', 'out']
const D = ['eq', 'ne', 'ge', 'gt', 'le', 'lt', 'null', 'in', 'out']
const R = ['ge', 'gt', 'le', 'lt']
const all = ['eq', 'ne', 'like', 'ilike', 'null', 'in', 'out', 'ge', 'gt', 'le', 'lt']

const columns = (lookups: string[], names: string): [string, string[]][] =>
  names.split(' ').map(name => [name, lookups])

const collections: Record<string, { fields: [string, string[]][]; ordering: string[]; missing: string[] }> = {
  '/usage/files': {
    fields: [
      ...columns(
        A,
        'id name external_id contract.id contract.name marketplace.id marketplace.name product.id product.name ' +
        'provider.id provider.name vendor.id vendor.name distribution_contract_id marketplace_id product_id ' +
        'provider_id vendor_id'
      ),
      ...columns(B, 'status schema environment'),
      ['created.at', R]
    ],
    ordering: [
      'id',
      'status',
      'schema',
      'environment',
      'created.at',
      'contract.name',
      'marketplace.name',
      'product.name',
      'provider.name',
      'vendor.name'
    ],
    missing: ['note', 'period', 'updated', 'period.from']
  },
  '/usage/records': {
    fields: [
      ...columns(
        A,
        'asset.id asset.external_id asset.external_uid item.id product.id hub.id usagefile.id usage_file status ' +
        'asset_id asset_external_id asset_external_uid item_id product_id part_usage_file__hub__id'
      ),
      ...columns(B, 'usagefile.schema'),
      ...columns(D, 'start_date end_date created_time usage_start_time')
    ],
    ordering: ['created_time', 'status', 'usage_start_time'],
    missing: ['id', 'external_billing_id', 'category', 'params', 'usagefile.status']
  },
  '/usage/chunks': {
    fields: [...columns(A, 'id provider.id binding.hub.id usagefile.id'), ...columns(B, 'status')],
    ordering: ['usagefile.id'],
    missing: ['external_id', 'created.at']
  },
  '/usage/reconciliations': {
    fields: columns(A, 'usagefile.id partusagefile.id partusagefile.provider.id binding.hub.id'),
    ordering: ['usagefile.id', 'partusagefile.id'],
    missing: ['id', 'status']
  },
  '/usage/aggregates': {
    fields: [...columns(A, 'asset.id asset.external_uid item.id item.local_id'), ...columns(B, 'item.type')],
    ordering: [],
    missing: ['amount', 'id']
  },
  '/assets/AS-5501-1000-0001/usage/aggregates': {
    fields: [...columns(A, 'asset.id asset.external_uid item.id item.local_id'), ...columns(B, 'item.type')],
    ordering: [],
    missing: ['amount']
  },
  '/products/PRD-276-377-545/usage/rules': {
    fields: [...columns(A, 'id item.id item.name rule'), ...columns(B, 'action scope status')],
    ordering: ['item.id'],
    missing: ['product.id']
  }
}

const choices: Record<string, string> = {
  status: 'closed',
  schema: 'cr',
  environment: 'test',
  'usagefile.schema': 'cr',
  'item.type': 'PPU',
  action: 'accept',
  scope: 'file'
}

function query (field: string, lookup: string, lookups: string[], path: string): string {
  const isRule = path.includes('/rules') && field === 'status'
  const value = lookups === D || lookups === R ? '2026-10-01' : isRule ? 'active' : choices[field] ?? 'x'
  if (lookup === 'null') return `eq(${field},null())`
  return lookup === 'in' || lookup === 'out' ? `${lookup}(${field},(${value}))` : `${lookup}(${field},${value})`
}

t.test('domain 2.4: the filters and orderings of each collection', async (t) => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  for (const [path, { fields, ordering, missing }] of Object.entries(collections)) {
    t.test(path, async (t) => {
      const get = async (search: string): Promise<Answer> => await provider('GET', `${path}?limit=1&${search}`)
      for (const [field, lookups] of fields) {
        for (const lookup of all) {
          const isRefused = !lookups.includes(lookup)
          const answer = await get(query(field, lookup, lookups, path))
          if (answer.status !== (isRefused ? 400 : 200)) t.fail(`${field} ${lookup} answers ${answer.status}`)
        }
        const expected = ordering.includes(field) ? 200 : 400
        t.equal((await get(`ordering(-${field})`)).status, expected, `ordering by ${field} answers ${expected}`)
      }
      for (const field of missing) {
        const answer = await get(`${field}=x`)
        t.equal(answer.status, 400, `${field} is no filter`)
        t.equal(answer.json.error_code, 'VAL_001')
      }
    })
  }
  t.test('categories', async (t) => {
    const id = [...sandbox.store.files.values()].find(
      file => file.categories.length > 0 && file.status === 'closed'
    )?.id
    const get = async (search: string): Promise<Answer> =>
      await asVendor(sandbox)('GET', `/usage/files/${id}/categories?${search}`)
    t.same((await get('id=compute')).list.map((one) => one.name), ['Compute'])
    t.equal((await get('ordering(-name)')).list[0]?.name, 'Storage')
    t.equal((await get('ordering(id)')).status, 400)
    t.equal((await get('eq(id,null())')).status, 400)
  })
})

t.test('domain 2.3, 10.3.6: pages and their Content-Range', async (t) => {
  const sandbox = await startSandbox(t, { seed: 'full' })
  const vendor = asVendor(sandbox)
  const total = Number((await vendor('GET', '/usage/records?limit=0')).headers.get('content-range')?.split('/')[1])
  t.ok(total >= 20_000)
  const cases: readonly [query: string, length: number, range: string][] = [
    ['', 100, `items 0-99/${total}`],
    ['limit=0', 0, `items 0-0/${total}`],
    ['limit=1', 1, `items 0-0/${total}`],
    ['limit=5000', 1000, `items 0-999/${total}`],
    ['limit=many&offset=far', 100, `items 0-99/${total}`],
    ['limit=-1', 100, `items 0-99/${total}`],
    ['limit=10&offset=20', 10, `items 20-29/${total}`],
    [`limit=10&offset=${total - 3}`, 3, `items ${total - 3}-${total - 1}/${total}`],
    [`offset=${total + 50}`, 0, `items ${total + 50}-${total + 50}/${total}`],
    ['usagefile.id=UF-0000-00-0000-0000', 0, 'items 0-0/0']
  ]
  for (const [query, length, range] of cases) {
    const answer = await vendor('GET', `/usage/records?${query}`)
    t.equal(answer.list.length, length, query)
    t.equal(answer.headers.get('content-range'), range, query)
  }
  t.equal((await vendor('GET', `/usage/records?${'('.repeat(12_000)}`)).status, 400, 'deep nesting')
})
