import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { caller, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const url = `/v1/usage-files/${FILE_ID}/categories`

t.test('the categories of a file are listed', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: { categories: () => ({ items: [{ id: 'compute', name: 'Compute' }], total: 3 }) }
  })
  const { app } = await makeApp(t, { connect })
  const { json, headers } = await caller(t, app, 'vendor', 'list of Category')('GET', `${url}?name=Com&id=a,b&limit=1`)
  t.same(json, { items: [{ id: 'compute', name: 'Compute', description: null }], total: 3, limit: 1, offset: 0 })
  t.match(headers['link'], /offset=1>; rel="next"/)
  t.same(calls[0]?.args, [
    FILE_ID,
    { filter: { id: ['a', 'b'], name: { contains: 'Com' } }, sort: ['name'], limit: 1, offset: 0 }
  ])
  await caller(t, app, 'vendor', 'list of Category')('GET', `${url}?sort=-name`)
  t.match(calls[1]?.args, [FILE_ID, { sort: ['-name'] }])
  t.match(await caller(t, app, 'vendor', '')('GET', `${url}?sort=id`), {
    status: 400,
    json: { errors: [{ path: 'query.sort' }] }
  })
})

t.test('the sandbox\'s categories can be filtered', async (t) => {
  const { app } = await startBoth(t)
  const call = caller(t, app, 'vendor', 'list of Category')
  const files = (
    await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?status=ready,accepted,closed')
  ).json['items'] as { id: string }[]
  const totals = await Promise.all(
    files.map(async ({ id }) => (await call('GET', `/v1/usage-files/${id}/categories`)).json['total'] as number)
  )
  t.ok(totals.some(total => total > 0))
  const id = files[totals.findIndex(total => total > 0)]?.id
  const [first] = (await call('GET', `/v1/usage-files/${id}/categories`)).json['items'] as {
    id: string
    name: string
  }[]
  t.match((await call('GET', `/v1/usage-files/${id}/categories?id=${first?.id}`)).json, {
    items: [{ id: first?.id }],
    total: 1
  })
  t.match((await call('GET', `/v1/usage-files/${id}/categories?name=${first?.name.toUpperCase()}`)).json, {
    items: [{ id: first?.id }]
  })
})
