import t, { type Test } from 'tap'
import type { UsageRecord as ConnectRecord } from '../../../src/connect/types.ts'
import { makeApp, startBoth } from '../../helper.ts'
import { asProvider, asVendor } from '../../../sandbox/test/helper.ts'
import { pending } from '../../../sandbox/test/stories.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { http } from '../http.ts'

const ID = 'UR-2026-11-4410-7719-0001-0001'
const PATH = `/v1/usage-records/${ID}`
const connectRecord = (status: string, more: ConnectRecord = {}): ConnectRecord => ({
  id: ID,
  status,
  usage: '1.50',
  amount: '9007199254740993.12345678',
  usagefile: { id: 'UF-2026-11-4410-7719', name: 'October' },
  ...more
})

/** Decides `approved`; sends and reads end as told. */
async function decide (
  t: Test,
  send: ConnectRecord | Error | null,
  read: ConnectRecord | Error = new Error('nobody reads')
) {
  const give = (value: ConnectRecord | Error | null) => () => {
    if (value instanceof Error) throw value
    return value
  }
  const { connect, calls } = fakeConnect({ usageRecords: { update: give(send), get: give(read) } })
  const { app } = await makeApp(t, { connect })
  const reply = await caller(t, app, 'provider', 'UsageRecord')('PATCH', PATH, { status: 'approved' })
  t.same(
    calls.filter(call => call.operation === 'usageRecords.update').map(call => call.args),
    [[ID, { status: 'approved' }]],
    'sent once'
  )
  return { reply, reads: calls.length - 1 }
}

t.test('the decision is sent, and the answer shows the record after it', async (t) => {
  const { reply, reads } = await decide(t, connectRecord('approved'))
  t.match(reply, {
    status: 200,
    json: { id: ID, status: 'approved', quantity: '1.50', amount: '9007199254740993.12345678' }
  })
  t.equal(reads, 0)
})

t.test('an incomplete answer is completed by a read, or shown when it shows the decision', async (t) => {
  for (const answer of [null, { id: ID, status: 'approved' }, connectRecord('valid')]) {
    t.match((await decide(t, answer, connectRecord('approved'))).reply, {
      status: 200,
      json: { status: 'approved', fileName: 'October' }
    })
  }
  t.match((await decide(t, { status: 'approved' }, timeout())).reply, {
    status: 200,
    json: { id: ID, status: 'approved', fileName: null }
  })
  for (const answer of [null, {}, { id: ID }]) {
    t.match((await decide(t, answer, timeout())).reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  }
})

t.test('a success that the record denies is OUTCOME_UNKNOWN', async (t) => {
  for (const answer of [null, {}, connectRecord('valid')]) {
    t.match((await decide(t, answer, connectRecord('valid'))).reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  }
  t.match(
    (await decide(t, null, connectRecord('closed'))).reply,
    { status: 200, json: { status: 'closed' } },
    'approved, and closed since'
  )
})

t.test('a refusal is passed on or explained', async (t) => {
  for (const status of ['closed', 'invalid']) {
    t.match((await decide(t, response(400, 'No.'), connectRecord(status))).reply, {
      status: 409,
      json: { code: 'ACTION_NOT_ALLOWED', currentStatus: status, connect: { errors: ['No.'] } }
    })
  }
  t.match((await decide(t, response(400, 'The file is closed.'), connectRecord('rejected'))).reply, {
    status: 400,
    json: { code: 'CONNECT_REJECTED', connect: { errors: ['The file is closed.'] } }
  })
  t.match((await decide(t, response(400), timeout())).reply, { status: 400, json: { code: 'CONNECT_REJECTED' } })
  t.match((await decide(t, response(404))).reply, { status: 404, json: { code: 'NOT_FOUND' } })
})

t.test('after an unclear end the record shows the outcome', async (t) => {
  t.match((await decide(t, timeout(), connectRecord('approved'))).reply, { status: 200, json: { status: 'approved' } })
  t.match((await decide(t, response(502), connectRecord('Approved'))).reply, {
    status: 200,
    json: { status: 'approved' }
  })
  t.match((await decide(t, timeout(), connectRecord('valid'))).reply, {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN' }
  })
  t.match((await decide(t, timeout(), timeout())).reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  t.match((await decide(t, response(500), connectRecord('valid'))).reply, {
    status: 502,
    json: { code: 'UPSTREAM_FAILED' }
  })
})

t.test('a wrong decision, a wrong id and a wrong role are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const provider = caller(t, app, 'provider', '')
  for (const body of [
    undefined,
    {},
    { status: 'closed' },
    { status: 'valid' },
    { status: 'Approved' },
    { status: null },
    { status: 'approved', note: 'x' },
    []
  ]) {
    t.match(
      await provider('PATCH', PATH, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)
    )
  }
  t.match(await provider('PATCH', '/v1/usage-records/UF-1', { status: 'approved' }), {
    status: 400,
    json: { errors: [{ path: 'path.recordId' }] }
  })
  t.match(await caller(t, app, 'vendor', '')('PATCH', PATH), {
    status: 403,
    json: { code: 'SCOPE_MISSING', scope: 'usage:decide' }
  })
  t.same(calls, [])
})

t.test('the sandbox records the decision', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const fileId = await pending(asVendor(sandbox))
  const [one, two] = (await provider('GET', `/v1/usage-records?fileId=${fileId}`, 'UsageRecord')).json['items'] as [
    { id: string },
    { id: string }
  ]
  t.match(await provider('PATCH', `/v1/usage-records/${one.id}`, 'UsageRecord', { status: 'rejected' }), {
    status: 200,
    json: { status: 'rejected' }
  })
  sandbox.faults.add({ match: { method: 'PUT', path: '/usage/records' }, when: 'after', fault: { type: 'reset' } })
  t.match(await provider('PATCH', `/v1/usage-records/${two.id}`, 'UsageRecord', { status: 'rejected' }), {
    status: 200,
    json: { status: 'rejected' }
  })
  t.match(sandbox.store.effects.get(two.id), { rejected: 1 })
  await asProvider(sandbox)('POST', `/usage/files/${fileId}/accept`)
  t.match(await provider('GET', `/v1/usage-files/${fileId}`, 'UsageFile'), {
    json: { records: { valid: 4, invalid: 0, closed: 0, openRecords: 2 } }
  }, 'a rejected record is not open')
  await asProvider(sandbox)('PUT', `/usage/files/${fileId}/approve-all`)
  t.equal(
    (await provider('POST', `/v1/usage-records/${one.id}/close`, 'UsageRecord', { externalBillingId: 'INV-1' })).status,
    200
  )
  t.match(await provider('PATCH', `/v1/usage-records/${one.id}`, '', { status: 'rejected' }), {
    status: 409,
    json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed' }
  })
})
