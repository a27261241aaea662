import t, { type Test } from 'tap'
import type { UsageChunk as ConnectChunk, UsageRecord as ConnectRecord } from '../../../src/connect/types.ts'
import { makeApp } from '../../helper.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller, type Method, type Reply } from '../call.ts'
import { fakeConnect, type Call } from '../fake-connect.ts'

const ID = 'UFC-2026-11-4410-7719-001'

const connectChunk = (status: string, more: ConnectChunk = {}): ConnectChunk => ({
  id: ID,
  status,
  outdated: false,
  external_id: '',
  usagefile: { id: 'UF-2026-11-4410-7719', name: 'October', schema: 'cr' },
  binding: { hub: { id: 'HB-5603-6213', name: 'East' } },
  events: { created: { at: '2026-11-03T10:00:00+00:00' } },
  stats: { accepted: 2 },
  ...more
})

const closedAt = (at: string): ConnectChunk => connectChunk('closed', { events: { closed: { at } } })

interface ChunkCase {
  name: 'update' | 'close' | 'regenerate'
  method: Method
  path: string
  body?: object
  sends: unknown[]
  /** The chunk before, and once the action took effect. */
  before: ConnectChunk
  done: ConnectChunk
  status: number
  /** Seen by the caller when Connect refuses in this status; null where no status forbids the action. */
  wrong: string | null
}

const CASES: readonly ChunkCase[] = [
  {
    name: 'update',
    method: 'PATCH',
    path: '',
    body: { externalId: 'B-1' },
    sends: [{ external_id: 'B-1' }],
    before: connectChunk('ready'),
    done: connectChunk('ready', { external_id: 'B-1' }),
    status: 200,
    wrong: null
  },
  {
    name: 'close',
    method: 'POST',
    path: '/close',
    body: { externalBillingId: 'INV-1', externalBillingNote: 'n' },
    sends: [{ external_billing_id: 'INV-1', external_billing_note: 'n' }],
    before: connectChunk('ready'),
    done: closedAt('2026-11-05T08:30:00Z'),
    status: 200,
    wrong: 'draft'
  },
  {
    name: 'regenerate',
    method: 'POST',
    path: '/regenerate',
    sends: [],
    before: connectChunk('ready', { outdated: true }),
    done: connectChunk('draft'),
    status: 202,
    wrong: 'closed'
  }
]

const closedRecord = (billingId: string, at = '2026-11-05T08:30:00Z'): ConnectRecord => ({
  id: 'UR-2026-11-4410-7719-0001-0001',
  status: 'closed',
  external_billing_id: billingId,
  closed_at: at
})

/** Sends the action; the reads give one after the other, the last one for ever. */
async function run (
  t: Test,
  { name, method, path, body }: ChunkCase,
  send: ConnectChunk | Error | null,
  reads: (ConnectChunk | Error)[],
  records: ConnectRecord[] | Error = [closedRecord('INV-1')]
): Promise<{ reply: Reply; sent: Call[] }> {
  const give = (value: unknown): unknown => {
    if (value instanceof Error) throw value
    return value
  }
  const { connect, calls } = fakeConnect({
    usageChunks: { [name]: () => give(send), get: () => give(reads.length > 1 ? reads.shift() : reads[0]) },
    usageRecords: { list: () => give(records instanceof Error ? records : { items: records, total: records.length }) }
  })
  const { app } = await makeApp(t, { connect })
  const reply = await caller(t, app, 'provider', 'UsageChunk')(method, `/v1/usage-chunks/${ID}${path}`, body)
  return { reply, sent: calls.filter(call => call.operation === `usageChunks.${name}`) }
}

