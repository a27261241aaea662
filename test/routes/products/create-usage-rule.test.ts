import t from 'tap'
import type { UsageRule as ConnectRule } from '../../../src/connect/types.ts'
import { response, timeout } from '../../usage/failures.ts'
import { connectRule, fail, inTurn, ITEM, page, PATH, PRODUCT, sent, start } from './usage-rules-fixture.ts'

const given = { itemId: ITEM, action: 'accept', rule: 'lt(amount,1000)' }

t.test('a rule is created', async (t) => {
  await t.test('the rule is sent once, active unless the body says otherwise', async (t) => {
    for (const status of [undefined, 'deleted']) {
      const { provider, calls } = await start(t, { list: () => page(), create: () => connectRule() })
      const { status: code, headers } = await provider('POST', PATH, {
        ...given,
        ...(status !== undefined && { status })
      })
      t.equal(code, 201)
      t.equal(headers['location'], `${PATH}/UIR-276-377-001`)
      t.same(calls.map(call => call.operation), ['rules.list', 'rules.create'])
      t.same(calls[1]?.args, [PRODUCT, { ...sent, status: status ?? 'active' }])
    }
  })

  await t.test('an incomplete answer is completed by a read', async (t) => {
    const { provider } = await start(t, {
      list: () => page(),
      create: () => ({ id: 'UIR-276-377-001' }),
      get: () => connectRule()
    })
    t.match(await provider('POST', PATH, given), { status: 201, json: { action: 'accept' } })
    const empty = await start(t, { list: inTurn(page(), page(connectRule())), create: () => null })
    t.match(await empty.provider('POST', PATH, given), { status: 201, json: { id: 'UIR-276-377-001' } })
    const nothing = await start(t, { list: () => page(), create: () => null })
    t.match(await nothing.provider('POST', PATH, given), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  })

  await t.test('after a lost answer the one new rule of the item is the created one', async (t) => {
    const old = connectRule({ id: 'UIR-276-377-000' })
    const other = connectRule({ id: 'UIR-276-377-002', rule: 'other' })
    const cases: [ConnectRule[], Error, object][] = [
      [[old, connectRule()], timeout(), { status: 201, json: { id: 'UIR-276-377-001' } }],
      [[old, other, connectRule()], response(502), { status: 201, json: { id: 'UIR-276-377-001' } }],
      [[old, other], timeout(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }],
      [[old], response(500), { status: 502, json: { code: 'UPSTREAM_FAILED' } }],
      [
        [old, connectRule(), connectRule({ id: 'UIR-276-377-003' })],
        response(500),
        { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
      ]
    ]
    for (const [after, end, expected] of cases) {
      const { provider, calls } = await start(t, { list: inTurn(page(old), page(...after)), create: fail(end) })
      t.match(await provider('POST', PATH, given), expected)
      t.equal(calls.filter(call => call.operation === 'rules.create').length, 1)
    }
    const { provider } = await start(t, { list: inTurn(page(old), timeout()), create: fail(timeout()) })
    t.match(await provider('POST', PATH, given), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  })

  await t.test('refusals are passed on, and wrong bodies are refused', async (t) => {
    const { provider, vendor, calls } = await start(t, {
      list: () => page(),
      create: fail(response(400, 'item: unknown'))
    })
    t.match(await provider('POST', PATH, given), {
      status: 400,
      json: { code: 'CONNECT_REJECTED', connect: { errors: ['item: unknown'] } }
    })
    const before = calls.length
    for (const body of [
      undefined,
      {},
      { ...given, action: 'Accept' },
      { ...given, rule: '' },
      { ...given, rule: 'x'.repeat(2001) },
      { ...given, itemId: '' },
      { ...given, status: 'on' },
      { ...given, scope: 'file' },
      { ...given, rule: null }
    ]) {
      t.match(
        await provider('POST', PATH, body),
        { status: 400, json: { code: 'VALIDATION_FAILED' } },
        JSON.stringify(body)?.slice(0, 60)
      )
    }
    t.match(await provider('POST', '/v1/products/UF-1/usage-rules', given), {
      status: 400,
      json: { errors: [{ path: 'path.productId' }] }
    })
    t.match(await vendor('POST', PATH), { status: 403, json: { code: 'SCOPE_MISSING' } })
    t.equal(calls.length, before)
  })
})
