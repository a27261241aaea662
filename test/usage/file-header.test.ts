import t from 'tap'
import type { UpdateUsageFileBody } from '../../schemas/usage-file-input.ts'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import {
  createBody,
  ignoresUpdate,
  isCreatedFrom,
  showsUpdate,
  updateBody
} from '../../src/usage/writes/file-header.ts'

const given = { name: 'N', productId: 'PRD-1', contractId: 'CRD-1', period: { from: '2026-10-01', to: '2026-10-31' } }

t.test('a create sends all fields in Connect\'s names', async (t) => {
  t.same(createBody(given), {
    name: 'N',
    product: { id: 'PRD-1' },
    contract: { id: 'CRD-1' },
    period: { from: '2026-10-01', to: '2026-10-31' }
  })
  t.same(
    createBody({
      ...given,
      currency: 'EUR',
      description: 'd',
      note: '',
      externalId: 'e',
      period: { from: '2026-10-01T02:00:00+02:00', to: '2026-10-31T12:00' }
    }),
    {
      name: 'N',
      product: { id: 'PRD-1' },
      contract: { id: 'CRD-1' },
      period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T12:00:00Z' },
      currency: 'EUR',
      description: 'd',
      note: '',
      external_id: 'e'
    }
  )
})

t.test('a period must exist, and must not end before it begins', async (t) => {
  const body = (from: string, to: string) => () => createBody({ ...given, period: { from, to } })
  t.throws(body('2026-02-30', '2026-03-01'), {
    code: 'VALIDATION_FAILED',
    message: 'body.period.from is not a time that exists'
  })
  t.throws(body('2026-02-01', '2026-02-31'), { message: 'body.period.to is not a time that exists' })
  t.throws(body('2026-02-02', '2026-02-01'), { message: 'body.period ends before it begins' })
  t.doesNotThrow(body('2026-02-01', '2026-02-01'), 'one day')
  t.doesNotThrow(body('2026-02-01T12:00:00Z', '2026-02-01'), 'the day of the end is included')
})

const before: ConnectFile = {
  description: 'd',
  note: 'n',
  currency: 'EUR',
  external_id: 'e',
  period: { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' },
  status: 'draft'
}

t.test('an update changes the given fields and keeps the others', async (t) => {
  const kept = {
    description: 'd',
    note: 'n',
    currency: 'EUR',
    external_id: 'e',
    period: { from: '2026-10-01', to: '2026-10-31' }
  }
  t.same(updateBody(before, { note: 'new' }), { ...kept, note: 'new' })
  t.same(updateBody(before, { note: null, externalId: null }), { ...kept, note: null, external_id: null })
  t.same(updateBody(before, { period: { from: '2026-09-01', to: '2026-09-30' } }), {
    ...kept,
    period: { from: '2026-09-01', to: '2026-09-30' }
  })
  t.same(
    updateBody({ description: '', external_id: '', currency: null }, { note: 'x' }),
    { note: 'x' },
    'what is not shown is not sent'
  )
})

t.test('an unchanged period is sent back as Connect showed it', async (t) => {
  const kept = (from: string, to: string): unknown => updateBody({ period: { from, to } }, { note: 'x' }).period
  t.same(kept('2026-10-01', '2026-10-31'), { from: '2026-10-01', to: '2026-10-31' })
  t.same(kept('2026-10-01T03:00:00+03:00', '2026-10-31T23:59:59.999999Z'), { from: '2026-10-01', to: '2026-10-31' })
  t.same(
    kept('2026-10-01T06:00:00Z', '2026-10-31T00:00:00Z'),
    { from: '2026-10-01T06:00:00Z', to: '2026-10-31T00:00:00Z' },
    'instants stay instants'
  )
  t.equal(updateBody({ period: { from: '2026-10-01' } }, { note: 'x' }).period, undefined)
})

t.test('a file shows an update when all given fields have their values', async (t) => {
  t.ok(
    showsUpdate(before, {
      description: 'd',
      note: 'n',
      currency: 'EUR',
      externalId: 'e',
      period: { from: '2026-10-01', to: '2026-10-31' }
    })
  )
  t.ok(showsUpdate(before, { period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' } }))
  t.ok(showsUpdate({ note: '' }, { note: null }))
  t.ok(showsUpdate(before, { note: ' n ' }), 'Connect trims texts')
  t.notOk(showsUpdate(before, { externalId: 'e ' }), 'and no ids')
  t.notOk(showsUpdate(before, { note: null }))
  t.notOk(showsUpdate(before, { externalId: 'x' }))
  t.notOk(showsUpdate(before, { period: { from: '2026-10-01', to: '2026-10-30' } }))
})

t.test('a file denies an update when a given field is unchanged', async (t) => {
  const ignored = (after: ConnectFile, given: UpdateUsageFileBody): boolean => ignoresUpdate(before, after, given)
  const period = { from: '2026-09-01', to: '2026-09-30' }
  for (const given of [
    { description: 'x' },
    { note: null },
    { note: '' },
    { externalId: 'x' },
    { externalId: 'e ' },
    { currency: 'USD' },
    { currency: 'EUR ' },
    { period },
    { description: 'd', note: 'x' }
  ]) { t.ok(ignored(before, given), JSON.stringify(given)) }
  for (const given of [
    { description: 'd' },
    { note: ' n ' },
    { currency: null },
    { period: { from: '2026-10-01', to: '2026-10-31T12:00:00Z' } }
  ]) { t.notOk(ignored(before, given), `nothing to show: ${JSON.stringify(given)}`) }
  t.notOk(ignored({ note: 'x' }, { note: 'x' }))
  t.notOk(ignored({ note: 'cut' }, { note: 'cut sho' }), 'Connect writes it in its own way')
  t.notOk(ignored({}, { note: 'x', period }), 'what is not shown proves nothing')
})

t.test('a created file is recognized by its fields', async (t) => {
  const body = createBody({ ...given, externalId: 'e' })
  const file: ConnectFile = {
    id: 'UF-1',
    name: 'N',
    external_id: 'e',
    product: { id: 'PRD-1' },
    contract: { id: 'CRD-1' }
  }
  t.ok(isCreatedFrom(file, body))
  const flat = { ...file, product: null, product_id: 'PRD-1', contract: null, distribution_contract: 'CRD-1' }
  t.ok(isCreatedFrom(flat as ConnectFile, body), 'with flat fields')
  t.notOk(isCreatedFrom({ ...flat, distribution_contract: 'CRD-2' } as ConnectFile, body), 'of another contract')
  for (const other of [
    { id: null },
    { name: 'other' },
    { external_id: 'E' },
    { product: { id: 'PRD-2' } },
    { contract: { id: 'CRD-2' } }
  ]) {
    t.notOk(isCreatedFrom({ ...file, ...other } as ConnectFile, body), JSON.stringify(other))
  }
})
