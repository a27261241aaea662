import t, { type Test } from 'tap'
import type { UsageRule } from '../../../src/connect/types.ts'
import { makeApp, until } from '../../helper.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const PRODUCT = 'PRD-113-628-780'
const RULE = 'UIR-276-377-001'
const url = `/v1/products/${PRODUCT}/usage-rules/${RULE}`
const later = async () => await new Promise(setImmediate)

/** A Connect with one rule, slow enough for requests to meet. */
async function oneRule (t: Test) {
  const world: { rule: UsageRule } = {
    rule: { id: RULE, action: 'accept', rule: 'lt(amount,1)', status: 'active', item: { id: `${PRODUCT}-0003` } }
  }
  const change = (fields: object): UsageRule => {
    world.rule = { ...world.rule, ...fields }
    return world.rule
  }
  const { connect, calls } = fakeConnect({
    rules: {
      get: async () => {
        await later()
        return world.rule
      },
      update: async (_product: string, _id: string, body: object) => {
        await later()
        return change(body)
      },
      delete: async () => {
        await later()
        change({ status: 'deleted' })
        return null
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  return { call: caller(t, app, 'provider', 'UsageRule'), world, calls }
}

t.test('simultaneous changes of one rule lose nothing', async (t) => {
  const { call, world } = await oneRule(t)
  const bodies = [{ action: 'reject' }, { rule: 'lt(amount,2)' }]
  const replies = await Promise.all(bodies.map(async body => await call('PATCH', url, body)))
  t.same(replies.map(({ status }) => status), [200, 200])
  t.match(world.rule, { action: 'reject', rule: 'lt(amount,2)' })
})

t.test('a change at the same time as the deletion of its rule does not restore the rule', async (t) => {
  const { call, world, calls } = await oneRule(t)
  const changing = call('PATCH', url, { action: 'reject' })
  await until(() => calls.length >= 1, 'the change to read the rule')
  const [changed, deleted] = await Promise.all([changing, call('DELETE', url)])
  t.same([changed.status, deleted.status], [200, 204])
  t.equal(world.rule.status, 'deleted')
  t.same(calls.map(({ operation }) => operation), ['rules.get', 'rules.update', 'rules.delete', 'rules.get'])
})
