import t from 'tap'
import { asProvider, asVendor, startSandbox } from './helper.ts'
import { header } from './stories.ts'
import { path, registration, secret } from './webhooks-fixture.ts'

t.test('domain 13: webhooks are registered, listed, changed and deleted by their own account', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const good = registration('http://127.0.0.1:9/')
  const { product_id: _productId, ...shown } = good
  const created = await vendor('POST', `${path}/`, good)
  t.equal(created.status, 201)
  t.match(created.json, { ...shown, id: /^WB-\d{3}-\d{3}-\d{3}$/, active: true, product: { id: header.product.id } })
  const { id } = created.json
  t.same((await vendor('GET', `${path}/${id}`)).json, created.json)
  t.same((await vendor('GET', path)).list, [created.json])
  for (const filter of ['product.id=PRD-000-000-000', 'active=false', 'label=none', 'like(product.name,x*)',
    'id=WB-000-000-000', 'description=none']) {
    t.same((await vendor('GET', `${path}?${filter}`)).list, [], filter)
  }
  t.equal((await vendor('GET', `${path}?id=${id}`)).list.length, 1)
  t.equal((await vendor('GET', `${path}?active=true&type=event&ordering(-active)`)).list.length, 1)
  t.equal((await vendor('GET', path)).headers.get('content-range'), 'items 0-0/1')
  const changed = await vendor('PUT', `${path}/${id}`, {
    id,
    active: false,
    type: 'event',
    http_method: 'POST',
    data: {},
    headers: {}
  })
  t.match(changed.json, { active: false, label: 'Usage of Fallball', jwt_secret: secret, data: {}, headers: {} })
  t.same((await provider('GET', path)).list, [])
  for (const [method, at] of [['GET', ''], ['PUT', ''], ['DELETE', ''], ['POST', '/trigger']] as const) {
    t.equal(
      (await provider(method, `${path}/${id}${at}`, method === 'PUT' ? {} : undefined)).status,
      404,
      `${method} ${at}`
    )
  }
  const bad: readonly [string, unknown][] = [
    ['object_class', 'part_usage_file'],
    ['type', 'draft'],
    ['http_method', 'PATCH'],
    ['product_id', 'PRD-880-110-220'],
    ['label', undefined],
    ['label', ''],
    ['label', 'l'.repeat(101)],
    ['jwt_secret', 's'.repeat(101)],
    ['external_url', `http://h/${'u'.repeat(4096)}`],
    ['product_id', undefined],
    ['external_url', undefined],
    ['external_url', 'hook'],
    ['external_url', 'ftp://host/'],
    ['external_url', 'http://me:pass@host/'],
    ['jwt_secret', undefined],
    ['jwt_secret', ''],
    ['active', 'yes'],
    ['data', []],
    ['headers', { a: 1 }],
    ['headers', { 'a b': 'c' }],
    ['headers', { a: 'b\nc' }]
  ]
  for (const [name, value] of bad) {
    const answer = await vendor('POST', path, { ...good, [name]: value })
    t.equal(answer.status, 400, `${name} ${String(value)}`)
    if (name !== 'data') t.match(answer.json.errors[0], name)
  }
  t.equal((await vendor('DELETE', `${path}/${id}`)).status, 204)
  t.equal((await vendor('GET', `${path}/${id}`)).status, 404)
  t.notMatch(JSON.stringify(sandbox.ledger.entries), secret, 'the ledger keeps no secret')
})
