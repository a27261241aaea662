import type { RequestListener } from 'node:http'
import fc from 'fast-check'
import { changed, changes, type Change } from './from-schema.ts'

/** How Connect answers everything that one request of a caller makes it hear. */
export interface Mood { changes: Change[], status: number, total: string | null, type: string }

/** As it should. */
export const WELL: Mood = { changes: [], status: 200, total: 'items 0-0/1', type: 'application/json' }

export const moods: fc.Arbitrary<Mood> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(WELL) },
  { weight: 5, arbitrary: changes.map(list => ({ ...WELL, changes: list })) },
  {
    weight: 1,
    arbitrary: fc.record({
      changes,
      status: fc.constantFrom(200, 201, 204, 206, 302, 400, 401, 403, 404, 409, 422),
      total: fc.constantFrom(null, 'items 0-0/1', 'items 0-9/*', 'items 5-9/99999999999999999999', 'items 0-0/0', 'x'),
      type: fc.constantFrom(
        'application/json',
        'application/json; charset=utf-8',
        'text/html',
        'application/problem+json'
      )
    })
  }
)

const event = { at: '2026-11-01T00:00:00+00:00', by: { id: 'SU-1', name: 'u' } }
const party = { id: 'VA-100-200', name: 'Acme', icon: '/a.png' }

/** All that any resource of Connect has, in one. */
const OBJECT = {
  id: 'UF-2026-11-0000-0001',
  name: 'October',
  status: 'accepted',
  description: 'd',
  note: 'n',
  external_id: 'e',
  schema: 'cr',
  environment: 'test',
  currency: 'EUR',
  sub_status: 'processed',
  period: { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' },
  product: party,
  contract: party,
  marketplace: party,
  vendor: party,
  provider: party,
  acceptance_note: 'a',
  rejection_note: 'r',
  error_detail: 'x',
  error: { detail: 'x' },
  notes: { uploaded: 'u', processing: 'p' },
  stats: { uploaded: 1, validated: 1, pending: 0, accepted: 1, closed: 0, billed: 0 },
  records: { valid: 1, invalid: 0, closed: 0 },
  events: { created: event, uploaded: event, closed: event },
  usagefile: { id: 'UF-2026-11-0000-0001', name: 'October' },
  partusagefile: { id: 'UFC-2026-11-0000-0001-001' },
  binding: { hub: { id: 'HB-1', name: 'Hub', external_id: 'h' } },
  outdated: false,
  item: {
    id: 'PRD-1-1',
    local_id: 'l',
    name: 'i',
    unit: { id: 'u', name: 'n' },
    mpn: 'M',
    precision: 'Decimal(4)',
    type: 'ppu'
  },
  asset: { id: 'AS-1', external_id: 'e', external_uid: 'u' },
  category: { id: 'c', name: 'C' },
  start_date: '2026-10-01T00:00:00+00:00',
  end_date: '2026-10-02T00:00:00+00:00',
  usage: 12.5,
  amount: 3.25,
  tier: 1,
  multiplier: null,
  external_billing_id: 'INV-1',
  external_billing_note: 'b',
  params: [{ name: 'p', value: 'v' }],
  error_codes: 'USG_001',
  error_details: 'bad',
  consumed: 1,
  accepted: 1,
  action: 'accept',
  scope: 'record',
  rule: 'lt(amount,1)',
  created_at: '2026-11-01T00:00:00+00:00',
  updated_at: '2026-11-01T00:00:00+00:00',
  usage_file_uri: 'http://127.0.0.1:9/a?sig=1',
  processed_file_uri: 'http://127.0.0.1:9/b?sig=1',
  reconciliation_file_uri: null,
  template_link: null
}

const LISTS =
  /\/(?:files|records|chunks|reconciliations|aggregates|categories|rules|products|items|assets|listings)$/
const isList = (method: string, path: string): boolean => method === 'GET' && LISTS.test(path)

/** A Connect with one object, in the mood of the moment. Takes what is told of each call. */
export function hostileConnect (mood: () => Mood, saw: (method: string) => void): RequestListener {
  return (request, response) => {
    const method = request.method ?? ''
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('error', () => {})
    request.on('end', () => {
      saw(method)
      const { changes, status, total, type } = mood()
      const rows = path.endsWith('/close-records')
        ? (JSON.parse(Buffer.concat(chunks).toString()) as object[]).map(row => ({ ...row, status: 'closed' }))
        : [OBJECT]
      const value = changed(isList(method, path) || path.endsWith('/close-records') ? rows : OBJECT, changes)
      const body = status === 204 ? '' : JSON.stringify(value) ?? ''
      const link = status === 302 ? { location: 'http://127.0.0.1:9/' } : {}
      response
        .writeHead(status, {
          'content-type': type,
          ...(total !== null && { 'content-range': total }),
          ...link,
          ...(status !== 204 && { 'content-length': Buffer.byteLength(body) })
        })
        .end(body)
    })
  }
}
