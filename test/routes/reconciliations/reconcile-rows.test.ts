import { parse } from 'csv-parse/sync'
import { readXlsx } from 'hucre/xlsx'
import t from 'tap'
import { CSV, NDJSON, XLSX } from '../../../src/media-types.ts'
import { asProvider, startBoth, until, type StartedApp } from '../../helper.ts'
import { asProvider as providerOf, asVendor as vendorOf, type StartedSandbox } from '../../../sandbox/test/helper.ts'
import { accepted } from '../../../sandbox/test/stories.ts'
import { workbookOf } from '../../uploads/forms.ts'
import { http } from '../http.ts'

type Both = StartedApp & { sandbox: StartedSandbox }
type Row = Record<string, string>

const header = 'record_id,external_billing_id,external_billing_note'

async function send (
  { origin }: Both, path: string, type: string | null, body: string | FormData, more: Row = {}
): Promise<{ status: number, headers: Headers, json: Record<string, unknown> }> {
  const headers = { ...asProvider, ...(type !== null && { 'content-type': type }), ...more }
  const answer = await fetch(`${origin}/v1${path}`, { method: 'POST', headers, body })
  return { status: answer.status, headers: answer.headers, json: await answer.json() as Record<string, unknown> }
}

async function chunkOf (both: Both): Promise<{ fileId: string, chunkId: string, rows: Row[] }> {
  const fileId = await accepted(vendorOf(both.sandbox), providerOf(both.sandbox))
  const provider = http(both, 'provider')
  const { items } = (await provider('GET', `/v1/usage-chunks?fileId=${fileId}&sort=fileId`, 'UsageChunk')).json as
    { items: [{ id: string }] }
  const chunkId = items[0].id
  const csv = await fetch(`${both.origin}/v1/usage-chunks/${chunkId}/file?format=csv`, { headers: asProvider })
  return { fileId, chunkId, rows: parse<Row>(await csv.text(), { columns: true }) }
}

const bodiesAtConnect = ({ sandbox }: Both): number => sandbox.ledger.entries.filter(
  ({ method, path, complete }) => method === 'POST' && complete && /\/reconciliations?$/.test(path)
).length

t.test('the records of a chunk are closed by rows in each form', async (t) => {
  const both = await startBoth(t)
  const provider = http(both, 'provider')
  for (const form of ['csv', 'ndjson', 'json', 'multipart'] as const) {
    const { fileId, chunkId, rows } = await chunkOf(both)
    const filled = rows.map(({ record_id: id = '' }, at) =>
      ({ record_id: id, external_billing_id: `INV-${form}-${at}`, external_billing_note: 'October, "ä"' }))
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
    const csv = [header, ...filled.map(row => Object.values(row).map(quoted).join(','))].join('\r\n')
    const path = `/reconciliations?chunkId=${chunkId}`
    const lines = filled.map(row => JSON.stringify(row)).join('\n')
    const data = new FormData()
    data.set('note', 'by rows')
    data.set('file', new Blob([csv]), 'billing.csv')
    const created = form === 'csv'
      ? await send(both, path, CSV, csv)
      : form === 'ndjson'
        ? await send(both, path, NDJSON, lines)
        : form === 'json'
          ? await send(both, path, 'application/json', JSON.stringify({ rows: filled }))
          : await send(both, path, null, data)
    t.match(created, { status: 201, json: { fileId, chunkId, note: form === 'multipart' ? 'by rows' : null } }, form)
    const address = `/v1/reconciliations/${String(created.json['id'])}`
    await until(async () =>
      (await provider('GET', address, 'Reconciliation')).json['status'] === 'processed', 'the reconciliation')
    const closed = (await provider('GET', `/v1/usage-records?fileId=${fileId}&status=closed`, 'UsageRecord')).json
    const ids = closed['items'] as { externalBillingId: string, externalBillingNote: string }[]
    t.same(ids.map(one => one.externalBillingId).sort(), filled.map(one => one.external_billing_id).sort(), form)
    t.ok(ids.every(one => one.externalBillingNote === 'October, "ä"'))
    const uploaded = await readXlsx((await provider('GET', `${address}/files/uploaded`, '')).bytes)
    t.same(uploaded.sheets.map(({ name }) => name), ['instructions', 'general', 'categories', 'records', 'summary'])
  }
})

