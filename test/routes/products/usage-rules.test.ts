import t from 'tap'
import { connectRule, ITEM, page, PATH, PRODUCT, start } from './usage-rules-fixture.ts'

t.test('the rules of a product are listed', async (t) => {
  const { lists, calls } = await start(t, {
    list: () =>
      page(
        connectRule(), { id: 'UIR-1' },
        connectRule({ id: 'UIR-2', scope: 'FILE', item: null, rule: null, status: 'Deleted' })
      )
  })
  const { json, headers } = await lists(
    'GET',
    `${PATH}?id=UIR-1,UIR-2&itemId=${ITEM}&itemName=a*b&action=accept&scope=file&status=active&limit=3`
  )
  t.same(calls[0]?.args, [
    PRODUCT,
    {
      filter: {
        id: ['UIR-1', 'UIR-2'],
        'item.id': [ITEM],
        'item.name': { contains: 'a*b' },
        action: ['accept'],
        scope: ['file'],
        status: ['active']
      },
      sort: ['item.id'],
      limit: 3,
      offset: 0
    }
  ])
  t.ok(headers['link'])
  t.same((json['items'] as object[])[0], {
    id: 'UIR-276-377-001',
    itemId: ITEM,
    itemName: 'Machine',
    productId: PRODUCT,
    action: 'accept',
    scope: 'record',
    rule: 'lt(amount,1000)',
    status: 'active',
    createdAt: '2026-09-01T08:00:00Z',
    updatedAt: '2026-09-14T11:20:05.5Z'
  })
  t.match((json['items'] as object[])[1], {
    id: 'UIR-1', itemId: null, productId: PRODUCT, action: null, updatedAt: null
  })
  t.match((json['items'] as object[])[2], { itemId: null, scope: 'file', status: 'deleted', rule: null })
  for (const query of ['sort=itemId', 'action=perhaps', 'scope=all', 'id=rule-1', 'name=x', 'rule=x']) {
    t.equal((await lists('GET', `${PATH}?${query}`)).status, 400, query)
  }
  t.equal(calls.length, 1)
})
