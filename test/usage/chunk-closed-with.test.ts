import t from 'tap'
import type { UsageRecord } from '../../src/connect/types.ts'
import { isClosedWith } from '../../src/usage/writes/chunk-billing.ts'

const CHUNK = {
  id: 'UFC-1', status: 'closed', usagefile: { id: 'UF-1' }, binding: { hub: { id: 'HB-1' } },
  events: { closed: { at: '2026-11-20T10:00:00Z' } }
}
const record = (n: number, billing: string, at: string): UsageRecord =>
  ({ id: `UR-${n}`, status: 'closed', external_billing_id: billing, closed_at: at })
const BEFORE = '2026-11-20T09:00:00Z'
const WITH_CHUNK = '2026-11-20T10:00:00Z'

async function ask (
  rowAt: (n: number) => UsageRecord,
  total: number,
  chunk: object = CHUNK
): Promise<{ isOurs: boolean; pages: number; filters: unknown[] }> {
  let pages = 0
  const filters: unknown[] = []
  const isOurs = await isClosedWith(chunk, 'INV-1', async (filter, { offset, limit }) => {
    pages += 1
    filters.push(filter)
    return { items: Array.from({ length: Math.min(limit, total - offset) }, (_, n) => rowAt(offset + n)), total }
  })
  return { isOurs, pages, filters }
}

t.test('a record that was closed with its chunk shows the billing id, and no further record is read', async (t) => {
  const found = await ask(n => n === 1500 ? record(n, 'INV-1', WITH_CHUNK) : record(n, 'OTHER', BEFORE), 900_000)
  t.match(found, {
    isOurs: true,
    pages: 2,
    filters: [{ 'usagefile.id': 'UF-1', 'hub.id': 'HB-1', status: 'closed' }, {}]
  })
  t.match(await ask(n => (n === 1500 ? record(n, 'OTHER', WITH_CHUNK) : record(n, 'INV-1', BEFORE)), 900_000), {
    isOurs: false,
    pages: 2
  })
})

t.test('without such a record the record that was closed last shows the billing id', async (t) => {
  t.match(
    await ask(n => record(n, n === 1700 ? 'INV-1' : 'OTHER', n === 1700 ? '2026-11-20T09:30:00Z' : BEFORE), 2500),
    { isOurs: true, pages: 3 }
  )
  t.match(await ask(n => record(n, 'OTHER', BEFORE), 10), { isOurs: false, pages: 1 })
  t.match(await ask(() => record(0, 'INV-1', BEFORE), 0), { isOurs: false, pages: 1 })
  t.match(
    await ask(n => record(n, 'INV-1', BEFORE), 5, { ...CHUNK, events: {} }),
    { isOurs: true },
    'a chunk without the time'
  )
})

t.test('a list without end is not read to its end', async (t) => {
  t.match(await ask(n => record(n, 'INV-1', BEFORE), 900_000), { isOurs: false, pages: 50 })
  await t.rejects(ask(n => record(n % 1000, 'INV-1', BEFORE), 900_000), { code: 'UPSTREAM_INVALID' })
  t.match(
    await ask(n => record(n, 'INV-1', WITH_CHUNK), 5, { ...CHUNK, binding: null }),
    { isOurs: false, pages: 0 },
    'no hub to ask for'
  )
})
