import t from 'tap'
import { makeApp, startBoth, startUpstream } from '../../helper.ts'
import { asProvider, asVendor } from '../../../sandbox/test/helper.ts'
import { accepted } from '../../../sandbox/test/stories.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { http } from '../http.ts'

t.test('filters of both lists reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({
    aggregates: { list: () => ({ items: [], total: 0 }), listForAsset: () => ({ items: [{}], total: 1 }) }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of UsageAggregate')
  const query =
    'assetExternalUid=u&itemId=PRD-1-2-3-0004&itemLocalId=L&itemType=ppu,reservation&limit=5'
  const filter = {
    'asset.external_uid': ['u'],
    'item.id': ['PRD-1-2-3-0004'],
    'item.local_id': ['L'],
    'item.type': ['PPU', 'Reservation']
  }
  t.equal((await call('GET', `/v1/usage-aggregates?assetId=AS-1,AS-2&${query}`)).status, 200)
  t.equal((await call('GET', `/v1/assets/AS-0596-0203-2918/usage-aggregates?${query}`)).status, 200)
  t.same(
    calls.map(one => one.args),
    [[{ filter: { 'asset.id': ['AS-1', 'AS-2'], ...filter }, limit: 5, offset: 0 }],
      ['AS-0596-0203-2918', { filter, limit: 5, offset: 0 }]]
  )
  for (const bad of ['sort=itemId', 'itemType=PPU', 'productId=x', 'offset=-1']) {
    t.equal((await call('GET', `/v1/usage-aggregates?${bad}`)).status, 400, bad)
  }
  t.match(await call('GET', '/v1/assets/AS-1/usage-aggregates?assetId=AS-2'), {
    status: 400,
    json: { errors: [{ path: 'query.assetId' }] }
  })
  t.match(await call('GET', '/v1/assets/PRD-1/usage-aggregates'), {
    status: 400,
    json: { errors: [{ path: 'path.assetId' }] }
  })
  t.equal(calls.length, 2)
})

t.test('every number keeps its digits', async (t) => {
  const text =
    '[{"item":{"id":"I","type":"PPU","precision":"decimal_4"},"asset":{"id":"AS-1"},' +
    '"amount":9007199254740993.12345678,"currency":"EUR","accepted":9007199254740993,' +
    '"events":{"last_reported":{"at":"2026-11-02T09:16:10.87+00:00"}}},{"consumed":25,"amount":null}]'
  const { baseUrl } = await startUpstream(t, (_request, answer) => {
    answer.setHeader('content-type', 'application/json').setHeader('content-range', 'items 0-1/2').end(text)
  })
  const { app } = await makeApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  for (const path of ['/v1/usage-aggregates', '/v1/assets/AS-1/usage-aggregates']) {
    const { json } = await caller(t, app, 'provider', 'list of UsageAggregate')('GET', path)
    t.match(json['items'], [
      {
        amount: '9007199254740993.12345678',
        accepted: '9007199254740993',
        consumed: null,
        currency: 'EUR',
        item: { type: 'ppu', precision: 'decimal(4)' },
        asset: { id: 'AS-1', externalId: null },
        lastReportedAt: '2026-11-02T09:16:10.87Z'
      },
      { amount: null, accepted: null, consumed: '25', item: { id: null }, asset: { id: null }, lastReportedAt: null }
    ])
  }
})

t.test('totals in the sandbox grow when a file is accepted', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const read = async (): Promise<Record<string, unknown> | undefined> =>
    (
      (
        await provider(
          'GET',
          '/v1/assets/AS-5501-1000-0001/usage-aggregates?itemId=PRD-276-377-545-0003&itemType=ppu',
          'UsageAggregate'
        )
      ).json['items'] as Record<string, unknown>[]
    )[0]
  const before = Number((await read())?.['accepted'] ?? 0)
  await accepted(asVendor(sandbox), asProvider(sandbox))
  const after = await read()
  t.match(after, {
    accepted: String(before + 5),
    consumed: null,
    currency: 'USD',
    amount: /^\d+\.\d+$/,
    lastReportedAt: /Z$/
  })
  t.match(
    (
      await provider(
        'GET',
        '/v1/usage-aggregates?assetId=AS-5501-1000-0001&itemId=PRD-276-377-545-0003',
        'UsageAggregate'
      )
    ).json,
    { total: 1, items: [after] }
  )
  t.match(await provider('GET', '/v1/assets/AS-0000-0000-0000/usage-aggregates', ''), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
})
