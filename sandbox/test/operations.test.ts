import t from 'tap'
import { readReconciliationWorkbook } from '../src/workbooks/reconciliation-file.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import { accepted, draft, goodRow, header, pending, ready, workbook } from './stories.ts'

/** Every operation of files, records and chunks, each with another one that reads its effect back. */
t.test('files', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]

  t.test('domain 2.8.2: a created file is a draft that list and get show', async (t) => {
    const created = await vendor('POST', '/usage/files', header)
    t.equal(created.status, 201)
    t.match(created.json, {
      status: 'draft',
      product: { id: 'PRD-276-377-545' },
      contract: { id: 'CRD-10000-20000-30000' },
      provider: { id: 'PA-400-500' }
    })
    t.match(created.json.period, { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' })
    const listed = await vendor('GET', `/usage/files?id=${created.json.id}`)
    t.equal(listed.list[0]?.external_id, 'EXT-1')
    t.same(listed.list[0]?.stats, {})
    t.equal(listed.list[0]?.records, undefined, 'records are detail-only')
    t.equal((await vendor('GET', `/usage/files/${created.json.id}`)).json.currency, 'USD')
  })

  t.test('domain 2.1.4: a changed header is what get shows, though the answer has three fields only', async (t) => {
    const id = await draft(vendor)
    const changed = await vendor('PUT', `/usage/files/${id}`, {
      note: 'mine',
      description: 'd',
      currency: 'EUR',
      period: { from: '2026-10-02', to: '2026-10-03' }
    })
    t.equal(changed.status, 200)
    t.same(changed.json, { description: 'd', note: 'mine', external_id: 'EXT-1' })
    t.match((await vendor('GET', `/usage/files/${id}`)).json, {
      note: 'mine',
      currency: 'EUR',
      period: { from: '2026-10-02T00:00:00+00:00' }
    })
  })

  t.test('an upload becomes records and categories', async (t) => {
    const id = await ready(vendor)
    t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'ready')
    t.match(
      (await vendor('GET', `/usage/records?usagefile.id=${id}`)).list.map(record => record.status),
      ['valid', 'valid', 'valid', 'valid']
    )
    t.same((await vendor('GET', `/usage/files/${id}/categories`)).json, [
      { id: 'seats', name: 'Seats', description: null }
    ])
  })

  t.test('domain 3.1: one wrong row makes the file invalid, and a new upload replaces its records', async (t) => {
    const bad = goodRow(2)
    bad[2] = 'NO-SUCH-MPN'
    const id = await ready(vendor, [goodRow(1), bad, goodRow(3)])
    const file = (await vendor('GET', `/usage/files/${id}`)).json
    t.equal(file.status, 'invalid')
    t.same(file.records, { valid: 2, invalid: 1, closed: 0 })
    const [record] = (await vendor('GET', `/usage/records?usagefile.id=${id}&status=invalid`)).list
    t.equal(record?.error_codes, 'USG_011')
    t.equal(record?.error_details, 'Unknown MPN')
    await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', await workbook()))
    await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status === 'ready')
    t.equal(
      (await vendor('GET', `/usage/records?usagefile.id=${id}`)).list.length,
      4,
      'a new upload replaces the records'
    )
  })

  t.test('submit shows the file to the provider', async (t) => {
    const id = await ready(vendor)
    t.equal((await provider('GET', `/usage/files/${id}`)).status, 404)
    t.equal((await vendor('POST', `/usage/files/${id}/submit`)).status, 201)
    t.equal((await provider('GET', `/usage/files/${id}`)).json.status, 'pending')
  })

  t.test('domain 3.4, 10.3.9: accept approves the records and makes a chunk per hub', async (t) => {
    const id = await pending(vendor)
    const answer = await provider('POST', `/usage/files/${id}/accept`, { acceptance_note: 'fine' })
    t.equal(answer.status, 201)
    t.equal((await vendor('GET', `/usage/files/${id}`)).json.acceptance_note, 'fine')
    t.equal((await provider('GET', `/usage/records?usagefile.id=${id}&status=approved`)).list.length, 4)
    t.equal((await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list.length, 2)
  })

  t.test('domain 3.1: reject leaves the reason for the vendor', async (t) => {
    const id = await pending(vendor)
    t.equal((await provider('POST', `/usage/files/${id}/reject`, { rejection_note: 'no' })).status, 201)
    t.match((await vendor('GET', `/usage/files/${id}`)).json, { status: 'rejected', rejection_note: 'no' })
    t.equal((await vendor('GET', `/usage/records?usagefile.id=${id}`)).list[0]?.status, 'rejected')
  })

  t.test('approve-all approves what nobody decided', async (t) => {
    const id = await pending(vendor)
    t.equal((await provider('PUT', `/usage/files/${id}/approve-all`)).status, 200)
    t.equal((await provider('GET', `/usage/records?usagefile.id=${id}&status=approved`)).list.length, 4)
  })

  t.test('close closes the file and its approved records', async (t) => {
    const id = await accepted(vendor, provider)
    t.equal((await provider('POST', `/usage/files/${id}/close`)).status, 200)
    t.match((await vendor('GET', `/usage/files/${id}`)).json, { status: 'closed', records: { closed: 4 } })
  })

  t.test('domain 2.1.10: a deleted file stays listed', async (t) => {
    const id = await draft(vendor)
    t.equal((await vendor('POST', `/usage/files/${id}/delete`)).status, 200)
    t.equal((await vendor('GET', `/usage/files?id=${id}`)).list[0]?.status, 'deleted')
  })

  t.test('domain 3.2: reprocess ends as processed', async (t) => {
    const id = await accepted(vendor, provider)
    t.equal((await provider('POST', `/usage/files/${id}/reprocess`)).json.sub_status, 'processing')
    const done = await until(() => provider('GET', `/usage/files/${id}`), ({ json }) => json.sub_status === 'processed')
    t.equal(done.json.status, 'accepted')
  })
})

