import t from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { createFile } from '../../src/usage/create-file.ts'
import { response, timeout } from './failures.ts'

const given = { name: 'N', productId: 'PRD-1', contractId: 'CRD-1', period: { from: '2026-10-01', to: '2026-10-31' } }
const startedAt = new Date('2026-11-01T10:00:00Z')
const made: ConnectFile = { id: 'UF-2026-11-1111-2222', name: 'N', external_id: 'e', status: 'draft', product: { id: 'PRD-1' }, contract: { id: 'CRD-1' }, events: { created: { at: '2026-11-01T10:00:01Z' } } }

async function create (externalId: string | null, answer: ConnectFile | Error | null, listed: ConnectFile[] | Error, read: ConnectFile | Error = { ...made, records: {} }) {
  let creates = 0
  const filters: unknown[] = []
  const outcome = await createFile({
    given: { ...given, ...(externalId !== null && { externalId }) }, role: 'vendor', startedAt,
    create: async () => {
      creates++
      if (answer instanceof Error) throw answer
      return answer
    },
    read: async () => {
      if (read instanceof Error) throw read
      return read
    },
    list: async (filter) => {
      filters.push(filter)
      if (listed instanceof Error) throw listed
      return { items: listed, total: listed.length }
    }
  }).catch((error: unknown) => error)
  return { outcome, creates, filters }
}

t.test('a create is read again, because its answer is not the detail', async (t) => {
  const { outcome, filters } = await create('e', { id: made.id ?? '' }, [])
  t.match(outcome, { id: made.id, status: 'draft', actions: ['update', 'upload', 'delete'], files: { uploaded: null } })
  t.same(filters, [])
})

t.test('a create that cannot be read again is a success all the same', async (t) => {
  t.match((await create('e', made, [], timeout())).outcome, { id: made.id, name: 'N', status: 'draft', files: null })
})

t.test('a lost answer is looked for by the external id', async (t) => {
  const { outcome, creates, filters } = await create('e', timeout(), [made])
  t.match(outcome, { id: made.id, status: 'draft' })
  t.equal(creates, 1)
  t.same(filters, [{ 'external_id': 'e', 'product.id': 'PRD-1' }])
  t.match((await create('e', response(500), [made])).outcome, { id: made.id })
  t.match((await create('e', null, [made])).outcome, { id: made.id }, 'an answer that names no file')
})

t.test('what cannot be told is unknown', async (t) => {
  t.match((await create('e', timeout(), [])).outcome, { code: 'OUTCOME_UNKNOWN' })
  t.match((await create('e', timeout(), [made, made])).outcome, { code: 'OUTCOME_UNKNOWN' })
  t.match((await create('e', timeout(), timeout())).outcome, { code: 'OUTCOME_UNKNOWN' })
  for (const end of [timeout(), response(500), null]) {
    const { outcome, filters } = await create(null, end, [made])
    t.match(outcome, { code: 'OUTCOME_UNKNOWN' }, 'nothing to look for it by')
    t.same(filters, [])
  }
})

t.test('a refusal, and a failure that left nothing, go on as they came', async (t) => {
  for (const end of [response(400), response(500)]) t.equal((await create('e', end, [])).outcome, end)
})
