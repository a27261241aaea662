import t from 'tap'
import { ThrottleState } from '../../src/closing/throttle-state.ts'
import { sendBatch, type CloseReply } from '../../src/closing/send-batch.ts'
import { Item } from '../../src/closing/record-outcome.ts'
import { garbage, overloaded, reset, response, timeout, unreachable } from '../usage/failures.ts'
import { FakeConnect, idOf, throttled, type Script } from './fixture.ts'

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => new Item(index, idOf(index), 'INV', index % 2 === 0 ? null : 'n'))

async function send (
  count: number,
  script: Script,
  throttle = new ThrottleState(count)
): Promise<{ answers: CloseReply[]; connect: FakeConnect; throttle: ThrottleState }> {
  const connect = new FakeConnect()
  connect.script = script
  return { answers: await sendBatch(items(count), throttle, connect.steps), connect, throttle }
}

const words = (answers: readonly CloseReply[]): string[] =>
  answers.map(one => (one.outcome === 'doubtful' ? (one.message ?? '?') : 'code' in one ? one.code : one.outcome))
const fails = (error: Error): Script => () => { throw error }

t.test('the call holds Connect\'s fields, and a note only where the record has one', async (t) => {
  const { connect } = await send(2, () => [])
  t.same(connect.batches, [
    [
      { id: idOf(0), external_billing_id: 'INV' },
      { id: idOf(1), external_billing_id: 'INV', external_billing_note: 'n' }
    ]
  ])
})

t.test('each row of the answer decides the record that it names, in any order, number and shape', async (t) => {
  const { answers } = await send(9, () => [
    { id: idOf(3), status: 'Closed' },
    { id: 'UR-0', status: 'closed' },
    { id: idOf(0), status: 'closed', error_codes: '', error_details: null },
    { id: idOf(1), status: 'approved' },
    { id: idOf(2), status: 'closed', error_codes: 'USG_1', error_details: 'No.' },
    { id: idOf(4), status: 'closed' }, { id: idOf(4), error_details: 'No.' },
    { id: idOf(5), error_codes: ['', 'USG_2'] },
    { id: idOf(6), status: 7, error_codes: { a: 1 } },
    { id: 12, status: 'closed' }, {},
    { id: idOf(8), status: 'closed' }, { id: idOf(8), status: 'CLOSED' }
  ])
  t.same(words(answers), ['closed', '?', 'No.', 'closed', '?', 'USG_2', '?', '?', 'closed'])
})

t.test('error texts of a row are cleaned, and a row whose texts cannot be shown still refuses', async (t) => {
  const { answers } = await send(5, () => [
    { id: idOf(0), status: 'closed', error_details: '<script>alert(1)</script>' },
    { id: idOf(1), error_details: ['No\u0007.', 'more'] },
    { id: idOf(2), error_details: 'ApiKey SU-1-2-3:canary at https://s.example/f?sig=canary' },
    { id: idOf(3), error_codes: '\u0007' },
    { id: idOf(4), error_details: 'x'.repeat(5000) }
  ])
  const shown = 'Connect gave a text that is not shown here.'
  t.same(words(answers).slice(0, 4), [shown, 'No .', 'ApiKey [redacted] at https://s.example/f?[redacted]', shown])
  t.equal(words(answers)[4]?.length, 300)
})

t.test('a refused call is halved until the record that Connect refuses is found', async (t) => {
  for (const status of [400, 409, 422]) {
    const { answers, connect, throttle } = await send(16, (batch) => {
      if (batch.some(({ id }) => id === idOf(5))) throw response(status, 'Bad one.')
      return batch.map(({ id }) => ({ id, status: 'closed' }))
    })
    t.same(words(answers), Array.from({ length: 16 }, (_, n) => n === 5 ? 'Bad one.' : 'closed'))
    t.equal(connect.batches.length, 9)
    t.equal(throttle.batchSize, 16)
  }
})

t.test('after a call that is too large, later calls are smaller', async (t) => {
  const script: Script = (batch) => {
    if (batch.length > 5) throw response(413)
    return batch.map(({ id }) => ({ id, status: 'closed' }))
  }
  const { answers, connect, throttle } = await send(16, script)
  t.same(new Set(words(answers)), new Set(['closed']))
  t.equal(throttle.batchSize, 4)
  t.same(connect.batches.map(({ length }) => length), [16, 8, 4, 4, 4, 4])
  const again = await send(16, script, throttle)
  t.same(again.connect.batches.map(({ length }) => length), [4, 4, 4, 4])
  t.same(words((await send(1, fails(response(413, 'Too large.')))).answers), ['Too large.'])
})

t.test('a refusal of the account leaves no record unknown', async (t) => {
  t.same(words((await send(2, fails(response(401)))).answers), ['UPSTREAM_CREDENTIAL', 'UPSTREAM_CREDENTIAL'])
  t.same(words((await send(2, fails(response(403)))).answers), ['CONNECT_FORBIDDEN', 'CONNECT_FORBIDDEN'])
  t.same(words((await send(2, fails(response(404, 'Not here.')))).answers), ['Not here.', 'Not here.'])
})

t.test('a call that may have arrived leaves its records unknown and is not repeated', async (t) => {
  for (const error of [timeout(), reset(), garbage(), garbage(400), garbage(404), response(500), response(502)]) {
    const { answers, connect } = await send(2, fails(error))
    t.same(words(answers), ['?', '?'], error.message)
    t.equal(connect.batches.length, 1)
  }
})

