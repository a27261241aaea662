import t from 'tap'
import { createRateWatch } from '../../src/limits/minimum-rate.ts'

t.test('a body below the minimum data rate is reported when the time is over, and not before', (t) => {
  const drips = createRateWatch(1000)
  for (let at = 0; at < 900; at += 100) t.equal(drips(100, 1), false, `${at} ms`)
  t.equal(drips(100, 1), true)
  t.end()
})

t.test('a slow body above the minimum rate is accepted, and so is a body that is there at once', (t) => {
  const slow = createRateWatch(1000)
  for (let i = 0; i < 100; i += 1) t.equal(slow(100, 103), false)
  const ready = createRateWatch(1000)
  for (let i = 0; i < 5000; i += 1) t.equal(ready(0, 1), false)
  t.end()
})

t.test('earlier bytes do not count for a later window', (t) => {
  const drips = createRateWatch(1000)
  t.equal(drips(1000, 1_000_000), false)
  t.equal(drips(999, 1), false)
  t.equal(drips(1, 1), true)
  t.end()
})
