import t from 'tap'
import { ReportClaim } from '../../src/publishing/claim.ts'
import { embeddedFixture } from '../store/fixture.ts'

const idsOf = (count: number): string =>
  Array.from({ length: count }, (_, n) => `UF-2026-11-0000-${String(n).padStart(4, '0')}`).join(' ')

t.test('a write is marked however many files had the external id before', async (t) => {
  const store = await embeddedFixture(t).open()
  for (const [count, isStored] of [[3, true], [9_000, false]] as const) {
    const before = { ids: idsOf(count) }
    const claim = await ReportClaim.take(store, `report-${count}`)
    claim.begin('create', 'digest').note(before)
    await claim.mark()
    await claim.release(error => { throw error })
    const next = await ReportClaim.take(store, `report-${count}`)
    t.match(next.earlier, { step: 'create', digest: 'digest', before: isStored ? before : null }, `${count} files`)
    await next.release(error => { throw error })
  }
})