t.test('an error of a gateway counts as no usable answer of Connect', async (t) => {
  const isSilent = async (error: Error): Promise<boolean[]> =>
    (await send(1, fails(error))).answers.map(one => 'isSilent' in one && one.isSilent)
  for (const error of [timeout(), response(504), garbage(408), garbage(499)]) {
    t.same(await isSilent(error), [true], error.message)
  }
  for (const error of [garbage(404), response(502)]) t.same(await isSilent(error), [false], error.message)
})

t.test('no call is sent before the time that Connect named', async (t) => {
  const times: number[] = []
  const { answers } = await send(2, (batch, call) => {
    times.push(performance.now())
    if (call === 1) throw throttled(1)
    if (call === 2) throw throttled(0)
    return batch.map(({ id }) => ({ id, status: 'closed' }))
  })
  t.same(words(answers), ['closed', 'closed'])
  t.equal(times.length, 3)
  t.ok(times[1]! - times[0]! >= 1000, `${times[1]! - times[0]!} ms`)
  t.ok(times[2]! - times[0]! < 20_000, 'and soon after that time')
})

t.test('a pause stops every batch, and a pause that is too long refuses them without a send', async (t) => {
  const throttle = new ThrottleState(2)
  throttle.pauseFor(0.3)
  const startedAt = performance.now()
  const connect = new FakeConnect()
  await Promise.all([sendBatch(items(2), throttle, connect.steps), sendBatch(items(2), throttle, connect.steps)])
  t.ok(performance.now() - startedAt >= 300)
  const { answers } = await send(2, fails(throttled(500)), throttle)
  t.match(answers, Array(2).fill({ outcome: 'doubtful', whenOpen: { code: 'UPSTREAM_THROTTLED' } }))
  const later = await send(2, () => [], throttle)
  t.same([words(later.answers), later.connect.batches.length], [['UPSTREAM_THROTTLED', 'UPSTREAM_THROTTLED'], 0])
})

t.test('a throttled call is repeated while Connect accepts other calls, and else read back', async (t) => {
  const throttle = new ThrottleState(2)
  const lucky = await send(2, (batch, call) => {
    if (call <= 12) {
      if (call % 4 === 0) throttle.answered()
      throw throttled(0)
    }
    return batch.map(({ id }) => ({ id, status: 'closed' }))
  }, throttle)
  t.same(words(lucky.answers), ['closed', 'closed'])
  const { answers, connect } = await send(1, fails(throttled(0)))
  t.match(answers, [{ outcome: 'doubtful', whenOpen: { code: 'UPSTREAM_THROTTLED' } }])
  t.equal(connect.batches.length, 8)
})

t.test('a record that Connect throttled is never reported as not sent', async (t) => {
  const message = /took no call with this record\.$/
  const throttling = await send(1, fails(throttled(900)))
  t.equal(throttling.connect.batches.length, 1)
  t.match(throttling.answers, [{ outcome: 'doubtful', whenOpen: { outcome: 'refused', message } }])
  const gone = await send(1, fails(unreachable()), new ThrottleState(1, undefined, 0))
  t.match(gone.answers, [{ outcome: 'refused', message }])
})

t.test('nothing is sent for a caller that has left, also when a pause ends', async (t) => {
  const connect = new FakeConnect()
  const throttle = new ThrottleState(2)
  throttle.pauseFor(60)
  let leave = (): void => {}
  const gone = new Promise<void>((resolve) => { leave = resolve })
  const steps = { ...connect.steps, wait: async () => { await gone } }
  const sending = sendBatch(items(2), throttle, steps)
  connect.left = true
  leave()
  t.same(words(await sending), ['UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE'])
  t.equal(connect.batches.length, 0)
})

t.test('a pause that begins while a call waits stops that call, too', async (t) => {
  const connect = new FakeConnect()
  const throttle = new ThrottleState(2)
  const { bulkClose } = connect.steps
  let calls = 0
  const startedAt = performance.now()
  await sendBatch(items(2), throttle, {
    ...connect.steps,
    bulkClose: async (batch, isOpen) => {
      if ((calls += 1) === 1) throttle.pauseFor(0.2)
      return await bulkClose(batch, isOpen)
    }
  })
  t.same([calls, connect.batches.length], [2, 1])
  t.ok(performance.now() - startedAt >= 200)
})

t.test('a call that was not sent is repeated until the patience time ends', async (t) => {
  const { answers, connect } = await send(2, (batch, call) => {
    if (call === 1) throw unreachable()
    return batch.map(({ id }) => ({ id, status: 'closed' }))
  })
  t.same([words(answers), connect.batches.length], [['closed', 'closed'], 2])
  const never = await send(2, fails(unreachable()), new ThrottleState(2, undefined, 600))
  t.same(words(never.answers), ['UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE'])
  t.equal(never.connect.batches.length, 3)
  const rest = await send(2, () => [], never.throttle)
  t.same(
    [words(rest.answers), rest.connect.batches.length],
    [['UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE'], 0],
    'and nothing else is tried'
  )
})

t.test('a full pool of this service does not count as silence of Connect', async (t) => {
  const throttle = new ThrottleState(2, undefined, 0)
  const { answers } = await send(2, (batch, call) => {
    if (call === 1) throw overloaded()
    return batch.map(({ id }) => ({ id, status: 'closed' }))
  }, throttle)
  t.same(words(answers), ['closed', 'closed'])
  t.ok(throttle.isOpen())
})

t.test('a fault of this service is not reported as a fault of Connect', async (t) => {
  await t.rejects(send(2, fails(new TypeError('ours'))), { message: 'ours' })
})
