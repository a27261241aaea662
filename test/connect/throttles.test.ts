import t from 'tap'
import { ConnectResponseError, ConnectResetError } from '../../src/connect/client.ts'
import { Throttles } from '../../src/connect/http/throttles.ts'

const target = { operation: 'usageFiles.get', method: 'GET', path: '/usage/files/UF-1' }
const progress = { sent: 'yes' as const, bodyComplete: true }
const answered = (status: number, after: number | null): ConnectResponseError =>
  new ConnectResponseError(target, { ...progress, status }, { errorCode: null, errors: [] }, after)

/** Seconds that are left, or null when calls may be made. */
function left (throttles: Throttles, credential: string): unknown {
  try {
    throttles.check(credential, target)
    return null
  } catch (error) {
    return (error as ConnectResponseError).retryAfterSeconds
  }
}

t.test('an account is held for the time that Connect named, and no longer', (t) => {
  let now = 0
  const throttles = new Throttles(300, () => now)
  throttles.note('a', answered(429, 10))
  t.equal(left(throttles, 'a'), 10)
  t.equal(left(throttles, 'b'), null)
  now = 8_500
  t.equal(left(throttles, 'a'), 2)
  throttles.note('a', answered(429, 1))
  now = 9_900
  t.equal(left(throttles, 'a'), 1, 'a shorter wait does not undo a longer one')
  now = 10_000
  t.equal(left(throttles, 'a'), null)
  t.end()
})

t.test('a Retry-After that is too long holds an account for 300 seconds', (t) => {
  let now = 0
  const throttles = new Throttles(300, () => now)
  throttles.note('a', answered(429, 999_999_999))
  t.equal(left(throttles, 'a'), 300)
  now = 300_000
  t.equal(left(throttles, 'a'), null)
  t.end()
})

t.test('no other status or header holds an account', (t) => {
  const throttles = new Throttles(300)
  for (const error of [
    answered(503, 60),
    answered(429, null),
    answered(429, 0),
    new ConnectResetError(target, { ...progress, status: null }, null)
  ]) {
    throttles.note('a', error)
    t.equal(left(throttles, 'a'), null)
  }
  t.end()
})

t.test('a call during the pause does not make the pause longer', async (t) => {
  let now = 0
  const throttles = new Throttles(300, () => now)
  throttles.note('a', answered(429, 2))
  for (now = 300; now < 2_000; now += 300) {
    try {
      throttles.check('a', target)
      t.fail('the time was not kept')
    } catch (error) {
      throttles.note('a', error)
    }
  }
  now = 2_000
  t.equal(left(throttles, 'a'), null)
})

t.test('after a 429 to a write, only the reads of its own request are not held', (t) => {
  let now = 0
  const throttles = new Throttles(300, () => now)
  const isHeld = (readOf?: string): boolean => {
    try {
      throttles.check('a', target, readOf)
      return false
    } catch {
      return true
    }
  }
  throttles.note('a', answered(429, 2), 'request-1')
  throttles.note('a', answered(429, 2), 'request-2')
  t.same([isHeld('request-1'), isHeld('request-2'), isHeld('request-3'), isHeld()], [false, false, true, true])
  now = 2_000
  t.same([isHeld('request-3'), isHeld()], [false, false])
  throttles.note('a', answered(429, 2))
  t.same([isHeld('request-1'), isHeld('request-2')], [true, true], 'a read that is throttled later holds them, too')
  t.end()
})
