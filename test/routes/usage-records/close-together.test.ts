import t from 'tap'
import type { UsageRecord } from '../../../src/connect/types.ts'
import { makeApp, PROVIDER_KEY, startBoth } from '../../helper.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller, type Method, type Reply } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const RECORD = 'UR-2021-01-2023-8696-9408-6767'
const url = `/v1/usage-records/${RECORD}/close`
const later = async () => await new Promise(setImmediate)

const statuses = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status)

/** A Connect with one record that is slow enough for requests to meet, and refuses no close. */
function oneRecord (failure: Error | null = null) {
  let record: UsageRecord = { id: RECORD, status: 'approved', usagefile: { id: 'UF-1' } }
  const { connect, calls } = fakeConnect({
    usageRecords: {
      get: async () => {
        await later()
        return record
      },
      close: async (_id: string, body: object) => {
        await later()
        if (failure !== null) throw failure
        record = { ...record, ...body, status: 'closed' }
        return record
      }
    }
  })
  const count = (operation: string): number => calls.filter(one => one.operation === `usageRecords.${operation}`).length
  return { connect, count }
}

t.test('simultaneous closes of one record with one billing id are one close', async (t) => {
  const { connect, count } = oneRecord()
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', 'UsageRecord')
  const close = async (): Promise<Reply> => await call('POST', url, { externalBillingId: 'INV-1' })
  const replies = await Promise.all(Array.from({ length: 50 }, close))
  for (const reply of replies) t.match(reply, { status: 200, json: { externalBillingId: 'INV-1' } })
  t.equal(count('close'), 1)
  t.equal(count('get'), 1)
})

t.test('a close with another billing id waits, reads the record, and is a conflict', async (t) => {
  const { connect, count } = oneRecord()
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', 'UsageRecord')
  const close = async (externalBillingId: string): Promise<Reply> => await call('POST', url, { externalBillingId })
  const replies = await Promise.all(['INV-1', 'INV-2', 'INV-1', 'INV-3', 'INV-2'].map(close))
  t.same(statuses(replies), [200, 409, 200, 409, 409])
  t.match(replies[1], { json: { code: 'BILLING_CONFLICT', externalBillingId: 'INV-1' } })
  t.equal(count('close'), 1)
})

t.test('all requests that share a close get its failure', async (t) => {
  const failures = [[timeout(), 504, 'OUTCOME_UNKNOWN'], [response(400), 400, 'CONNECT_REJECTED']] as const
  for (const [failure, status, code] of failures) {
    const { connect, count } = oneRecord(failure)
    const { app } = await makeApp(t, { connect })
    const call = caller(t, app, 'provider', '')
    const close = async (): Promise<Reply> => await call('POST', url, { externalBillingId: 'INV-1' })
    const replies = await Promise.all(Array.from({ length: 3 }, close))
    for (const reply of replies) t.match(reply, { status, json: { code } })
    t.equal(count('close'), 1)
  }
})

/** What the audit lines say became of each request. */
const outcomesIn = (logs: readonly Record<string, unknown>[]): unknown[] =>
  logs.filter(line => line['audit'] === true).map(line => line['outcome'])

const keyed = (call: (method: Method, url: string, body: object, headers: Record<string, string>) => Promise<Reply>) =>
  async (key: string): Promise<Reply> =>
    await call('POST', url, { externalBillingId: 'INV-1' }, { 'idempotency-key': key })

t.test('requests with keys share the close, and each key keeps the answer', async (t) => {
  const { connect, count } = oneRecord()
  const { app, logs } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', 'UsageRecord')
  const close = keyed(call)
  t.same(statuses(await Promise.all(['a', 'b', 'c'].map(close))), [200, 200, 200])
  t.equal(count('close'), 1)
  for (const key of ['a', 'b', 'c']) {
    t.match(await close(key), { status: 200, headers: { 'idempotency-replayed': 'true' } })
  }
  t.equal(count('get'), 1, 'an answer that is kept costs no call')
  t.same(outcomesIn(logs), Array(6).fill('done'))
})

t.test('a key whose request shared a failure of unknown outcome may be sent again', async (t) => {
  const { connect, count } = oneRecord(timeout())
  const { app, logs } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', '')
  const close = keyed(call)
  const unknown = { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
  for (const reply of await Promise.all(['a', 'b'].map(close))) t.match(reply, unknown)
  t.same(outcomesIn(logs), ['unknown', 'unknown'])
  const reads = count('get')
  t.match(await close('b'), unknown)
  t.ok(count('get') > reads, 'it looks again')
})

t.test('simultaneous closes over sockets are one close in the sandbox', async (t) => {
  const { app, origin, sandbox } = await startBoth(t)
  const approved = await caller(t, app, 'provider', 'list of UsageRecord')('GET', '/v1/usage-records?status=approved')
  const [{ id }] = approved.json['items'] as [{ id: string }]
  const close = async (): Promise<number> => (await fetch(`${origin}/v1/usage-records/${id}/close`, {
    method: 'POST',
    headers: { 'x-api-key': PROVIDER_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ externalBillingId: 'INV-1' })
  })).status
  t.same(new Set(await Promise.all(Array.from({ length: 50 }, close))), new Set([200]))
  t.equal(sandbox.summary().closeAttempts[id], 1)
})
