import t, { type Test } from 'tap'
import type { BillingBody, UsageRecord as ConnectRecord } from '../../src/connect/types.ts'
import { closeRecord } from '../../src/usage/writes/close-record.ts'
import { garbage, reset, response, timeout } from './failures.ts'

const open: ConnectRecord = { id: 'UR-2026-11-1111-2222-0001', status: 'approved', usagefile: { id: 'UF-1' } }
const closed = (billingId: string | null): ConnectRecord => ({
  ...open,
  status: 'closed',
  external_billing_id: billingId
})

/** Closed, and Connect does not show with which billing id. */
const { external_billing_id: _, ...hidden } = closed(null)

/** Closes with INV-1; the reads give one after the other. */
async function close (t: Test, reads: (ConnectRecord | Error)[], send: ConnectRecord | Error | null, note?: string) {
  const bodies: BillingBody[] = []
  const outcome = await closeRecord({
    billing: { externalBillingId: 'INV-1', ...(note !== undefined && { externalBillingNote: note }) },
    read: async () => {
      const next = reads.shift()
      if (next instanceof Error) throw next
      return next ?? t.fail('one read too many') as never
    },
    send: async (body) => {
      bodies.push(body)
      if (send instanceof Error) throw send
      return send
    }
  }).catch((error: unknown) => error)
  return { outcome, bodies }
}

t.test('an open record is closed', async (t) => {
  const { outcome, bodies } = await close(t, [open], closed('INV-1'), 'note')
  t.same(outcome, closed('INV-1'))
  t.same(bodies, [{ external_billing_id: 'INV-1', external_billing_note: 'note' }])
})

t.test('an incomplete answer is completed by a read, or by known values', async (t) => {
  t.same((await close(t, [open, closed('INV-1')], null)).outcome, closed('INV-1'))
  const shown = { ...closed('INV-1'), usagefile: null }
  t.match((await close(t, [open, timeout()], shown)).outcome, shown, 'the answer shows the close')
  t.match(
    (await close(t, [open, timeout()], { id: 'UR-2026-11-1111-2222-0001', status: 'closed' })).outcome,
    { code: 'OUTCOME_UNKNOWN' },
    'neither the answer nor a read shows the billing id'
  )
})

t.test('a success that the record contradicts is unknown', async (t) => {
  for (const answer of [null, {}, open]) {
    t.match((await close(t, [open, open], answer)).outcome, { code: 'OUTCOME_UNKNOWN' }, JSON.stringify(answer))
  }
  t.match((await close(t, [open], closed('INV-2'))).outcome, { code: 'BILLING_CONFLICT' }, 'somebody was faster')
  t.match((await close(t, [open, closed('INV-2')], null)).outcome, { code: 'BILLING_CONFLICT' })
  t.same((await close(t, [open, closed('INV-1')], hidden)).outcome, closed('INV-1'), 'the read shows the billing id')
  for (const answer of [hidden, null, {}]) {
    t.match((await close(t, [open, hidden], answer)).outcome, { code: 'OUTCOME_UNKNOWN' }, 'nothing shows it')
  }
  t.match((await close(t, [open, hidden], timeout())).outcome, { code: 'OUTCOME_UNKNOWN' })
  for (const id of [null, '']) {
    t.match(
      (await close(t, [open, closed(id)], closed(id))).outcome,
      { code: 'OUTCOME_UNKNOWN' },
      'closed without a billing id'
    )
    t.match((await close(t, [open, closed(id)], null)).outcome, { code: 'OUTCOME_UNKNOWN' })
    t.match((await close(t, [open, closed(id)], timeout())).outcome, { code: 'OUTCOME_UNKNOWN' }, 'after a lost answer')
    t.match((await close(t, [open, timeout()], closed(id))).outcome, { code: 'OUTCOME_UNKNOWN' }, 'and cannot be read')
  }
  t.match((await close(t, [open, closed('INV-1')], closed(null))).outcome, closed('INV-1'), 'the read decides')
})

t.test('a record that is closed with the same id is a success, and nothing is sent', async (t) => {
  const { outcome, bodies } = await close(t, [closed('INV-1')], null)
  t.same(outcome, closed('INV-1'))
  t.same(bodies, [])
})

t.test('a record that is closed with another id, or none, is a conflict, and nothing is sent', async (t) => {
  for (const id of ['INV-2', null, '']) {
    const { outcome, bodies } = await close(t, [closed(id)], null)
    t.match(outcome, { code: 'BILLING_CONFLICT' })
    t.same(bodies, [])
  }
})

t.test('a closed record whose billing id is hidden is unknown, and nothing is sent', async (t) => {
  const { outcome, bodies } = await close(t, [hidden], null)
  t.match(outcome, { code: 'OUTCOME_UNKNOWN', message: /Nothing was sent/ })
  t.same(bodies, [])
  const refused = await close(t, [open, hidden], response(400))
  t.match(refused.outcome, { code: 'OUTCOME_UNKNOWN' }, 'somebody was faster, with this billing id or another one')
  t.equal(refused.bodies.length, 1)
})

