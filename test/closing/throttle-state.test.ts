import t from 'tap'
import { AccountThrottle, createAccountThrottles } from '../../src/closing/throttle-state.ts'
import { FakeConnect, many, run, throttled, words } from './stage.ts'

t.test('a pause that one list is told holds another one of the account, and no other account', async (t) => {
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

t.test('a pause outlives the request that was told, but no mistake lasts for ever', async (t) => {
  const account = new AccountThrottle()
  const told = new FakeConnect()
  told.script = () => { throw throttled(999_999_999) }
  t.same(words(await run(told, many(4), { account })), Array(4).fill('UPSTREAM_THROTTLED'))
  const next = new FakeConnect()
  t.same(words(await run(next, many(4), { account })), Array(4).fill('UPSTREAM_THROTTLED'))
  t.equal(next.batches.length, 0)
  t.ok(account.pause.leftMs <= 300_000)
})

t.test('whoever is throttled while another list of the account gets through has been unlucky only', async (t) => {
  const account = new AccountThrottle()
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call > 12) return connect.close(batch)
    if (call % 4 === 0) account.callAccepted()
    throw throttled(0)
  }
  t.same(words(await run(connect, many(2), { account })), ['closed', 'closed'])
})

t.test('an account keeps its throttle; of too many, those asked for last', async (t) => {
  const throttleOf = createAccountThrottles(3)
  const [a, b, c] = ['a', 'b', 'c'].map(throttleOf)
  t.equal(throttleOf('a'), a)
  throttleOf('d')
  t.same([throttleOf('a') === a, throttleOf('c') === c, throttleOf('b') === b], [true, true, false])
})
