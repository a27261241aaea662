import t from 'tap'
import { startBoth } from '../../helper.ts'
import { http } from '../http.ts'

t.test('the sandbox keeps the rules of a product', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const [vendor, provider] = [http(both, 'vendor'), http(both, 'provider')]
  const item = 'PRD-410-220-330-0001'
  const path = '/v1/products/PRD-410-220-330/usage-rules'
  const order = async (): Promise<string[]> =>
    ((await provider('GET', `${path}?itemId=${item}`, 'UsageRule')).json['items'] as { id: string }[]).map(
      ({ id }) => id
    )
  const effectsOf = (id: string) => sandbox.store.effects.get(id) ?? {}
  const lose = (method: string): void => {
    sandbox.faults.add({ match: { method, path: '/usage/rules.*' }, when: 'after', fault: { type: 'reset' } })
  }

  const created = await provider('POST', path, 'UsageRule', { itemId: item, action: 'manual', rule: 'ge(amount,250)' })
  t.match(created, {
    status: 201,
    json: {
      itemId: item,
      itemName: 'Protected storage',
      productId: 'PRD-410-220-330',
      scope: 'record',
      status: 'active'
    }
  })
  const { id } = created.json as { id: string }
  t.equal(created.headers.get('location'), `${path}/${id}`)
  const [first = ''] = await order()
  t.same(await order(), [first, id])

  await t.test('a rule gets its place in the order', async (t) => {
    t.match(await provider('PATCH', `${path}/${first}`, 'UsageRule', { afterRuleId: id }), {
      status: 200,
      json: { id: first, rule: 'lt(amount,250)' }
    })
    t.same(await order(), [id, first])
    t.equal((await provider('PATCH', `${path}/${id}`, 'UsageRule', { afterRuleId: first })).status, 200)
    t.same(await order(), [first, id])
    t.match(await provider('PATCH', `${path}/${id}`, '', { afterRuleId: id }), {
      status: 400,
      json: { code: 'CONNECT_REJECTED' }
    })
  })

  await t.test('a rule is changed and read back', async (t) => {
    t.match(await provider('PATCH', `${path}/${id}`, 'UsageRule', { action: 'reject' }), {
      status: 200,
      json: { action: 'reject', rule: 'ge(amount,250)' }
    })
    t.match(await vendor('GET', `${path}/${id}`, 'UsageRule'), {
      status: 200,
      json: { action: 'reject', updatedAt: /Z$/ }
    })
    t.match((await provider('GET', `${path}?action=reject&itemName=STORAGE`, 'UsageRule')).json, {
      total: 1,
      items: [{ id }]
    })
  })

  await t.test('a lost answer to a change that took effect is a success, and happens once', async (t) => {
    lose('POST')
    const twin = await provider('POST', path, 'UsageRule', { itemId: item, action: 'accept', rule: 'lt(amount,1)' })
    t.match(twin, { status: 201, json: { rule: 'lt(amount,1)' } })
    t.equal((await order()).length, 3)
    lose('PUT')
    t.match(await provider('PATCH', `${path}/${id}`, 'UsageRule', { rule: null }), {
      status: 200,
      json: { rule: null }
    })
    lose('DELETE')
    t.equal((await provider('DELETE', `${path}/${id}`, '')).status, 204)
    t.match(effectsOf(id), { deleted: 1 })
    t.equal(sandbox.ledger.entries.filter(entry => entry.fault === 'reset').length, 3, 'three answers were lost')
    const other = (await order()).find(rule => rule !== first && rule !== id)
    lose('PUT')
    t.match(
      await provider('PATCH', `${path}/${first}`, '', { afterRuleId: other }),
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
      'a place cannot be read back'
    )
  })

  await t.test('a second delete is refused', async (t) => {
    t.match(await provider('DELETE', `${path}/${id}`, ''), {
      status: 409,
      json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'deleted' }
    })
    t.match((await provider('GET', `${path}/${id}`, 'UsageRule')).json, { status: 'deleted' })
    t.match(await provider('GET', `${path}/UIR-000-000-000`, ''), { status: 404, json: { code: 'NOT_FOUND' } })
    t.match(await provider('POST', path, '', { itemId: 'PRD-276-377-545-0001', action: 'accept', rule: 'x' }), {
      status: 400,
      json: { code: 'CONNECT_REJECTED' }
    })
  })
})

t.test('the template comes from the storage, without the credential of Connect', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const vendor = http(both, 'vendor')
  const { status, headers, bytes } = await vendor('GET', '/v1/products/PRD-276-377-545/usage-template', '')
  t.equal(status, 200)
  t.equal(Buffer.from(bytes).toString('latin1', 0, 2), 'PK')
  t.match(Object.fromEntries(headers), {
    'content-type': /spreadsheetml/,
    'content-disposition': 'attachment; filename="PRD-276-377-545-template.xlsx"',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store'
  })
  const [asked, followed] = sandbox.ledger.entries.slice(-2)
  t.match(asked, { path: /\/usage\/products\/PRD-276-377-545\/template$/, headers: { authorization: /ApiKey/ } })
  t.match(followed?.path, /^\/storage\//)
  t.notOk('authorization' in (followed?.headers ?? {}))
  t.match(await vendor('GET', '/v1/products/PRD-880-110-220/usage-template', ''), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
  sandbox.faults.add({ match: { path: '/storage' }, fault: { type: 'status', code: 403 } })
  t.equal(
    (await vendor('GET', '/v1/products/PRD-276-377-545/usage-template', '')).status,
    200,
    'a lapsed link is asked for once more'
  )
})
