import t from 'tap'
import { AccountThrottle, createAccountThrottles } from '../../src/closing/throttle-state.ts'
import { FakeConnect, many, run, throttled, words } from './fixture.ts'

t.test('a pause holds for all requests of the account, and for no other account', async (t) => {
  const account = new AccountThrottle()
  const startedAt = performance.now()
  const told = new FakeConnect()
  let tell = (): void => {}
  const isTold = new Promise<void>((resolve) => { tell = resolve })
  told.script = (batch, call) => {
    if (call > 1) return told.close(batch)
    tell()
    throw throttled(1)
  }
  const first = run(told, many(4), { account })
  await isTold
  await new Promise(setImmediate)
  const second = new FakeConnect()
  const stranger = new FakeConnect()
  const other = run(second, many(4), { account })
  await run(stranger, many(4), { account: new AccountThrottle() })
  t.equal(stranger.batches.length, 1, 'the other account goes on')
  t.equal(second.batches.length, 0, 'while its own waits')
  t.same(words(await other), Array(4).fill('closed'))
  t.ok(performance.now() - startedAt >= 1000)
  t.same(words(await first), Array(4).fill('closed'))
})

t.test('a pause outlasts its request, and is at most 300 seconds long', async (t) => {
  const account = new AccountThrottle()
  const told = new FakeConnect()
  told.script = () => { throw throttled(999_999_999) }
  t.same(words(await run(told, many(4), { account })), Array(4).fill('OUTCOME_UNKNOWN'))
  const next = new FakeConnect()
  t.same(words(await run(next, many(4), { account })), Array(4).fill('UPSTREAM_THROTTLED'))
  t.equal(next.batches.length, 0)
  t.ok(account.pause.leftMs <= 300_000)
})

t.test('a throttled call is repeated while another request of the account gets through', async (t) => {
  const account = new AccountThrottle()
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call > 12) return connect.close(batch)
    if (call % 4 === 0) account.callAccepted()
    throw throttled(0)
  }
  t.same(words(await run(connect, many(2), { account })), ['closed', 'closed'])
})

t.test('an account keeps its throttle state; of too many accounts, the last used ones keep it', async (t) => {
  const throttleOf = createAccountThrottles(3)
  const [a, b, c] = ['a', 'b', 'c'].map(throttleOf)
  t.equal(throttleOf('a'), a)
  throttleOf('d')
  t.same([throttleOf('a') === a, throttleOf('c') === c, throttleOf('b') === b], [true, true, false])
})
