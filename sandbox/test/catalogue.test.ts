import t from 'tap'
import { resellerToken } from '../src/options.ts'
import { asProvider, asVendor, caller, startSandbox } from './helper.ts'

const product = 'PRD-276-377-545'

t.test('domain 12: products tell their capabilities, items their precision, in lower case', async t => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  t.match((await vendor('GET', `/products/${product}`)).json, {
    id: product,
    status: 'published',
    owner: { id: 'VA-100-200' },
    capabilities: {
      ppu: { schema: 'CR', dynamic: false, future: false, late: false },
      reservation: { consumption: false }
    },
    usage_rule: { enabled: true }
  })
  t.match((await vendor('GET', '/products?id=PRD-750-560-670')).list, [{ capabilities: { ppu: null } }])
  const items = (await vendor('GET', `/products/${product}/items?mpn=FB-STORAGE-GB`)).list
  t.match(items, [{ id: `${product}-0002`, local_id: 'PRD_276_377_545_0002', type: 'ppu', precision: 'decimal(4)' }])
  t.equal((await vendor('GET', `/products/${product}/items?type=PPU&status=published&dynamic=false`)).list.length, 3)
  t.equal((await vendor('GET', '/products/PRD-880-110-220/items')).status, 404, 'the product of another vendor')
})

t.test('domain 12: subscriptions are found by the value of a parameter', async t => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const found = await vendor('GET', '/assets?params.id=subscription_id&in(params.value,(1ED00000001,1ED00000002,none))')
  t.match(found.list, [
    {
      id: 'AS-1000-2000-3001',
      params: [{ id: 'subscription_id', value: '1ED00000001' }],
      contract: { type: 'distribution' }
    },
    { id: 'AS-1000-2000-3002', status: 'active', product: { id: 'PRD-700-100-200' } }
  ])
  t.same((await vendor('GET', '/assets?params.id=account_id&params.value=1ED00000001')).list, [])
  t.match((await vendor('GET', '/assets/AS-1000-2000-3001')).json, found.list[0])
  t.equal((await vendor('GET', '/assets/AS-8801-1000-0001')).status, 404, 'the asset of another vendor')
})

t.test('a product has 5,000 subscriptions, which are listed in pages of 1,000', async t => {
  const vendor = asVendor(await startSandbox(t))
  const seen = new Set<string>()
  for (let offset = 0; offset < 5000; offset += 1000) {
    const page = await vendor('GET', `/assets?product.id=PRD-760-570-680&limit=1000&offset=${offset}`)
    t.equal(page.headers.get('content-range'), `items ${offset}-${offset + 999}/5000`)
    for (const { id, external_id: externalId } of page.list) seen.add(id).add(externalId)
  }
  t.equal(seen.size, 10_000, 'ids and external ids are unique')
})

t.test('subscriptions and listings can be ordered by their creation', async t => {
  const vendor = asVendor(await startSandbox(t))
  const assets = (await vendor('GET', '/assets?product.id=PRD-410-220-330&ordering(-created)')).list
  t.same(assets.map(({ id }) => id.slice(-1)), ['6', '5', '4', '3', '2', '1'])
  const listings = (await vendor('GET', '/listings?ordering(created)')).list as object[] as { created: string }[]
  const times = listings.map(({ created }) => created)
  t.same(times, [...times].sort())
})

t.test('domain 12: listings join product, contract and marketplace', async t => {
  const vendor = asVendor(await startSandbox(t))
  const listings = (await vendor('GET', `/listings?product.id=${product}&status=listed`)).list
  t.same(listings.map(({ contract }) => contract.id),
    ['CRD-10000-20000-30000', 'CRD-10000-20000-30002', 'CRD-10000-20000-30001'])
  t.match(listings[0], {
    marketplace: { id: 'MP-69876' },
    provider: { id: 'PA-400-500' },
    vendor: { id: 'VA-100-200' }
  })
  const syndicated = await vendor('GET', '/contracts?type=syndication')
  t.match(syndicated.list, [{ id: 'CRD-10000-20000-30002', status: 'active' }])
})

t.test('domain 1: a reseller has the powers of a distributor for what is syndicated to it alone', async t => {
  const sandbox = await startSandbox(t)
  const reseller = caller(sandbox, resellerToken)
  t.same((await reseller('GET', '/contracts')).list.map(({ id }) => id), ['CRD-10000-20000-30002'])
  t.same((await reseller('GET', '/usage/files')).list, [])
  t.equal((await asProvider(sandbox)('GET', '/contracts?id=CRD-10000-20000-30002')).list.length, 0)
})

t.test('domain 12: the objects of the catalogue have the fields that a usage file needs', async t => {
  const vendor = asVendor(await startSandbox(t))
  const id = { id: String }
  const expected: Record<string, object> = {
    '/products': {
      id: /^PRD-/, name: String, icon: /^\/media\//, status: 'published', owner: { id: /^VA-/, name: String },
      latest: Boolean, version: Number, usage_rule: { enabled: Boolean }
    },
    [`/products/${product}/items`]: {
      id: /^PRD-\d{3}-\d{3}-\d{3}-\d{4}$/, local_id: String, mpn: String, name: String, display_name: String,
      status: 'published', unit: { id: String, name: String, title: String, unit: String }, type: /^(ppu|reservation)$/,
      period: 'monthly', precision: /^(integer|decimal\([1248]\))$/, dynamic: Boolean
    },
    '/assets': {
      id: /^AS-/, status: 'active', external_id: String, external_uid: String, external_name: String,
      product: { id: /^PRD-/, icon: String, name: String },
      connection: { id: String, type: String, hub: id, provider: id, vendor: id }, tiers: Object,
      items: [{ id: String, mpn: String, quantity: String }],
      params: [{ id: String, name: String, type: String, value: String }],
      marketplace: { id: /^MP-/, name: String }, contract: { id: /^CRD-/, name: String }
    },
    '/listings': {
      id: /^LST-/, status: 'listed', product: id, contract: id, marketplace: id, vendor: id, provider: id
    },
    '/contracts': {
      id: /^CRD-/, name: String, type: String, status: 'active', marketplace: id, owner: id, issuer: id, agreement: id
    }
  }
  for (const [path, fields] of Object.entries(expected)) {
    const { list } = await vendor('GET', `${path}?limit=1000`)
    t.ok(list.length > 0)
    for (const one of list) if (!t.match(one, fields, `${path} ${one.id}`)) break
  }
})

t.test('domain 12: the filters of the collections of the catalogue', async t => {
  const vendor = asVendor(await startSandbox(t))
  const filters: Record<string, string[]> = {
    '/products': ['id', 'name', 'status=published', 'owner.id'],
    [`/products/${product}/items`]: ['id', 'mpn', 'name', 'type=PPU', 'item_type=Reservation', 'local_id',
      'status=published', 'dynamic=true'],
    '/assets': ['id', 'external_id', 'external_uid', 'product.id', 'status=active', 'marketplace.id', 'contract.id',
      'params.id', 'params.value'],
    '/listings': ['product.id', 'contract.id', 'marketplace.id', 'status=listed'],
    '/contracts': ['id', 'type=program', 'status=active', 'marketplace.id', 'owner.id']
  }
  for (const [path, names] of Object.entries(filters)) {
    for (const name of names) {
      const filter = name.includes('=') ? name : `${name}=none`
      t.equal((await vendor('GET', `${path}?${filter}`)).status, 200, `${path}?${filter}`)
    }
    t.equal((await vendor('GET', `${path}?icon=none`)).status, 400, `${path}: another is unknown`)
  }
})