for (const action of CASES) {
  const { before, done, status, wrong } = action
  t.test(action.name, async (t) => {
    await t.test('the action is sent once, and the answer shows the chunk after it', async (t) => {
      for (const answer of [done, null, { id: ID, status: done.status ?? '' }]) {
        const { reply, sent } = await run(t, action, answer, action.name === 'update' ? [done] : [before, done])
        t.match(reply, { status, json: { id: ID, status: done.status, fileName: 'October' } })
        t.same(sent.map(call => call.args), [[ID, ...action.sends]])
        if (status === 202) t.equal(reply.headers['retry-after'], '2')
      }
    })

    await t.test('the action stays a success when the chunk cannot be read afterwards', async (t) => {
      if (action.name === 'update') {
        const shown = await run(t, action, { external_id: done.external_id ?? '' }, [timeout()])
        t.match(shown.reply, { status, json: { id: ID, status: null, externalId: done.external_id } })
        const { reply } = await run(t, action, null, [timeout()])
        t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, 'nothing shows the change')
        return
      }
      if (action.name === 'close') {
        const shown = await run(t, action, { status: 'closed' }, [before, timeout()])
        t.match(shown.reply, { status, json: { id: ID, status: 'closed' } })
        const { reply } = await run(t, action, null, [before, timeout()])
        t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, 'nothing shows the close')
        return
      }
      t.match((await run(t, action, null, [before, timeout()])).reply, {
        status,
        json: { id: ID, status: null, actions: [] }
      })
    })

    await t.test('a success that the chunk denies is OUTCOME_UNKNOWN', async (t) => {
      for (const answer of [null, {}, before]) {
        const { reply, sent } = await run(t, action, answer, [before])
        if (action.name === 'regenerate') t.match(reply, { status: 202 }, 'work that may begin later')
        else t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }, JSON.stringify(answer))
        t.equal(sent.length, 1)
      }
    })

    await t.test('a refusal for another reason is passed on', async (t) => {
      t.match((await run(t, action, response(400, 'The moon is full.'), [before])).reply, {
        status: 400,
        json: { code: 'CONNECT_REJECTED', connect: { errors: ['The moon is full.'] } }
      })
      t.match((await run(t, action, response(409), [before])).reply, {
        status: 400,
        json: { code: 'CONNECT_REJECTED' }
      })
    })

    await t.test('a refusal is explained by the status that forbids the action', async (t) => {
      const { reply } = await run(t, action, response(400, 'Wrong state.'), [connectChunk(wrong ?? 'closed')])
      if (wrong === null) t.match(reply, { status: 400, json: { code: 'CONNECT_REJECTED' } })
      else {
        t.match(reply, {
          status: 409,
          json: {
            code: 'ACTION_NOT_ALLOWED',
            currentStatus: wrong,
            actions: Array,
            connect: { errors: ['Wrong state.'] }
          }
        })
      }
    })

    await t.test('a lost answer is a success when the action took effect', async (t) => {
      const reads = action.name === 'update' ? [done] : [before, done]
      for (const end of [timeout(), response(502)]) {
        const { reply, sent } = await run(t, action, end, [...reads])
        t.match(reply, { status, json: { status: done.status } })
        t.equal(sent.length, 1)
      }
    })

    await t.test('a lost answer is OUTCOME_UNKNOWN when the action may still take effect', async (t) => {
      const { reply, sent } = await run(t, action, timeout(), [before])
      t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
      t.equal(sent.length, 1)
      t.match((await run(t, action, response(500), [before])).reply, { status: 502, json: { code: 'UPSTREAM_FAILED' } })
    })

    await t.test('a wrong id is refused, and so is the other role', async (t) => {
      const { connect, calls } = fakeConnect({})
      const { app } = await makeApp(t, { connect })
      for (const id of ['UF-2026-11-4410-7719', 'UFC-x', 'UFC-1%2F..%2F2', 'ufc-2026-11-4410-7719-001']) {
        t.match(
          await caller(t, app, 'provider', '')(action.method, `/v1/usage-chunks/${id}${action.path}`, action.body),
          { status: 400, json: { code: 'VALIDATION_FAILED', errors: [{ path: 'path.chunkId' }] } }
        )
      }
      t.match(await caller(t, app, 'vendor', '')(action.method, `/v1/usage-chunks/${ID}${action.path}`), {
        status: 403,
        json: { code: 'SCOPE_MISSING' }
      })
      t.same(calls, [])
    })
  })
}

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

t.test('null removes the external id', async (t) => {
  const update = { ...CASES[0]!, body: { externalId: null } }
  const cleared = connectChunk('ready')
  const { reply, sent } = await run(t, update, cleared, [])
  t.match(reply, { status: 200, json: { externalId: null } })
  t.same(sent.map(call => call.args), [[ID, { external_id: '' }]])
  t.match((await run(t, update, timeout(), [connectChunk('ready', { external_id: null })])).reply, {
    status: 200,
    json: { externalId: null }
  })
  t.match((await run(t, update, null, [connectChunk('ready', { external_id: 'B-1' })])).reply, {
    status: 504,
    json: { code: 'OUTCOME_UNKNOWN' }
  })
})

t.test('Connect decides about a chunk that is closed already', async (t) => {
  const close = CASES[1]!
  const old = closedAt('2026-11-01T00:00:00Z')
  const { reply, sent } = await run(t, close, response(400, 'Closed.'), [old])
  t.match(reply, { status: 409, json: { code: 'ACTION_NOT_ALLOWED', currentStatus: 'closed', actions: ['update'] } })
  t.equal(sent.length, 1)
})

t.test('wrong bodies are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'provider', '')
  for (const body of [
    undefined,
    {},
    { externalId: '' },
    { externalId: ' ' },
    { externalId: 5 },
    { externalId: 'x'.repeat(201) },
    { externalId: 'x', status: 'ready' }
  ]) {
    t.match(
      await call('PATCH', `/v1/usage-chunks/${ID}`, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)?.slice(0, 40)
    )
  }
  for (const body of [
    undefined,
    {},
    { externalBillingNote: 'n' },
    { externalBillingId: ' ' },
    { externalBillingId: 5 },
    { externalBillingId: 'x', note: 'y' }
  ]) {
    t.match(
      await call('POST', `/v1/usage-chunks/${ID}/close`, body),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(body)?.slice(0, 40)
    )
  }
  t.match(await call('POST', `/v1/usage-chunks/${ID}/regenerate`, { x: 1 }), {
    status: 400,
    json: { code: 'VALIDATION_FAILED' }
  })
  t.same(calls, [])
})
