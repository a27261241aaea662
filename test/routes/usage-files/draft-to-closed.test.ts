import t from 'tap'
import { readFile } from 'node:fs/promises'
import { asVendor, startBoth, until } from '../../helper.ts'
import { caller } from '../call.ts'

t.test('a file goes from draft to closed', async (t) => {
  const { app, origin } = await startBoth(t)
  const vendor = caller(t, app, 'vendor', 'UsageFile')
  const provider = caller(t, app, 'provider', 'UsageFile')
  const created = await vendor('POST', '/v1/usage-files', {
    name: 'Tour',
    productId: 'PRD-276-377-545',
    contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  })
  t.equal(created.status, 201)
  const file = String(created.headers['location'])
  t.match((await vendor('POST', `${file}/submit`)).json, { code: 'ACTION_NOT_ALLOWED', currentStatus: 'draft' })
  t.match(await provider('GET', file), { status: 404 }, 'not the provider\'s yet')

  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(await readFile('sandbox/samples/usage.xlsx'))]), 'usage.xlsx')
  t.equal((await fetch(`${origin}${file}/upload`, { method: 'POST', headers: asVendor, body: form })).status, 202)
  await until(
    async () => ['ready', 'invalid'].includes(String((await vendor('GET', file)).json['status'])),
    'processing'
  )
  t.match((await vendor('GET', file)).json, {
    status: 'ready',
    actions: ['update', 'upload', 'submit', 'delete'],
    files: { uploaded: `${file}/files/uploaded`, processed: `${file}/files/processed` }
  })

  t.match(await vendor('POST', `${file}/submit`), { status: 200, json: { status: 'pending', actions: [] } })
  t.match(await provider('POST', `${file}/accept`, { note: 'fine' }), {
    status: 200,
    json: { status: 'accepted', acceptanceNote: 'fine' }
  })
  t.match(await provider('POST', `${file}/approve-all`), { status: 200, json: { status: 'accepted' } })
  t.match(await provider('POST', `${file}/reprocess`), { status: 202, headers: { 'retry-after': '2' } })
  t.match(await provider('POST', `${file}/close`), {
    status: 200,
    json: { status: 'closed', actions: ['reconcile', 'reprocess'] }
  })
  t.match(await provider('POST', `${file}/close`), {
    status: 409,
    json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed' }
  })
  t.match(await vendor('DELETE', file), { status: 409, json: { currentStatus: 'closed' } })
})

t.test('a rejected file can be deleted', async (t) => {
  const { app } = await startBoth(t)
  const vendor = caller(t, app, 'vendor', 'UsageFile')
  const [{ id }] = (await caller(t, app, 'provider', 'list of UsageFile')('GET', '/v1/usage-files?status=pending'))
    .json['items'] as [{ id: string }]
  t.match(
    await caller(t, app, 'provider', 'UsageFile')('POST', `/v1/usage-files/${id}/reject`, { note: 'Row 4 is wrong.' }),
    { status: 200, json: { status: 'rejected', rejectionNote: 'Row 4 is wrong.' } }
  )
  t.match((await vendor('GET', `/v1/usage-files/${id}`)).json, { actions: ['update', 'upload', 'delete'] })
  t.equal((await vendor('DELETE', `/v1/usage-files/${id}`)).status, 204)
  t.match((await vendor('GET', `/v1/usage-files/${id}`)).json, { status: 'deleted', actions: [] })
})