t.test('records', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]

  t.test('domain 2.1.17: a changed status is what get shows', async (t) => {
    const id = await pending(vendor)
    const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
    t.equal((await provider('PUT', `/usage/records/${record?.id}`, { status: 'rejected' })).status, 200)
    const read = (await vendor('GET', `/usage/records/${record?.id}`)).json
    t.equal(read.status, 'rejected')
    t.same(read.category, { id: 'seats', name: 'Seats' })
    t.match(read, { usage: 5, amount: 10.5, item: { precision: 'Integer' }, asset: { id: 'AS-5501-1000-0001' } })
  })

  t.test('domain 3.3: a closed record keeps its first billing id', async (t) => {
    const id = await accepted(vendor, provider)
    const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
    const path = `/usage/records/${record?.id}`
    t.equal(
      (await provider('POST', `${path}/close`, { external_billing_id: 'B1', external_billing_note: 'n' })).status,
      200
    )
    const again = await provider('POST', `${path}/close`, { external_billing_id: 'B2' })
    t.equal(again.status, 400)
    t.match((await vendor('GET', path)).json, {
      status: 'closed',
      external_billing_id: 'B1',
      external_billing_note: 'n'
    })
    t.same(sandbox.summary().closes, { [record?.id ?? '']: 1 })
    t.same(sandbox.summary().closeAttempts, { [record?.id ?? '']: 2 })
  })

  t.test('domain 2.1.19: closing many answers row by row', async (t) => {
    const id = await accepted(vendor, provider)
    const records = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
    await provider('PUT', `/usage/records/${records[1]?.id}`, { status: 'rejected' })
    const answer = await provider('POST', '/usage/records/close-records', [
      { id: records[0]?.id, external_billing_id: 'B1' },
      { id: records[1]?.id, external_billing_id: 'B1' },
      { id: records[0]?.id, external_billing_id: 'B2' },
      { id: 'UR-2026-01-0000-0000-0000-0000' }
    ])
    t.equal(answer.status, 206)
    t.match(answer.list, [
      { id: records[0]?.id, status: 'closed', error_codes: undefined },
      { status: 'rejected', error_codes: 'USG_101', error_details: String },
      { status: 'closed', error_codes: 'USG_102' },
      { error_codes: 'USG_103' }
    ])
    t.equal((await vendor('GET', `/usage/records/${records[0]?.id}`)).json.external_billing_id, 'B1')
  })
})

t.test('chunks', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const [first, second] = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list

  t.test('the workbook holds the records of its hub', async (t) => {
    const response = await fetch(`${sandbox.baseUrl}/usage/chunks/${first?.id}/download`, {
      headers: { authorization: 'ApiKey SU-400-500-600:provider' }
    })
    t.equal(response.status, 200)
    const read = await readReconciliationWorkbook(new Uint8Array(await response.arrayBuffer()))
    t.equal(read.reportId, id)
    t.equal(read.hubId, 'HB-5603-6213')
    t.same(read.rows.map((row) => row.recordId), ['R1', 'R2'])
  })

  t.test('domain 2.1.22: its external id can be set', async (t) => {
    t.equal((await provider('PUT', `/usage/chunks/${first?.id}`, { external_id: 'E1' })).status, 200)
    t.equal((await provider('PUT', `/usage/chunks/${first?.id}`, {})).status, 400)
    t.equal((await provider('GET', `/usage/chunks/${first?.id}`)).json.external_id, 'E1')
  })

  t.test('domain 3.4: a change behind it makes it outdated until it is regenerated', async (t) => {
    const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}&hub.id=HB-5603-6213`)).list
    await provider('PUT', `/usage/records/${record?.id}`, { status: 'rejected' })
    t.equal((await provider('GET', `/usage/chunks/${first?.id}`)).json.outdated, true)
    t.equal((await provider('POST', `/usage/chunks/${first?.id}/regenerate`)).status, 200)
    const done = await until(() => provider('GET', `/usage/chunks/${first?.id}`), ({ json }) => json.status === 'ready')
    t.equal(done.json.outdated, false)
  })

  t.test('domain 3.4: closing a chunk needs a billing id and closes its approved records', async (t) => {
    t.equal((await provider('POST', `/usage/chunks/${second?.id}/close`, {})).status, 400)
    const closed = await provider('POST', `/usage/chunks/${second?.id}/close`, { external_billing_id: 'B9' })
    t.equal(closed.status, 200)
    const records = (await vendor('GET', `/usage/records?usagefile.id=${id}&hub.id=HB-5603-6214`)).list
    t.match(records.map((record) => record.external_billing_id), ['B9', 'B9'])
    t.equal((await provider('POST', `/usage/chunks/${second?.id}/close`, { external_billing_id: 'B8' })).status, 400)
    t.equal((await provider('POST', `/usage/chunks/${second?.id}/regenerate`)).status, 400)
  })
})

t.test('a listed record shows each change at once, though its JSON is kept', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const path = `/usage/records?usagefile.id=${id}&ordering(created_time)&limit=2&offset=1`
  const before = await provider('GET', path)
  t.same(before.list.map(({ status }) => status), ['approved', 'approved'])
  t.equal(before.headers.get('content-range'), 'items 1-2/4')
  const [first] = before.list
  await provider('POST', `/usage/records/${first?.id}/close`, { external_billing_id: 'INV-1' })
  t.match((await provider('GET', path)).list, [{ id: first?.id, status: 'closed', external_billing_id: 'INV-1' }, {}])
})
