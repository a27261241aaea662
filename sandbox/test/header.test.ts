import t from 'tap'
import { periodField } from '../src/state/header.ts'

t.test('a date-time without a zone is UTC, wherever the sandbox runs', async (t) => {
  const { TZ } = process.env
  t.teardown(() => {
    if (TZ === undefined) delete process.env['TZ']
    else process.env['TZ'] = TZ
  })
  process.env['TZ'] = 'America/New_York'
  t.not(new Date('2026-10-01T00:00').getUTCHours(), 0, 'the process is in another zone')
  t.same(
    periodField({ period: { from: '2026-10-01T00:00', to: '2026-10-31T12:00:00' } }),
    periodField({ period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T08:00:00-04:00' } })
  )
})
