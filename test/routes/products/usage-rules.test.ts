import t, { type Test } from 'tap'
import type { UsageRule as ConnectRule } from '../../../src/connect/types.ts'
import { makeApp } from '../../helper.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect, type Stubs } from '../fake-connect.ts'

const PRODUCT = 'PRD-113-628-780'
const ITEM = `${PRODUCT}-0003`
const PATH = `/v1/products/${PRODUCT}/usage-rules`

const connectRule = (more: ConnectRule = {}): ConnectRule => ({
  id: 'UIR-276-377-001',
  action: 'accept',
  scope: 'record',
  rule: 'lt(amount,1000)',
  status: 'active',
  item: { id: ITEM, name: 'Machine' },
  events: { created: { at: '2026-09-01T08:00:00+00:00' }, updated: { at: '2026-09-14T11:20:05.5+00:00' } },
  ...more
})

const given = { itemId: ITEM, action: 'accept', rule: 'lt(amount,1000)' }
const sent = { item: { id: ITEM }, action: 'accept', rule: 'lt(amount,1000)', status: 'active' }
const fail = (error: Error) => () => { throw error }
/** The values one after the other, the last one for ever. */
const inTurn = (...values: unknown[]) => () => {
  const next = values.length > 1 ? values.shift() : values[0]
  if (next instanceof Error) throw next
  return next
}
const page = (...items: ConnectRule[]) => ({ items, total: items.length })

async function start (t: Test, rules: NonNullable<Stubs['rules']>) {
  const { connect, calls } = fakeConnect({ rules })
  const { app } = await makeApp(t, { connect })
  return {
    calls,
    provider: caller(t, app, 'provider', 'UsageRule'),
    lists: caller(t, app, 'provider', 'list of UsageRule'),
    vendor: caller(t, app, 'vendor', '')
  }
}

