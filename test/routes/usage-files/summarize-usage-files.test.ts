import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

t.test('files are counted for each status under the filters, a few counts at a time', async (t) => {
  let running = 0
  let most = 0
  const { connect, calls } = fakeConnect({
    usageFiles: {
      count: async ({ status }: { status: string }) => {
        most = Math.max(most, ++running)
        await new Promise(resolve => setTimeout(resolve, 2))
        running--
        return status.length
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  const { json } = await caller(
    t,
    app,
    'vendor',
    'UsageFileSummary'
  )('GET', '/v1/usage-files/summary?productId=PRD-1&name=x')
  t.match(json, { byStatus: { draft: 5, uploading: 9, closed: 6, deleted: 7 }, total: 73 })
  t.same(
    calls.map(call => call.args[0]).filter(filter => (filter as { status: string }).status === 'draft'),
    [{ 'product.id': ['PRD-1'], name: { contains: 'x' }, status: 'draft' }]
  )
  t.equal(calls.length, 11)
  t.ok(most > 1 && most <= 4, `${most} at once`)
})

t.test('one count that fails makes the summary fail', async (t) => {
  const { connect } = fakeConnect({ usageFiles: { count: () => { throw response(500) } } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  t.match(await call('GET', '/v1/usage-files/summary'), { status: 502, json: { code: 'UPSTREAM_FAILED' } })
  t.match(await call('GET', '/v1/usage-files/summary?status=draft'), {
    status: 400,
    json: { errors: [{ path: 'query.status' }] }
  })
})

t.test('the total equals the total of the lists in the sandbox', async (t) => {
  const { app } = await startBoth(t)
  const { json } = await caller(t, app, 'vendor', 'UsageFileSummary')('GET', '/v1/usage-files/summary')
  const list = await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?limit=1')
  const { deleted } = json['byStatus'] as { deleted: number }
  t.ok(deleted > 0, 'there are deleted files, which the list does not show')
  t.equal(json['total'], list.json['total'])
})