t.test('only a known status shows that a record is open', async (t) => {
  for (const status of [undefined, null, 'billed', 4, { v: 'closed' }]) {
    const untold = { ...open, status } as ConnectRecord
    const before = await close(t, [untold], null)
    t.match(before.outcome, { code: 'OUTCOME_UNKNOWN', message: /Nothing was sent/ })
    t.same(before.bodies, [])
    for (const end of [response(500), reset(), timeout(), garbage(404), response(400), null]) {
      const after = await close(t, [open, { ...untold, external_billing_id: 'INV-1' }], end)
      t.match(after.outcome, { code: 'OUTCOME_UNKNOWN' })
      t.equal(after.bodies.length, 1, 'not sent again')
    }
  }
  const spaced = { ...closed('INV-1'), status: 'Closed ' }
  t.same((await close(t, [open, spaced], response(500))).outcome, spaced)
  t.same((await close(t, [spaced], null)).bodies, [])
})

t.test('a refusal is passed on or explained', async (t) => {
  const refusal = response(400)
  t.equal(
    (
      await close(
        t,
        [
          { ...open, status: 'valid' },
          { ...open, status: 'valid' }
        ],
        refusal
      )
    ).outcome,
    refusal,
    'Connect decides'
  )
  t.same(
    (await close(t, [open, closed('INV-1')], refusal)).outcome,
    closed('INV-1'),
    'somebody was faster, with the same id'
  )
  t.match(
    (await close(t, [open, closed('INV-2')], refusal)).outcome,
    { code: 'BILLING_CONFLICT' },
    'somebody was faster'
  )
  t.match((await close(t, [open, timeout()], refusal)).outcome, { code: 'OUTCOME_UNKNOWN' }, 'nobody can tell')
  for (const status of [401, 403, 404]) {
    const ofAccount = response(status)
    t.same((await close(t, [open, closed('INV-1')], ofAccount)).outcome, closed('INV-1'), 'Connect acted all the same')
    t.equal((await close(t, [open, open], ofAccount)).outcome, ofAccount)
    t.equal((await close(t, [open, response(status)], ofAccount)).outcome, ofAccount, 'the read is refused, too')
  }
})

t.test('after an unclear end the record is read back, and nothing is sent again', async (t) => {
  for (const end of [timeout(), response(502)]) {
    t.same((await close(t, [open, closed('INV-1')], end)).outcome, closed('INV-1'))
    const { outcome, bodies } = await close(t, [open, closed('INV-2')], end)
    t.match(outcome, { code: 'BILLING_CONFLICT' })
    t.equal(bodies.length, 1)
    t.match((await close(t, [open, timeout()], end)).outcome, { code: 'OUTCOME_UNKNOWN' })
  }
  for (const end of [timeout(), reset(), response(504)]) {
    const { outcome, bodies } = await close(t, [open, open], end)
    t.match(outcome, { code: 'OUTCOME_UNKNOWN' }, 'Connect may be at it, and need not refuse a second')
    t.equal(bodies.length, 1)
  }
})

t.test('a second close follows only a failure that Connect answered, of a record that is as before', async t => {
  const failure = response(500)
  const { outcome, bodies } = await close(t, [open, open, open], failure)
  t.equal(outcome, failure)
  t.equal(bodies.length, 2)
  t.same((await close(t, [open, open, closed('INV-1')], failure)).outcome, closed('INV-1'))
  t.match((await close(t, [open, open, closed('INV-2')], failure)).outcome, { code: 'BILLING_CONFLICT' })
  t.equal((await close(t, [open, { ...open, status: 'rejected' }], failure)).bodies.length, 1, 'somebody decided on it')
})

t.test('a success whose record cannot be read is a success only where the answer shows it', async (t) => {
  for (const answer of [null, {}, { id: open.id ?? '', status: 'approved' }]) {
    t.match((await close(t, [open, timeout()], answer)).outcome, { code: 'OUTCOME_UNKNOWN' }, JSON.stringify(answer))
  }
  t.match((await close(t, [open, timeout()], { status: 'closed', external_billing_id: 'INV-2' })).outcome, {
    code: 'BILLING_CONFLICT'
  })
  const stranger = { status: 'closed', usagefile: { id: 'UF-9' }, amount: '999' }
  t.same(
    (await close(t, [open, closed('INV-1')], stranger)).outcome,
    closed('INV-1'),
    'an answer without an id is not shown'
  )
  t.notMatch((await close(t, [open, timeout()], stranger)).outcome, { amount: '999' })
})

t.test('a billing id that Connect shows is cleaned before a caller sees it', async (t) => {
  const { outcome } = await close(t, [closed('<script>x</script>')], null)
  t.match(outcome, { code: 'BILLING_CONFLICT' })
  t.notMatch((outcome as Error).message, /script/)
})
