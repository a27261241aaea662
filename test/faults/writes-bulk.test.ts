import t from 'tap'
import { mapAtMost } from '../../src/limits/semaphore.ts'
import { move, newWorld, RECORD } from './small-connect.ts'
import { FAULTS, isSilence, SILENCE_MS } from './write-ends.ts'
import { startWritesFixture } from './writes-fixture.ts'
import type { Write } from './writes.ts'

/** Lists of records of a caller. */
const AT_ONCE = 4

/**
 * Every call of a bulk close meets its own end; a Connect that refuses to close what is closed, as bulk closing relies
 * on.
 */
const CLOSE: Omit<Write, 'resends' | 'isTold' | 'isSentByTheNext'> = {
  role: 'provider',
  request: {
    method: 'POST',
    path: '/v1/usage-records/close',
    body: { records: [{ id: RECORD }], externalBillingId: 'INV-1' }
  },
  success: 200,
  world: () => newWorld({}),
  act: ({ record }) => move(record, ['approved'], { status: 'closed', external_billing_id: 'INV-1' }) && [record]
}

t.test('after a fault a bulk close closes each record once, and tells it', { timeout: 100_000 }, async (t) => {
  const [answering, silent] = [await startWritesFixture(t), await startWritesFixture(t, {}, SILENCE_MS)]
  // test/closing shows how long a bulk close waits when Connect throttles.
  const faults = Object.entries(FAULTS).filter(([, { kind }]) => kind !== 'throttled')
  await mapAtMost(faults, AT_ONCE, async ([what, fault]) => {
    const fixture = isSilence(fault) ? silent : answering
    const close: Write = { ...CLOSE, resends: 'failure or reset', isTold: true, isSentByTheNext: true }
    const one = fixture.begin(close, fault.ends)
    const first = await one.ask('k')
    const isLeftOpen = fault.isRefused === true || what === '502 before, twice'
    t.match(
      first,
      {
        status: 200,
        json: { summary: { requested: 1, closed: isLeftOpen ? 0 : 1, refused: isLeftOpen ? 1 : 0, unknown: 0 } }
      },
      what
    )
    t.equal(one.effects, isLeftOpen ? 0 : 1, `${what}: as it says`)
    if (fault.isLate === true) one.actLate()
    one.ends.length = 0
    t.match(await one.ask('k'), { status: 200, json: { summary: { closed: 1 } } }, `${what}: the same request again`)
    t.equal(one.effects, 1, `${what}: once`)
  })
  await answering.quiet()
  await silent.quiet()
})
