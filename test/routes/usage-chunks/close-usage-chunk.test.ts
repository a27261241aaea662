import t from 'tap'
import type { UsageRecord as ConnectRecord } from '../../../src/connect/types.ts'
import { response, timeout } from '../../usage/failures.ts'
import type { Reply } from '../call.ts'
import { CASES, closedAt, closedRecord, connectChunk, run } from './chunk-actions-fixture.ts'

t.test('an unclear close of a chunk without a time, or with an old one, is unknown', async (t) => {
  const close = CASES[1]!
  t.match(
    (await run(t, close, response(500), [connectChunk('ready'), connectChunk('closed')])).reply,
    { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
    'closed since, by whom is not said'
  )
  const old = closedAt('2026-11-01T00:00:00Z')
  t.match(
    (await run(t, close, timeout(), [old, old])).reply,
    { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
    'closed long before'
  )
  for (const at of ['2026-10-01T00:00:00Z', '2026-11-01T00:00:00.000+00:00', '2026-11-01T02:00:00+02:00']) {
    t.match(
      (await run(t, close, timeout(), [old, closedAt(at)])).reply,
      { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
      `${at} is no later time`
    )
  }
  t.match((await run(t, close, response(500), [old, old])).reply, { status: 502, json: { code: 'UPSTREAM_FAILED' } })
  t.match(
    (await run(t, close, timeout(), [old, closedAt('2026-11-05T00:00:00Z')])).reply,
    { status: 200 },
    'closed anew'
  )
})

t.test('a chunk that another user closed with another billing id is not a success of this request', async (t) => {
  const close = CASES[1]!
  const end = async (records: ConnectRecord[] | Error): Promise<Reply> =>
    (await run(t, close, timeout(), [connectChunk('ready'), closedAt('2026-11-05T08:30:00Z')], records)).reply
  const unknown = { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }
  t.match(await end([closedRecord('INV-2')]), unknown)
  t.match(
    await end([closedRecord('INV-1', '2026-11-04T00:00:00Z'), closedRecord('INV-2')]),
    unknown,
    'one record had been closed singly before, with the same id'
  )
  t.match(await end([]), unknown, 'nothing tells')
  t.match(await end(timeout()), unknown, 'nobody can look')
  t.match(await end([closedRecord('INV-2', '2026-11-04T00:00:00Z'), closedRecord('INV-1')]), {
    status: 200,
    json: { status: 'closed' }
  })
})

t.test('Connect decides about a chunk that is closed already', async (t) => {
  const close = CASES[1]!
  const old = closedAt('2026-11-01T00:00:00Z')
  const { reply, sent } = await run(t, close, response(400, 'Closed.'), [old])
  t.match(reply, { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed', actions: ['update'] } })
  t.equal(sent.length, 1)
})
