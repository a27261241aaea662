import t from 'tap'
import type { UsageRecord as ConnectRecord } from '../../src/connect/types.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'
import { conformsTo } from '../routes/validate-answer.ts'

/** Shaped like a real record. */
const RECORD: ConnectRecord = {
  id: 'UR-2021-01-2023-8696-9408-6767',
  start_date: '2028-09-01T00:00:00+00:00',
  end_date: '2028-09-30T00:00:00+00:00',
  product_id: 'PRD-113-628-780',
  external_billing_id: '',
  item: {
    id: 'PRD-113-628-780-0003',
    local_id: 'PRD_113_628_780_0003',
    name: 'VM',
    unit: 'Unit',
    mpn: 'VM',
    precision: 'Decimal(4)',
    type: 'PPU'
  },
  asset: { id: 'AS-0596-0203-2918', external_id: '2009295', external_uid: 'ff1e', recon_id: '98547985' },
  category: { id: 'compute', name: 'compute' },
  tier: 0,
  amount: '9007199254740993.12345678',
  multiplier: 10000,
  usage: '1.0',
  status: 'approved',
  closed_by: null,
  params: [{ parameter_name: 'v.invoice', parameter_value: '1234' }, { parameter_name: 'p.x' }],
  usagefile: { id: 'UF-2021-01-3453-7567', name: 'NAME', schema: 'tr', currency: 'USD' }
}

t.test('a record is mapped to our shape', async (t) => {
  const record = toUsageRecord(RECORD)
  t.ok(conformsTo('UsageRecord', record))
  t.match(record, {
    fileId: 'UF-2021-01-3453-7567',
    fileName: 'NAME',
    schema: 'tr',
    currency: 'USD',
    quantity: '1.0',
    amount: '9007199254740993.12345678',
    tier: 0,
    item: { localId: 'PRD_113_628_780_0003', precision: 'decimal(4)', type: 'ppu' },
    asset: { id: 'AS-0596-0203-2918', externalId: '2009295', externalUid: 'ff1e', reconId: '98547985' },
    startDate: '2028-09-01T00:00:00Z',
    externalBillingId: null,
    closedAt: null,
    closedBy: null,
    params: [
      { name: 'v.invoice', value: '1234' },
      { name: 'p.x', value: null }
    ],
    errors: []
  })
})

t.test('an invalid record may have no item, and flat ids replace missing nested ones', async (t) => {
  const record = toUsageRecord({
    ...RECORD,
    item: null,
    asset: null,
    item_id: 'I',
    resource_local_id: 'L',
    asset_id: 'AS-1',
    asset_external_id: 'E',
    asset_external_uid: 'U',
    status: 'Invalid',
    error_codes: 'USG_011',
    error_details: 'Unknown MPN'
  })
  t.ok(conformsTo('UsageRecord', record))
  t.match(record, {
    status: 'invalid',
    item: { id: 'I', localId: 'L', name: null, precision: null },
    asset: { id: 'AS-1', externalId: 'E', externalUid: 'U', reconId: null },
    errors: [{ code: 'USG_011', message: 'Unknown MPN' }]
  })
})

t.test('category and closer are read in both spellings', async (t) => {
  t.same(toUsageRecord({ ...RECORD, category: 'compute' }).category, { id: 'compute', name: 'compute' })
  t.equal(toUsageRecord({ ...RECORD, category: '' }).category, null)
  t.equal(toUsageRecord({ ...RECORD, category: null }).category, null)
  t.equal(toUsageRecord({ ...RECORD, closed_by: 'SU-1' }).closedBy, 'SU-1')
  t.equal(toUsageRecord({ ...RECORD, closed_by: { id: 'SU-1', name: 'x' } }).closedBy, 'SU-1')
  t.equal(toUsageRecord({ ...RECORD, closed_by: { name: 'x' } }).closedBy, 'x')
})

t.test('every record has the same members', async (t) => {
  const keys = Object.keys(toUsageRecord(RECORD))
  for (const given of [
    { id: 'UR-1-2' },
    { id: 'UR-1-2', item: 'x', asset: 5, params: 'x', usagefile: [], tier: 'x', usage: {}, error_codes: 7 }
  ] as unknown as ConnectRecord[]) {
    const record = toUsageRecord(given)
    t.same(Object.keys(record), keys)
    t.ok(conformsTo('UsageRecord', record))
  }
})
