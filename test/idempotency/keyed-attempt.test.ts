import t from 'tap'
import { KeyedAttempt } from '../../src/idempotency/keyed-attempt.ts'

const CLAIM = { key: 'k', owner: 'o', fence: 1 }

t.test('the store\'s age of an attempt decides whether the attempt is over, not the local clock', async (t) => {
  const store = { leaseMs: 30_000, release: async () => {} } as never
  for (const sentAt of [new Date(0), new Date(), new Date(Date.now() + 3_600_000)]) {
    for (const [ageMs, isOver] of [[-1, false], [0, false], [300_000, false], [300_001, true]] as const) {
      const claim = {
        kind: 'claimed',
        claim: CLAIM,
        fingerprint: null,
        earlier: { sentAt, ageMs, note: null }
      } as const
      const attempt = new KeyedAttempt({ store, claim, head: [], as: 'sent', warn: () => {} })
      t.match(attempt.earlier, { sentAt, isOver }, `${sentAt.toISOString()}, ${ageMs} ms`)
      await attempt.finish({ status: 504, code: 'OUTCOME_UNKNOWN', answer: '' })
    }
  }
})
