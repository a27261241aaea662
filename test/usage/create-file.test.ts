import t from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { createFile } from '../../src/usage/writes/create-file.ts'
import { response, timeout } from './failures.ts'
import { VENDOR } from '../credentials.ts'

const given = { name: 'N', productId: 'PRD-1', contractId: 'CRD-1', period: { from: '2026-10-01', to: '2026-10-31' } }
const made: ConnectFile = {
  id: 'UF-2026-11-1111-2222',
  name: 'N',
  external_id: 'e',
  status: 'draft',
  product: { id: 'PRD-1' },
  contract: { id: 'CRD-1' },
  events: { created: { at: '2026-11-01T10:00:01Z' } }
}

/** `listed` is what the external id finds afterwards, `there` what it found before. */
async function create (
  externalId: string | null,
  answer: ConnectFile | Error | null,
  listed: ConnectFile[] | Error,
  { there = [], read = { ...made, records: {} } }: { there?: ConnectFile[]; read?: ConnectFile | Error } = {}
) {
  let creates = 0
  const filters: unknown[] = []
  const outcome = await createFile({
    given: { ...given, ...(externalId !== null && { externalId }) },
    actor: VENDOR,
    create: async () => {
      creates++
      if (answer instanceof Error) throw answer
      return answer
    },
    read: async () => {
      if (read instanceof Error) throw read
      return read
    },
    list: async filter => {
      filters.push(filter)
      const found = creates === 0 ? there : listed
      if (found instanceof Error) throw found
      return { items: found, total: found.length }
    }
  }).catch((error: unknown) => error)
  return { outcome, creates, filters }
}

t.test('a create is followed by a read, because its answer is not the detail', async (t) => {
  const { outcome, filters } = await create('e', { id: made.id ?? '' }, [])
  t.match(outcome, { id: made.id, status: 'draft', actions: ['update', 'upload', 'delete'], files: { uploaded: null } })
  t.same(filters, [{ external_id: 'e', 'product.id': 'PRD-1' }], 'what was there before')
})

t.test('a create that cannot be read again is a success', async (t) => {
  t.match((await create('e', made, [], { read: timeout() })).outcome, {
    id: made.id,
    name: 'N',
    status: 'draft',
    files: null
  })
})

t.test('after a lost answer the file is searched by its external id', async (t) => {
  const { outcome, creates, filters } = await create('e', timeout(), [made])
  t.match(outcome, { id: made.id, status: 'draft' })
  t.equal(creates, 1)
  t.same(filters, [{ external_id: 'e', 'product.id': 'PRD-1' }, { external_id: 'e', 'product.id': 'PRD-1' }])
  t.match((await create('e', response(500), [made])).outcome, { id: made.id })
  t.match((await create('e', null, [made])).outcome, { id: made.id }, 'an answer that names no file')
})

t.test('only a file that was not there before is the created one, whatever the clocks show', async (t) => {
  const old = { ...made, id: 'UF-2026-11-0000-0001', events: { created: { at: '2030-01-01T00:00:00Z' } } }
  const ours = { ...made, events: { created: { at: '2001-01-01T00:00:00Z' } } }
  t.match(
    (await create('e', timeout(), [old], { there: [old] })).outcome,
    { code: 'OUTCOME_UNKNOWN' },
    'of an hour ago or of tomorrow'
  )
  t.match((await create('e', timeout(), [old, ours], { there: [old] })).outcome, { id: made.id })
  const failure = response(500)
  const { outcome, creates } = await create('e', failure, [old], { there: [old] })
  t.equal(outcome, failure)
  t.equal(creates, 1, 'a list that does not show it yet would make two')
  t.match(
    (await create('e', response(500), [made, { ...made, id: 'UF-2026-11-1111-3333' }])).outcome,
    { code: 'OUTCOME_UNKNOWN' },
    'two of them'
  )
})

