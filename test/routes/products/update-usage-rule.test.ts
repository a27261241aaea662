import t from 'tap'
import type { UsageRule as ConnectRule } from '../../../src/connect/types.ts'
import { response, timeout } from '../../usage/failures.ts'
import { connectRule, fail, inTurn, PATH, PRODUCT, sent, start } from './usage-rules-fixture.ts'

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
