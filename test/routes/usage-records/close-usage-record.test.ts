import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const url = '/v1/usage-records/UR-2021-01-2023-8696-9408-6767/close'

t.test('wrong bodies are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', '')
  for (const body of [
    undefined,
    {},
    { externalBillingId: '' },
    { externalBillingId: ' ' },
    { externalBillingId: 7 },
    { externalBillingId: 'a', externalBillingNotes: 'x' },
    { externalBillingId: 'x'.repeat(256) }
  ]) {
    t.match(
      await call('POST', url, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)?.slice(0, 40)
    )
  }
  t.match(await caller(t, app, 'vendor', '')('POST', url, { externalBillingId: 'a' }), {
    status: 403,
    json: { code: 'SCOPE_MISSING' }
  })
  t.same(calls, [])
})

t.test('Connect decides about a record that is not approved', async (t) => {
  const { connect } = fakeConnect({
    usageRecords: {
      get: () => ({ id: 'UR-1', status: 'valid' }),
      close: () => {
        throw response(400, 'Not approved.')
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'provider', '')('POST', url, { externalBillingId: 'a' }), {
    status: 400,
    json: { code: 'CONNECT_REJECTED', connect: { errors: ['Not approved.'] } }
  })
})

t.test('a record of the sandbox is closed once, in every case', async (t) => {
  const { app, sandbox } = await startBoth(t)
  const call = caller(t, app, 'provider', 'UsageRecord')
  const [one, two, three] = (
    await caller(t, app, 'provider', 'list of UsageRecord')('GET', '/v1/usage-records?status=approved&limit=3')
  ).json['items'] as { id: string }[]
  const close = async (id: string | undefined, billingId: string) =>
    await call('POST', `/v1/usage-records/${id}/close`, { externalBillingId: billingId, externalBillingNote: 'run' })
  const done = {
    status: 200,
    json: {
      status: 'closed',
      externalBillingId: 'INV-1',
      externalBillingNote: 'run',
      closedAt: String,
      quantity: String
    }
  }

  t.match(await close(one?.id, 'INV-1'), done)
  t.match(await close(one?.id, 'INV-1'), done)
  t.match(await close(one?.id, 'INV-2'), { status: 409, json: { code: 'BILLING_CONFLICT' } })
  const summary = sandbox.summary()
  t.equal(summary.closeAttempts[one?.id ?? ''], 1, 'the repeats were not sent')

  sandbox.faults.add({
    match: { method: 'POST', path: `/usage/records/${two?.id}/close` },
    when: 'after',
    fault: { type: 'reset' }
  })
  t.match(await close(two?.id, 'INV-1'), done, 'the answer was lost, the close was not')
  t.equal(sandbox.summary().closeAttempts[two?.id ?? ''], 1)

  sandbox.faults.add({ match: { method: 'POST', path: `/usage/records/${three?.id}/close` }, fault: { type: 'reset' } })
  t.match(await close(three?.id, 'INV-1'), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  t.match(await close(three?.id, 'INV-1'), done, 'and may be repeated')
})

t.test('a note of null means the same as no note', async (t) => {
  let isClosed = false
  const { connect, calls } = fakeConnect({
    usageRecords: {
      get: () => ({ id: 'UR-1', status: isClosed ? 'closed' : 'approved', external_billing_id: isClosed ? 'a' : '' }),
      close: () => {
        isClosed = true
        return null
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(
    await caller(t, app, 'provider', 'UsageRecord')('POST', url, { externalBillingId: 'a', externalBillingNote: null }),
    { status: 200, json: { externalBillingId: 'a', externalBillingNote: null } }
  )
  t.same(
    calls.filter(({ operation }) => operation === 'usageRecords.close').map(({ args }) => args[1]),
    [{ external_billing_id: 'a' }]
  )
})
