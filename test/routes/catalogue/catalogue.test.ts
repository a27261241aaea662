import t from 'tap'
import { makeApp, startBoth, startUpstream, testCallers } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { http } from '../http.ts'

const EMPTY = { items: [], total: 0 }

t.test('filters of the lists reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({
    catalogue: { products: () => EMPTY, items: () => EMPTY, assets: () => EMPTY }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of Product')
  const page = { limit: 50, offset: 0 }
  const cases: [string, unknown[]][] = [
    ['/v1/products?id=PRD-1-2,CN-1-2&name=Cloud&status=published,endofsale', [{
      filter: { id: ['PRD-1-2', 'CN-1-2'], name: { contains: 'Cloud' }, status: ['published', 'endofsale'] },
      sort: ['name'],
      ...page
    }]],
    ['/v1/products/PRD-1-2/items?id=PRD-1-2-0001&mpn=A,B&name=x&type=ppu,reservation&limit=7&offset=3', ['PRD-1-2', {
      filter: {
        id: ['PRD-1-2-0001'], mpn: ['A', 'B'], name: { contains: 'x' }, type: ['PPU', 'Reservation']
      },
      limit: 7,
      offset: 3
    }]],
    ['/v1/assets?id=AS-1-2&productId=PRD-1-2&externalId=a,b&externalUid=u,v&status=active', [{
      filter: {
        id: ['AS-1-2'], 'product.id': ['PRD-1-2'], external_id: 'a,b', external_uid: ['u', 'v'], status: ['active']
      },
      sort: ['created'],
      ...page
    }]]
  ]
  for (const [path, args] of cases) {
    t.match(await call('GET', path), { status: 200, json: { items: [], total: 0 } }, path)
    t.same(calls.at(-1)?.args, args, path)
  }
  for (const [path, where] of [
    ['/v1/products?status=gone', 'query.status'], ['/v1/products?sort=name', 'query.sort'],
    ['/v1/products?id=AS-1-2', 'query.id'], ['/v1/products/AS-1/items', 'path.productId'],
    ['/v1/products/PRD-1-2/items?type=PPU', 'query.type'], ['/v1/assets?externalId=empty()', 'query.externalId'],
    ['/v1/assets?marketplaceId=MP-1', 'query.marketplaceId'],
    ['/v1/usage-contracts?contractId=CRD-1', 'query.contractId']
  ] as const) {
    t.match(await call('GET', path), { status: 400, json: { errors: [{ path: where }] } }, path)
  }
  t.equal(calls.length, cases.length)
})

t.test('each shape of Connect becomes the one of this service', async (t) => {
  const { connect } = fakeConnect({
    catalogue: {
      products: () => ({
        total: 4,
        items: [
          {
            id: 'PRD-1', name: 'P', icon: '/media/p.png', status: 'PUBLISHED', jwt_secret: 'canary',
            capabilities: { ppu: { schema: 'TR', dynamic: true, required_custom_fields: ['invoice_number'] } }
          },
          { id: 'PRD-2', icon: 'https://host/p.png', capabilities: { ppu: null } },
          { id: 'PRD-3', status: 'new word', capabilities: { ppu: { schema: 'XX', required_custom_fields: null } } },
          { id: 'PRD-4', capabilities: { ppu: { ppu: false, schema: 'QT' } } }
        ]
      }),
      items: () => ({
        total: 2,
        items: [
          {
            id: 'PRD-1-0001', local_id: 'PRD_1_0001', mpn: 'M', name: 'I', period: 'monthly', status: 'published',
            unit: { id: 'u', name: 'units', title: 'Units' }, type: 'reservation', precision: 'Decimal(4)',
            dynamic: false
          },
          { id: 'PRD-1-0002', unit: 'Hours', type: 'PPU', precision: 'decimal_8', dynamic: true }
        ]
      }),
      assets: () => ({
        total: 2,
        items: [
          {
            id: 'AS-1', external_id: 7, external_uid: '', status: 'active', product: { id: 'PRD-1', icon: '/media/x' },
            marketplace: { id: 'MP-1', name: 'M' }, params: [{ id: 'a', value: 'canary' }]
          },
          { id: 'AS-2' }
        ]
      })
    }
  })
  const { app } = await makeApp(t, { connect })
  const items = async (path: string, resource: string): Promise<unknown> =>
    (await caller(t, app, 'provider', `list of ${resource}`)('GET', path)).json['items']
  t.same(await items('/v1/products', 'Product'), [
    {
      id: 'PRD-1', name: 'P', icon: null, status: 'published',
      usage: { schema: 'tr', dynamic: true, requiredCustomFields: ['invoice_number'] }
    },
    { id: 'PRD-2', name: null, icon: 'https://host/p.png', status: null, usage: null },
    {
      id: 'PRD-3', name: null, icon: null, status: null,
      usage: { schema: null, dynamic: false, requiredCustomFields: [] }
    },
    { id: 'PRD-4', name: null, icon: null, status: null, usage: null }
  ])
  t.same(await items('/v1/products/PRD-1-2/items', 'ProductItem'), [
    {
      id: 'PRD-1-0001', localId: 'PRD_1_0001', mpn: 'M', name: 'I', unit: 'Units', precision: 'decimal(4)',
      type: 'reservation', period: 'monthly', status: 'published', dynamic: false
    },
    {
      id: 'PRD-1-0002', localId: null, mpn: null, name: null, unit: 'Hours', precision: 'decimal(8)', type: 'ppu',
      period: null, status: null, dynamic: true
    }
  ])
  t.same(await items('/v1/assets', 'Asset'), [
    {
      id: 'AS-1', externalId: '7', externalUid: null, status: 'active',
      product: { id: 'PRD-1', name: null, icon: null }, marketplace: { id: 'MP-1', name: 'M', icon: null }
    },
    { id: 'AS-2', externalId: null, externalUid: null, status: null, product: null, marketplace: null }
  ])
})

