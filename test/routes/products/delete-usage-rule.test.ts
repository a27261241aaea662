import t from 'tap'
import { response, timeout } from '../../usage/failures.ts'
import type { Stubs } from '../fake-connect.ts'
import { connectRule, fail, PATH, PRODUCT, start } from './usage-rules-fixture.ts'

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
