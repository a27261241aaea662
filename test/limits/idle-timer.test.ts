import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { IdleTimer } from '../../src/limits/idle-timer.ts'

const MS = 80

/** Blocks the event loop, as load on the machine does. */
function blockEventLoop (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

t.test('the timer calls onIdle once, after the whole time', async (t) => {
  let calls = 0
  const since = performance.now()
  let calledAt = 0
  const timer = new IdleTimer(MS, () => {
    calls += 1
    calledAt = performance.now()
  })
  await sleep(3 * MS)
  timer.end()
  t.equal(calls, 1)
  t.ok(calledAt - since >= MS - 4, `${calledAt - since} ms`)
})

t.test('paused time does not count, and each wait starts the time again', async (t) => {
  let calls = 0
  const timer = new IdleTimer(MS, () => { calls += 1 })
  timer.pause()
  await sleep(2 * MS)
  for (let i = 0; i < 20; i += 1) {
    timer.wait()
    await sleep(MS / 8)
  }
  t.equal(calls, 0)
  timer.end()
})

t.test('time in which the event loop is blocked does not count as idle', async (t) => {
  let calls = 0
  const timer = new IdleTimer(MS, () => { calls += 1 })
  blockEventLoop(3 * MS)
  await sleep(1)
  t.equal(calls, 0, 'bytes that arrived meanwhile can still be read')
  timer.end()
})