t.test('a usage file is reconciled by the rows of its own workbook', async (t) => {
  const both = await startBoth(t)
  const provider = http(both, 'provider')
  const fileId = await accepted(vendorOf(both.sandbox), providerOf(both.sandbox))
  const csv = await fetch(`${both.origin}/v1/usage-files/${fileId}/files/processed?format=csv`, { headers: asProvider })
  const rows = parse<Row>(await csv.text(), { columns: true })
  t.ok(rows.length > 1)
  const body = [header, ...rows.map(row => `${row['record_id']},INV-1,done`)].join('\n')
  const answer = await send(both, `/usage-files/${fileId}/reconciliation`, CSV, body)
  t.match(answer, { status: 202, json: { id: fileId } })
  await until(async () => {
    const { json } = await provider('GET', `/v1/usage-records?fileId=${fileId}&status=closed`, 'UsageRecord')
    return json['total'] === rows.length
  }, 'closed records')
})

t.test('rows that do not fit are refused with a check, and nothing is sent', async (t) => {
  const both = await startBoth(t)
  const { chunkId, rows } = await chunkOf(both)
  const path = `/reconciliations?chunkId=${chunkId}`
  const id = rows[0]?.['record_id'] ?? ''
  const wrong = await send(both, path, CSV, `${header},quantity\n${id},I,n,1234\nR-none,I,n,\n${id},J,n,\n`)
  t.match(wrong, {
    status: 422,
    json: {
      code: 'ROWS_INVALID',
      check: {
        valid: false,
        rows: { total: 3 },
        problems: [
          { row: 4, code: 'DUPLICATE_RECORD_ID', column: 'record_id' },
          { row: 2, code: 'VALUE_CHANGED', column: 'quantity', value: '1234' },
          { row: 3, code: 'RECORD_UNKNOWN', recordId: 'R-none' }
        ]
      }
    }
  })
  const workbook = workbookOf(50).toString('latin1')
  for (const [query, type, body, expected] of [
    ['', CSV, `${header}\n${id},I,n\n`, { status: 400, json: { errors: [{ path: 'query.chunkId' }] } }],
    [`?chunkId=${chunkId}`, XLSX, workbook, { status: 400, json: { errors: [{ path: 'query.chunkId' }] } }],
    [`?chunkId=${chunkId}`, CSV, 'a,a\n', { status: 400, json: { code: 'MALFORMED_BODY' } }],
    [`?chunkId=${chunkId}&decimal=comma`, NDJSON, '{}', { status: 400, json: { errors: [{ path: 'query.decimal' }] } }],
    ['?chunkId=UFC-2026-01-0000-0000-001', CSV, `${header}\n${id},I,n\n`, { status: 404, json: { code: 'NOT_FOUND' } }]
  ] as const) t.match(await send(both, `/reconciliations${query}`, type, body), expected, `${query} ${type}`)
  t.equal(bodiesAtConnect(both), 0, 'no complete body has reached Connect')
})

t.test('the same rows with the same key make one reconciliation', async (t) => {
  const both = await startBoth(t)
  const { chunkId, rows } = await chunkOf(both)
  const body = `${header}\n${rows[0]?.['record_id']},I,n\n`
  const path = `/reconciliations?chunkId=${chunkId}`
  const first = await send(both, path, CSV, body, { 'idempotency-key': 'key-1' })
  t.equal(first.status, 201)
  const again = await send(both, path, CSV, body, { 'idempotency-key': 'key-1' })
  t.match([again.status, again.json['id']], [201, first.json['id']])
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  const other = await send(both, path, CSV, body.replace('I,n', 'J,n'), { 'idempotency-key': 'key-1' })
  t.match([other.status, other.json['code']], [422, 'IDEMPOTENCY_MISMATCH'])
  t.equal(bodiesAtConnect(both), 1)
})