t.test('the rules of a product are listed', async (t) => {
  const { lists, calls } = await start(t, {
    list: () =>
      page(connectRule(), { id: 'UIR-1' }, connectRule({ scope: 'FILE', item: null, rule: null, status: 'Deleted' }))
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

t.test('a rule is updated', async (t) => {
  const RULE = `${PATH}/UIR-276-377-001`

  await t.test('the given fields replace those of the rule', async (t) => {
    const cases: [object, object][] = [
      [{ rule: 'x' }, { ...sent, rule: 'x' }],
      [{ rule: null }, { ...sent, rule: null }],
      [
        { action: 'manual', status: 'deleted', itemId: `${PRODUCT}-0004` },
        { ...sent, action: 'manual', status: 'deleted', item: { id: `${PRODUCT}-0004` } }
      ],
      [{ afterRuleId: 'UIR-276-377-002' }, { ...sent, gravity: { after: 'UIR-276-377-002' } }]
    ]
    for (const [body, expected] of cases) {
      const { provider, calls } = await start(t, {
        get: () => connectRule(),
        update: (_product, _id, sent: object) => connectRule(sent)
      })
      t.equal((await provider('PATCH', RULE, body)).status, 200)
      t.same(calls.map(call => call.operation), ['rules.get', 'rules.update'])
      t.same(calls[1]?.args, [PRODUCT, 'UIR-276-377-001', expected])
    }
    const thin = await start(t, { get: () => ({ id: 'UIR-276-377-001' }), update: () => null })
    t.match(await thin.provider('PATCH', RULE, { action: 'manual' }), { status: 200, json: { itemId: null } })
    t.same(thin.calls[1]?.args[2], { action: 'manual' }, 'what it does not show is not sent')
  })

  await t.test('a success that the rule denies is OUTCOME_UNKNOWN', async (t) => {
    for (const body of [
      { rule: 'x' },
      { rule: null },
      { action: 'manual' },
      { status: 'deleted' },
      { itemId: `${PRODUCT}-0004` },
      { rule: 'x', action: 'accept' }
    ]) {
      for (const answer of [null, {}, connectRule()]) {
        const { provider } = await start(t, { get: () => connectRule(), update: () => answer })
        t.match(
          await provider('PATCH', RULE, body),
          { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
          JSON.stringify(body)
        )
      }
    }
    for (const body of [{ action: 'accept' }, { rule: ' lt(amount,1000)' }, { afterRuleId: 'UIR-276-377-002' }]) {
      const { provider } = await start(t, { get: () => connectRule(), update: () => null })
      t.match(await provider('PATCH', RULE, body), { status: 200 }, 'nothing that would show')
    }
    const { provider } = await start(t, {
      get: () => connectRule(),
      update: () => connectRule({ rule: 'lt( amount, 500 )' })
    })
    t.match(
      await provider('PATCH', RULE, { rule: 'lt(amount,500)' }),
      { status: 200, json: { rule: 'lt( amount, 500 )' } },
      'Connect may write it in its own way'
    )
  })

  await t.test('when the rule cannot be read afterwards, the answer has only what Connect showed', async (t) => {
    const change = async (answer: ConnectRule | null, body: object) => {
      const { provider } = await start(t, { get: inTurn(connectRule(), timeout()), update: () => answer })
      return await provider('PATCH', RULE, body)
    }
    t.match(await change({ rule: 'x' }, { rule: 'x ' }), {
      status: 200,
      json: { id: 'UIR-276-377-001', rule: 'x', action: 'accept' }
    })
    t.match(await change(null, { afterRuleId: 'UIR-276-377-002' }), { status: 200 }, 'a place does not show')
    for (const answer of [null, {}, { action: 'accept' }]) {
      t.match(await change(answer, { rule: 'x' }), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
    }
  })

  await t.test('Connect may write an action and a status in any case', async (t) => {
    const shown = connectRule({ action: 'Accept', status: 'ACTIVE' })
    const { provider } = await start(t, { get: () => shown, update: () => shown })
    t.match(await provider('PATCH', RULE, { action: 'accept', status: 'active' }), { status: 200 }, 'as it was')
    const ignored = await start(t, { get: inTurn(connectRule(), shown), update: () => shown })
    t.match(await ignored.provider('PATCH', RULE, { action: 'manual' }), { status: 504 }, 'not changed')
  })

  await t.test('after a lost answer the rule shows the outcome', async (t) => {
    const moved = { updated: { at: '2026-11-01T00:00:00+00:00' } }
    const cases: [object, ConnectRule, Error, object][] = [
      [{ rule: 'x' }, connectRule({ rule: 'x' }), timeout(), { status: 200, json: { rule: 'x' } }],
      [{ rule: null }, connectRule({ rule: null }), response(502), { status: 200, json: { rule: null } }],
      [{ rule: 'x' }, connectRule(), timeout(), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }],
      [{ rule: 'x' }, connectRule(), response(500), { status: 502, json: { code: 'UPSTREAM_FAILED' } }],
      [
        { afterRuleId: 'UIR-276-377-002' },
        connectRule(),
        response(500),
        { status: 502, json: { code: 'UPSTREAM_FAILED' } }
      ],
      [
        { afterRuleId: 'UIR-276-377-002' },
        connectRule({ events: moved }),
        response(500),
        { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
      ]
    ]
    for (const [body, after, end, expected] of cases) {
      const { provider, calls } = await start(t, { get: inTurn(connectRule(), after), update: fail(end) })
      t.match(await provider('PATCH', RULE, body), expected)
      t.equal(calls.filter(call => call.operation === 'rules.update').length, 1)
    }
  })

  await t.test('refusals are passed on, and wrong bodies are refused', async (t) => {
    const refused = await start(t, { get: () => connectRule(), update: fail(response(400)) })
    t.match(await refused.provider('PATCH', RULE, { rule: 'x' }), { status: 400, json: { code: 'CONNECT_REJECTED' } })
    const deleted = await start(t, { get: () => connectRule({ status: 'deleted' }), update: fail(response(400)) })
    t.match(
      await deleted.provider('PATCH', RULE, { rule: 'x' }),
      { status: 400, json: { code: 'CONNECT_REJECTED' } },
      'a deleted rule can be changed, so that is no reason'
    )
    const gone = await start(t, { get: () => connectRule(), update: fail(response(404)) })
    t.match(
      await gone.provider('PATCH', RULE, { afterRuleId: 'UIR-276-377-999' }),
      { status: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: 'body.afterRuleId' }] } },
      'the rule to stand behind'
    )
    t.match(await gone.provider('PATCH', RULE, { rule: 'x' }), { status: 404, json: { code: 'NOT_FOUND' } })
    const lost = await start(t, { get: inTurn(connectRule(), response(404)), update: fail(response(404)) })
    t.match(
      await lost.provider('PATCH', RULE, { afterRuleId: 'UIR-276-377-999' }),
      { status: 404, json: { code: 'NOT_FOUND' } },
      'the rule itself'
    )
    const { provider, vendor, calls } = await start(t, {})
    for (const body of [
      undefined,
      {},
      { rule: '' },
      { action: null },
      { itemId: null },
      { status: null },
      { afterRuleId: '' },
      { afterRuleId: null },
      { afterRuleId: 'x' },
      { scope: 'file' }
    ]) {
      t.match(
        await provider('PATCH', RULE, body),
        { status: 400, json: { code: 'VALIDATION_FAILED' } },
        JSON.stringify(body)
      )
    }
    t.match(await provider('PATCH', `${PATH}/rule-1`, { rule: 'x' }), {
      status: 400,
      json: { errors: [{ path: 'path.ruleId' }] }
    })
    t.match(await vendor('PATCH', RULE), { status: 403, json: { code: 'SCOPE_MISSING' } })
    t.same(calls, [])
  })
})

t.test('a rule is deleted', async (t) => {
  const RULE = `${PATH}/UIR-276-377-001`
  const cases: [string, Stubs['rules'] & object, object][] = [
    ['done', { delete: () => null, get: fail(response(404)) }, { status: 204 }],
    [
      'done, and shown as deleted',
      { delete: () => null, get: () => connectRule({ status: 'deleted' }) },
      { status: 204 }
    ],
    ['done, and nobody to ask', { delete: () => null, get: fail(timeout()) }, { status: 204 }],
    [
      'called done, and still there',
      { delete: () => null, get: () => connectRule() },
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
    ],
    ['lost, and gone', { delete: fail(timeout()), get: fail(response(404)) }, { status: 204 }],
    [
      'lost, and shown as deleted',
      { delete: fail(response(502)), get: () => connectRule({ status: 'deleted' }) },
      { status: 204 }
    ],
    [
      'lost, and still there',
      { delete: fail(timeout()), get: () => connectRule() },
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
    ],
    [
      'lost, and nobody to ask',
      { delete: fail(timeout()), get: fail(timeout()) },
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
    ],
    [
      'failed, and still there',
      { delete: fail(response(500)), get: () => connectRule() },
      { status: 502, json: { code: 'UPSTREAM_FAILED' } }
    ],
    [
      'refused, being deleted',
      { delete: fail(response(400)), get: () => connectRule({ status: 'deleted' }) },
      { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'deleted' } }
    ],
    [
      'refused otherwise',
      { delete: fail(response(400)), get: () => connectRule() },
      { status: 400, json: { code: 'CONNECT_REJECTED' } }
    ],
    ['unknown', { delete: fail(response(404)) }, { status: 404, json: { code: 'NOT_FOUND' } }]
  ]
  for (const [name, stubs, expected] of cases) {
    const { provider, calls } = await start(t, stubs)
    t.match(await provider('DELETE', RULE), expected, name)
    t.same(
      calls.filter(call => call.operation === 'rules.delete').map(call => call.args),
      [[PRODUCT, 'UIR-276-377-001']]
    )
  }
  const { vendor, calls } = await start(t, {})
  t.match(await vendor('DELETE', RULE), { status: 403, json: { code: 'SCOPE_MISSING' } })
  t.same(calls, [])
})
