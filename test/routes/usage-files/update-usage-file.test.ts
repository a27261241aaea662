import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { timeout } from '../../usage/failures.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { testFileAction, type ActionCase } from '../file-action.ts'

const url = `/v1/usage-files/${FILE_ID}`

const action: ActionCase = {
  path: '',
  method: 'PATCH',
  operation: 'update',
  role: 'vendor',
  body: { note: 'new' },
  from: 'draft',
  wrong: 'pending',
  done: connectFile('draft', { note: 'new' }),
  status: 200,
  sends: [{ currency: 'EUR', external_id: 'e', period: { from: '2026-10-01', to: '2026-10-31' }, note: 'new' }]
}

t.test('updateUsageFile keeps the rules of every action', async (t) => {
  await testFileAction(t, action)
})

t.test('wrong bodies are refused', async (t) => {
  const { connect, calls } = fakeConnect({ usageFiles: { get: () => connectFile('draft') } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  for (const body of [
    {},
    { name: 'x' },
    { note: 5 },
    { note: 'x'.repeat(201) },
    { period: null },
    { period: { from: '2026-01-01' } },
    { currency: '' },
    { currency: ' ' },
    { externalId: '' },
    { externalId: ' ' },
    { productId: 'PRD-1' }
  ]) {
    t.match(
      await call('PATCH', url, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body).slice(0, 40)
    )
  }
  t.same(calls, [])
  t.match(await call('PATCH', url, { period: { from: '2026-02-02', to: '2026-02-01' } }), {
    status: 400,
    json: { errors: [{ path: 'body.period' }] }
  })
  t.same(calls.filter(one => one.operation !== 'usageFiles.get'), [])
})

t.test('when the file cannot be read again, the answer has only what Connect showed', async (t) => {
  const change = async (answer: unknown, body: object) => {
    let reads = 0
    const { connect } = fakeConnect({
      usageFiles: {
        get: () => {
          if (reads++ > 0) throw timeout()
          return connectFile('draft', { description: 'old', note: 'same' })
        },
        update: () => answer
      }
    })
    const { app } = await makeApp(t, { connect })
    return await caller(t, app, 'vendor', 'UsageFile')('PATCH', url, body)
  }
  t.match(await change({ note: 'new' }, { note: ' new' }), {
    status: 200,
    json: { id: FILE_ID, note: 'new', description: 'old', status: 'draft' }
  })
  t.match(await change(null, { note: 'same' }), { status: 200, json: { note: 'same' } }, 'nothing was to change')
  for (const answer of [null, {}, { status: 'draft' }]) {
    t.match(await change(answer, { note: 'new' }), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  }
  t.match(await change({ note: 'new' }, { note: 'new', currency: 'USD' }), { status: 504 }, 'one of two fields')
})

t.test('a success that the file denies is OUTCOME_UNKNOWN', async (t) => {
  for (const answer of [null, {}, connectFile('draft', { note: 'old' })]) {
    const { connect, calls } = fakeConnect({
      usageFiles: { get: () => connectFile('draft', { note: 'old' }), update: () => answer }
    })
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, 'vendor', 'UsageFile')('PATCH', url, { note: 'new' }), {
      status: 504,
      json: { code: 'OUTCOME_UNKNOWN' }
    })
    t.equal(calls.filter(({ operation }) => operation === 'usageFiles.update').length, 1)
  }
})

t.test('the sandbox\'s file is changed', async (t) => {
  const { app } = await startBoth(t)
  const call = caller(t, app, 'vendor', 'UsageFile')
  const [{ id }] = (await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?status=draft')).json[
    'items'
  ] as [{ id: string }]
  const file = `/v1/usage-files/${id}`
  const before = (await call('GET', file)).json
  const changed = await call('PATCH', file, {
    note: 'mine',
    externalId: 'ext-1',
    period: { from: '2026-09-01', to: '2026-09-30' }
  })
  t.match(changed, {
    status: 200,
    json: { note: 'mine', externalId: 'ext-1', period: { from: '2026-09-01T00:00:00Z', to: '2026-09-30T23:59:59Z' } }
  })
  t.equal(changed.json['description'], before['description'], 'what is absent stays')
  const cleared = await call('PATCH', file, { note: null, externalId: null, description: null })
  t.match(cleared.json, {
    note: null,
    externalId: null,
    description: null,
    period: { from: '2026-09-01T00:00:00Z', to: '2026-09-30T23:59:59Z' }
  })
  t.same((await call('GET', file)).json, cleared.json)

  const [{ id: pending }] = (
    await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?status=pending')
  ).json['items'] as [{ id: string }]
  t.match(await call('PATCH', `/v1/usage-files/${pending}`, { note: 'x' }), {
    status: 409,
    json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'pending' }
  })
})
