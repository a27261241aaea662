import t from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { detailOf, toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { conformsTo } from '../routes/validate-answer.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

/** Shaped like a real closed file of schema tr. */
const DETAIL: ConnectFile = {
  id: 'UF-2021-07-2818-2430',
  name: '07/05/2021 - 07/08/2021',
  description: '',
  external_id: '',
  status: 'closed',
  sub_status: null,
  environment: 'test',
  schema: 'TR',
  currency: 'USD',
  period: { from: '2029-01-01T00:00:00+00:00', to: '2029-01-30T23:59:59+00:00' },
  product: { id: 'PRD-113-628-780', name: 'Product', icon: '/media/p.png' },
  contract: { id: 'CRD-90574-88738-44763', name: 'Contract' },
  marketplace: { id: 'MP-69876', name: 'Market' },
  vendor: { id: 'VA-674-253', name: 'Vendor', icon: '' },
  provider: { id: 'PA-080-719', name: 'Provider' },
  acceptance_note: 'Auto Approved',
  stats: { uploaded: 2, closed: 2 },
  records: { valid: 2, invalid: 0, closed: 2 },
  events: {
    created: { at: '2021-07-05T10:00:00.123456+00:00', by: { id: 'UR-552-340-461', name: 'Dana' } },
    accepted: { at: '2021-07-05T10:01:00+00:00' }
  },
  usage_file_uri: 'https://storage.example/a?sig=secret',
  processed_file_uri: 'https://storage.example/b?sig=secret'
}

t.test('a detail is mapped to our shape', async (t) => {
  const file = toUsageFile(DETAIL, PROVIDER, 'detail')
  t.ok(conformsTo('UsageFile', file))
  t.match(file, {
    id: 'UF-2021-07-2818-2430',
    description: '',
    externalId: null,
    note: null,
    status: 'closed',
    subStatus: null,
    schema: 'tr',
    period: { from: '2029-01-01T00:00:00Z', to: '2029-01-30T23:59:59Z' },
    marketplace: { id: 'MP-69876', name: 'Market', icon: null },
    vendor: { icon: null },
    acceptanceNote: 'Auto Approved',
    rejectionNote: null,
    stats: { uploaded: 2, validated: 0, pending: 0, accepted: 0, closed: 2, billed: 0 },
    records: { valid: 2, invalid: 0, closed: 2, openRecords: 0 },
    actions: ['reconcile', 'reprocess'],
    files: {
      uploaded: '/v1/usage-files/UF-2021-07-2818-2430/files/uploaded',
      processed: '/v1/usage-files/UF-2021-07-2818-2430/files/processed',
      reconciliation: null
    },
    createdAt: '2021-07-05T10:00:00.123456Z',
    updatedAt: '2021-07-05T10:01:00Z'
  })
  t.notMatch(JSON.stringify(file), /sig=/, 'signed links stay here')
})

t.test('open records are those that a close of the file would close', async (t) => {
  const open = (stats: object | null, records: object): number | undefined => toUsageFile(
    { id: 'UF-2021-07-2818-2430', status: 'accepted', stats, records } as ConnectFile, PROVIDER, 'detail'
  ).records?.openRecords
  const four = { valid: 4, invalid: 0, closed: 1 }
  t.equal(open({ uploaded: 4, validated: 0, pending: 0, accepted: 1, closed: 1, billed: 1 }, four), 1, 'two rejected')
  t.equal(open({ uploaded: 4, validated: 0, pending: 0, accepted: 0, closed: 1, billed: 1 }, four), 0, 'three rejected')
  t.equal(open({ uploaded: 4, accepted: 3, closed: 1 }, four), 3, 'none rejected')
  t.equal(open({ uploaded: 12, validated: '12' }, { valid: 12, invalid: 0, closed: 0 }), 12, 'a counter as a text')
  t.equal(open({ uploaded: 4, accepted: 4 }, four), 3, 'counters that disagree: no more than are not closed')
  for (const stats of [null, {}, { uploaded: 4 }]) t.equal(open(stats, four), 3, 'without stages')
})

t.test('in a list the members of the detail are null', async (t) => {
  const file = toUsageFile({ id: 'UF-2020-04-1111-2222', status: 'ready', stats: {} }, VENDOR, 'list')
  t.ok(conformsTo('UsageFile', file))
  t.equal(file.records, null)
  t.equal(file.files, null)
})

t.test('every file has the same members', async (t) => {
  const keys = Object.keys(toUsageFile(DETAIL, VENDOR, 'detail'))
  const odd = [
    { id: 'UF-1-2' },
    { id: 'UF-1-2', events: null, stats: null, period: null, product: null },
    {
      id: 5,
      status: 'archived',
      schema: 7,
      events: [],
      period: 'x',
      product: [],
      records: 'x',
      stats: 'x',
      vendor: 9,
      environment: 'moon',
      sub_status: 'x',
      currency: ''
    }
  ] as unknown as ConnectFile[]
  for (const given of odd) {
    const file = toUsageFile(given, VENDOR, 'detail')
    t.same(Object.keys(file), keys)
    t.ok(conformsTo('UsageFile', file))
  }
})

t.test('the flat fields of a created file are read', async (t) => {
  const file = toUsageFile(
    {
      id: 'UF-2026-11-1111-2222',
      vendor: 'VA-674-253',
      provider: 'Distributor Ltd',
      marketplace: 'MP-69876',
      distribution_contract: 'CRD-90574-88738-44763',
      product_id: 'PRD-113-628-780',
      product_name: 'Product',
      product_icon: '/p.png',
      start_datetime_utc: '2026-10-01T00:00:00Z',
      end_datetime_utc: '2026-10-31T23:59:59Z'
    },
    VENDOR,
    'list'
  )
  t.match(file, {
    vendor: { id: 'VA-674-253', name: null, icon: null },
    provider: { id: null, name: 'Distributor Ltd', icon: null },
    marketplace: { id: 'MP-69876' },
    contract: { id: 'CRD-90574-88738-44763', name: null },
    product: { id: 'PRD-113-628-780', name: 'Product', icon: null },
    period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' }
  })
})

t.test('a period of bare dates includes its last day', async (t) => {
  const { period } = toUsageFile({ id: 'UF-1-2', period: { from: '2026-10-01', to: '2026-10-31' } }, VENDOR, 'list')
  t.same(period, { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' })
})

t.test('an answer is the detail of a file only with the members of a detail', async (t) => {
  t.equal(detailOf('UF-2021-07-2818-2430', DETAIL), DETAIL)
  t.equal(detailOf('UF-2021-07-0000-0000', DETAIL), null)
  t.equal(detailOf('UF-2021-07-2818-2430', { id: 'UF-2021-07-2818-2430', status: 'ready' }), null)
  t.equal(detailOf('UF-2021-07-2818-2430', null), null)
})
