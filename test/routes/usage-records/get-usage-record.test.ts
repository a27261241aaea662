import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

t.test('a record is shown', async (t) => {
  const { connect, calls } = fakeConnect({
    usageRecords: { get: (id: string) => ({ id, usage: '1.50', status: 'approved' }) }
  })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageRecord')
  t.match(await call('GET', '/v1/usage-records/UR-2021-01-2023-8696-9408-6767'), {
    status: 200,
    json: { id: 'UR-2021-01-2023-8696-9408-6767', quantity: '1.50' }
  })
  for (const id of ['UF-2021-01-2023-8696', 'UR', 'UR-a', 'UR-2021%2F..', 'UR-552-340-461']) {
    t.match(
      await call('GET', `/v1/usage-records/${id}`),
      { status: 400, json: { errors: [{ path: 'path.recordId' }] } },
      id
    )
  }
  t.equal(calls.length, 1)
})

t.test('a missing record is 404', async (t) => {
  const { connect } = fakeConnect({ usageRecords: { get: () => { throw response(404) } } })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'vendor', '')('GET', '/v1/usage-records/UR-2021-01-2023-8696-9408-6767'), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
})

t.test('a record of the sandbox equals its row in the list', async (t) => {
  const { app } = await startBoth(t)
  const [listed] = (
    await caller(t, app, 'provider', 'list of UsageRecord')('GET', '/v1/usage-records?status=closed&limit=1')
  ).json['items'] as { id: string }[]
  t.same((await caller(t, app, 'provider', 'UsageRecord')('GET', `/v1/usage-records/${listed?.id}`)).json, listed)
})
