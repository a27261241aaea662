/** What the fake Connect answers with: the shapes of real ones, made anew on every start, always the same. */

export const DETAIL_ID = 'UF-2026-11-4410-7719'
const VENDOR = { id: 'VA-100-200', name: 'Fallball Software', icon: '/media/VA-100-200/media/icon.png' }
const PROVIDER = { id: 'PA-400-500', name: 'Meridian Distribution', icon: '/media/PA-400-500/media/icon.png' }
const BY_VENDOR = { id: 'SU-100-200-300', name: 'Vendor integration' }
const BY_PROVIDER = { id: 'UR-552-340-461', name: 'Dana Whitfield' }
const EVENTS = ['created', 'uploaded', 'submitted', 'accepted', 'closed']

export const fileIdOf = n => `UF-2026-10-${String(1000 + n)}-0001`

/** One of Connect's list of usage files, some 1.5 KB. */
export function listItem (id, n) {
  const minute = String(n % 60).padStart(2, '0')
  return {
    id,
    name: `Cloud usage of October 2026, part ${n}`,
    description: 'Consumption of virtual machines, storage and seats as metered by the platform in the period.',
    note: 'Corrected once after the meter of zone 3 was read twice on the 12th; the vendor confirmed the figures.',
    external_id: `REP-${String(55_000 + n)}`,
    status: 'closed',
    vendor: VENDOR,
    provider: PROVIDER,
    environment: 'production',
    marketplace: { id: 'MP-69876', name: 'North America', icon: '/media/PA-400-500/marketplaces/MP-69876/icon.png' },
    contract: { id: 'CRD-10000-20000-30000', name: 'Fallball Cloud - North America' },
    product: {
      id: 'PRD-276-377-545',
      name: 'Fallball Cloud',
      icon: '/media/VA-100-200/PRD-276-377-545/media/PRD-276-377-545-logo.png'
    },
    error_detail: null,
    acceptance_note: 'Figures agree with ours',
    rejection_note: null,
    schema: 'cr',
    currency: 'USD',
    period: { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' },
    stats: { uploaded: 117, validated: 117, pending: 0, accepted: 85, closed: 32, billed: 32 },
    events: Object.fromEntries(
      EVENTS.map((name, day) => [
        name,
        { at: `2026-11-0${day + 1}T08:${minute}:50+00:00`, by: day < 3 ? BY_VENDOR : BY_PROVIDER }
      ])
    )
  }
}

/** A usage file in full, some 2 KB. */
export function detail (id = DETAIL_ID) {
  const link = name =>
    `https://storage.googleapis.com/connect-usage/${id}/${name}.xlsx` +
    `?GoogleAccessId=storage%40connect.example&Expires=1793000000&Signature=${'Zm9v'.repeat(20)}`
  return {
    ...listItem(id, 7),
    sub_status: null,
    records: { valid: 117, invalid: 0, closed: 32 },
    usage_file_uri: link('usage'),
    processed_file_uri: link('processed'),
    reconciliation_file_uri: null
  }
}

/** One of Connect's list of usage records, with amounts that no double holds. */
export function recordItem (n) {
  return {
    id: recordIdOf(n),
    start_date: '2026-10-01T00:00:00+00:00',
    end_date: '2026-10-31T23:59:59+00:00',
    product_id: 'PRD-276-377-545',
    external_billing_id: null,
    external_billing_note: null,
    item: {
      id: 'PRD-276-377-545-0001',
      local_id: 'vm_hours',
      name: 'Virtual machine hours',
      unit: 'hour',
      mpn: 'FB-VM-HOURS',
      precision: 'decimal(8)',
      type: 'PPU'
    },
    asset: { id: 'AS-5501-1000-0001', external_id: '100200', external_uid: '0d1f8a5e-7f9b-4a4b-8d6e-1c2b3a495867' },
    category: null,
    tier: 0,
    amount: 'AMOUNT',
    multiplier: 1,
    usage: 'USAGE',
    status: 'approved',
    closed_at: null,
    closed_by: null,
    params: [
      { parameter_name: 'v.region', parameter_value: 'us-east' },
      { parameter_name: 'v.invoice_line', parameter_value: String(n) }
    ],
    usagefile: { id: DETAIL_ID, name: 'Cloud usage of October 2026', schema: 'cr', currency: 'USD' }
  }
}

export const AMOUNT = '1234567890123456.12345678'
export const USAGE = '744.50000000'

export const recordsText = (count, from = 0) =>
  JSON.stringify(Array.from({ length: count }, (_, n) => recordItem(from + n)))
    .replaceAll('"AMOUNT"', AMOUNT).replaceAll('"USAGE"', USAGE)

export function recordIdOf (n) {
  const row = String(n).padStart(8, '0')
  return `UR-2026-11-4410-7719-${row.slice(0, 4)}-${row.slice(4)}`
}

export const recordNumberOf = id => Number(id.slice(-9, -5) + id.slice(-4))