t.test('a row that the filter excludes is never shown', async (t) => {
  const { baseUrl } = await startUpstream(t, (request, answer) => {
    const rows = request.url?.includes('/items') === true
      ? [{ id: 'PRD-1-2-0002', type: 'reservation' }]
      : [{ id: 'X-1', product: { id: 'PRD-9-9' }, status: 'draft' }]
    answer.setHeader('content-type', 'application/json').setHeader('content-range', 'items 0-0/1')
      .end(JSON.stringify(rows))
  })
  const { app } = await makeApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const call = caller(t, app, 'vendor', '')
  for (const path of [
    '/v1/products?status=published', '/v1/products/PRD-1-2/items?type=ppu', '/v1/assets?productId=PRD-1-2',
    '/v1/usage-contracts?productId=PRD-1-2'
  ]) t.match(await call('GET', path), { status: 502, json: { code: 'UPSTREAM_INVALID' } }, path)
})

t.test('a token without the module gets 403 here, and everything else goes on', async (t) => {
  const forbidden = (): never => { throw response(403, 'You do not have permission.') }
  const { connect } = fakeConnect({
    catalogue: { products: forbidden, items: forbidden, assets: forbidden, listings: forbidden },
    usageFiles: { list: () => EMPTY }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageContract')
  for (const path of ['/v1/products', '/v1/products/PRD-1-2/items', '/v1/assets']) {
    t.match(await call('GET', path), {
      status: 403, json: { code: 'CONNECT_FORBIDDEN', connect: { status: 403 } }
    }, path)
  }
  t.match(await call('GET', '/v1/usage-files'), { status: 200 })
  t.match(await call('GET', '/v1/usage-contracts'), { status: 200, json: { items: [] } })
})

t.test('the caller, without a call of Connect', async (t) => {
  const { connect, calls } = fakeConnect({})
  const env = { RATE_LIMIT_PER_MINUTE: '77', UPLOAD_MAX_BYTES: '1234' }
  const { app } = await makeApp(t, { connect, env, callers: testCallers(['usage:submit']) })
  t.same((await caller(t, app, 'vendor', 'Caller')('GET', '/v1/me')).json, {
    id: 'test-vendor',
    account: { name: 'vendor', connectId: 'VA-100-200', role: 'vendor' },
    scopes: ['usage:submit'],
    limits: { requestsPerMinute: 77, uploadMaxBytes: 1234, rowsMax: 1048575 }
  })
  t.equal((await app.inject('/v1/me')).statusCode, 401)
  t.same(calls, [])
})

t.test('the lists of the sandbox', async (t) => {
  const both = await startBoth(t)
  const vendor = http(both, 'vendor')
  const { json: products } = await vendor('GET', '/v1/products?name=CLOUD&status=published', 'Product')
  t.match(products, {
    total: 3,
    items: [{ name: 'Cloud Solutions Bundle', usage: { schema: 'cr', dynamic: true } }, { name: 'Fallball Cloud' },
      { id: 'PRD-760-570-680', icon: null }]
  })
  t.match((await vendor('GET', '/v1/products?id=PRD-750-560-670', 'Product')).json, { items: [{ usage: null }] })
  t.match((await vendor('GET', '/v1/products/PRD-410-220-330/items?type=reservation', 'ProductItem')).json, {
    total: 1, items: [{ id: 'PRD-410-220-330-0003', mpn: 'BV-DEVICE', type: 'reservation', unit: 'Devices' }]
  })
  const page = await vendor('GET', '/v1/assets?productId=PRD-760-570-680&limit=1000&offset=2000', 'Asset')
  t.match(page.json, { total: 5000, items: { length: 1000 } })
  t.match(page.headers.get('link'), /offset=3000>; rel="next"/)
  const provider = http(both, 'provider')
  t.match(await provider('GET', '/v1/products/PRD-880-110-220/items', ''), {
    status: 404, json: { code: 'NOT_FOUND' }
  })
  const [asset] = (await provider('GET', '/v1/assets?id=AS-5501-1000-0001', 'Asset')).json['items'] as {
    externalId: string, externalUid: string
  }[]
  for (const filter of [`externalId=${asset?.externalId}`, `externalUid=${asset?.externalUid}&status=active`]) {
    t.match((await provider('GET', `/v1/assets?${filter}`, 'Asset')).json, { total: 1, items: [asset] }, filter)
  }
})