t.test('without a proof the outcome is unknown', async (t) => {
  t.match((await create('e', timeout(), [])).outcome, { code: 'OUTCOME_UNKNOWN' })
  t.match((await create('e', timeout(), [made, made])).outcome, { id: made.id }, 'one that is listed twice is one')
  t.match((await create('e', timeout(), timeout())).outcome, { code: 'OUTCOME_UNKNOWN' })
  for (const end of [timeout(), response(500), null]) {
    const { outcome, filters } = await create(null, end, [made])
    t.match(outcome, { code: 'OUTCOME_UNKNOWN' }, 'nothing to look for it by')
    t.same(filters, [])
  }
})

t.test('a refusal, and a failure that left no file, are passed on', async (t) => {
  const failure = response(500)
  t.equal((await create('e', failure, [])).outcome, failure)
  for (const [status, code] of [[400, 'CONNECT_REJECTED'], [404, 'NOT_FOUND']] as const) {
    const refusal = response(status)
    t.match((await create('e', refusal, [])).outcome, { code, cause: refusal, message: /usage-contracts/ })
  }
})

t.test('when the answer is another file, the created file is searched', async (t) => {
  const stranger: ConnectFile = { ...made, id: 'UF-2026-11-9999-9999' }
  const others: Record<string, ConnectFile> = {
    'another external id': { ...stranger, external_id: 'other' },
    'another name': { ...stranger, name: 'Other' },
    'another product': { ...stranger, product: { id: 'PRD-2' } },
    'another product, in the flat spelling': { id: 'UF-2026-11-9999-9999', product_id: 'PRD-2' },
    'another contract': { ...stranger, contract: { id: 'CRD-2' } }
  }
  for (const [name, other] of Object.entries(others)) {
    t.match((await create('e', other, [made])).outcome, { id: made.id }, name)
    t.match((await create('e', other, [])).outcome, { code: 'OUTCOME_UNKNOWN' }, `${name}, and nothing to be found`)
    t.match(
      (await create(null, other, [])).outcome,
      name === 'another external id' ? { id: made.id } : { code: 'OUTCOME_UNKNOWN' },
      `${name}, and no external id`
    )
    t.match(
      (await create('e', { id: made.id ?? '' }, [], { read: { ...other, id: made.id ?? '', records: {} } })).outcome,
      { code: 'OUTCOME_UNKNOWN' },
      `${name}, when it is read`
    )
  }
  const record: ConnectFile = { ...made, id: 'UR-2026-11-9999-9999-0000-0001' }
  t.match((await create('e', record, [made])).outcome, { id: made.id }, 'the id of a record')
  t.match((await create('e', record, [])).outcome, { code: 'OUTCOME_UNKNOWN' }, 'the id of a record, and no file')
  const old = { ...made, id: 'UF-2026-11-0000-0001' }
  t.match(
    (await create('e', old, [old, made], { there: [old] })).outcome,
    { id: made.id },
    'a file that was there before'
  )
  t.match(
    (await create('e', { ...made, name: ' N' }, [])).outcome,
    { id: made.id },
    "white space is Connect's to change"
  )
})

t.test('a new file with other fields leaves the outcome unknown', async (t) => {
  const changed = { ...made, name: 'n' }
  const failure = response(500)
  t.match((await create('e', timeout(), [changed])).outcome, { code: 'OUTCOME_UNKNOWN' })
  t.match((await create('e', failure, [changed])).outcome, { code: 'OUTCOME_UNKNOWN' }, 'also after a failure')
})

t.test('an external id that Connect cannot search for is refused with its name', async (t) => {
  const { outcome, creates, filters } = await create('a"b\'c', made, [])
  const path = 'body.externalId'
  t.match(outcome, { code: 'VALIDATION_FAILED', options: { errors: [{ path, message: /both kinds of quotes/ }] } })
  t.same([creates, filters], [0, []], 'Connect is not asked')
})
