import t from 'tap'
import { writeChunkFile } from '../src/workbooks/chunk-file.ts'
import type { ChunkRow } from '../src/workbooks/types.ts'
import { fallballContract } from '../src/seed/contracts.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import type { StartedSandbox } from './helper.ts'
import { accepted, pending } from './stories.ts'

const [item] = fallballContract.product.items
const [asset] = fallballContract.assets

function row (recordId: string, id: string | null, note: string | null): ChunkRow {
  if (!item || !asset) throw new Error('the seed has both')
  return {
    recordId, recordNote: null, start: '2026-10-01T00:00:00Z', end: '2026-10-02T00:00:00Z', item, categoryId: null,
    status: 'approved', asset, quantity: '1', amount: '1', tier: null, externalBillingId: id, externalBillingNote: note
  }
}

const reconciliation = async (fileId: string, hubId: string | null, rows: ChunkRow[]): Promise<Uint8Array> =>
  await writeChunkFile('cr', [['report_id', fileId], ...(hubId === null ? [] : [['hub_id', hubId] as const])], [], rows)

const done = async (sandbox: StartedSandbox, id: string) => await until(
  () => asProvider(sandbox)('GET', `/usage/reconciliations/${id}`),
  ({ json }) => json.status === 'processed' || json.status === 'failed'
)

t.test('reconciliations', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]

  t.test('domain 3.5: one for a file closes the rows with both billing cells', async (t) => {
    const id = await accepted(vendor, provider)
    const bytes = await reconciliation(id, null, [row('R1', 'B1', 'n1'), row('R2', null, null), row('R3', 'B3', null)])
    const sent = await provider('POST', `/usage/files/${id}/reconciliation`, form('recon_file', bytes))
    t.equal(sent.status, 200)
    t.ok(sent.json.reconciliation_file_uri)
    const [listed] = (await provider('GET', `/usage/reconciliations?usagefile.id=${id}`)).list
    const read = await done(sandbox, listed?.id ?? '')
    t.equal(read.json.notes.processing, 'Closed 1, refused 1, left 1.')
    const records = (await vendor('GET', `/usage/records?usagefile.id=${id}&status=closed`)).list
    t.match(records, [{ external_billing_id: 'B1', external_billing_note: 'n1' }])
    const link = (await provider('GET', `/usage/files/${id}`)).json.reconciliation_file_uri
    t.equal((await fetch(link)).status, 200)
  })

  t.test('domain 2.1.27: one by itself finds file and hub in its general sheet', async (t) => {
    const id = await accepted(vendor, provider)
    const bytes = await reconciliation(id, 'HB-5603-6214', [row('R3', 'B3', 'n'), row('R1', 'B1', 'n')])
    const created = await provider(
      'POST',
      '/usage/reconciliations',
      form('recon_file', bytes, { upload_note: 'October' })
    )
    t.equal(created.status, 201)
    t.match(created.json, {
      status: 'uploaded',
      usagefile: { id },
      binding: { hub: { id: 'HB-5603-6214' } },
      notes: { uploaded: 'October' }
    })
    t.match((await done(sandbox, created.json.id)).json, {
      status: 'processed',
      notes: { processing: 'Closed 1, refused 1, left 0.' }
    })
    const chunk = created.json.partusagefile.id
    t.equal((await provider('GET', `/usage/reconciliations?partusagefile.id=${chunk}`)).list.length, 1)
    const uploaded = await fetch(`${sandbox.baseUrl}/usage/reconciliations/${created.json.id}/uploadedfile`, {
      headers: { authorization: 'ApiKey SU-400-500-600:provider' }
    })
    t.same(new Uint8Array(await uploaded.arrayBuffer()), new Uint8Array(bytes))
    const processed = await provider('GET', `/usage/reconciliations/${created.json.id}/processedfile`)
    t.equal(processed.status, 200)
  })

  t.test('a row closed with another id keeps it; the same id is no fault', async (t) => {
    const id = await accepted(vendor, provider)
    const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
    await provider('POST', `/usage/records/${record?.id}/close`, { external_billing_id: 'B1' })
    for (const [billingId, note] of [
      ['B2', 'Closed 0, refused 1, left 0.'],
      ['B1', 'Closed 0, refused 0, left 1.']
    ] as const) {
      const sent = await provider(
        'POST',
        '/usage/reconciliations',
        form('recon_file', await reconciliation(id, null, [row('R1', billingId, 'n')]))
      )
      t.equal((await done(sandbox, sent.json.id)).json.notes.processing, note)
    }
    t.equal((await vendor('GET', `/usage/records/${record?.id}`)).json.external_billing_id, 'B1')
  })

  t.test('domain 3.1: in a closed file billing id and note may still change', async (t) => {
    const id = await accepted(vendor, provider)
    const send = async (rows: ChunkRow[]): Promise<string> => {
      const sent = await provider(
        'POST',
        '/usage/reconciliations',
        form('recon_file', await reconciliation(id, null, rows))
      )
      return (await done(sandbox, sent.json.id)).json.notes.processing
    }
    t.equal(await send([1, 2, 3, 4].map((n) => row(`R${n}`, 'B1', 'n'))), 'Closed 4, refused 0, left 0.')
    t.equal((await provider('GET', `/usage/files/${id}`)).json.status, 'closed')
    t.equal(
      await send([row('R1', 'B2', 'corrected'), row('R2', null, 'noted'), row('R3', 'B1', 'n'), row('R4', null, null)]),
      'Closed 0, changed 2, refused 0, left 2.'
    )
    const records = (await vendor('GET', `/usage/records?usagefile.id=${id}`)).list
    t.match(records.map((one) => [one.status, one.external_billing_id, one.external_billing_note]), [
      ['closed', 'B2', 'corrected'], ['closed', 'B1', 'noted'], ['closed', 'B1', 'n'], ['closed', 'B1', 'n']
    ])
    t.equal((await vendor('GET', `/usage/files/${id}`)).json.stats['billed'], 4)
    t.same(
      sandbox.summary().effects[records[0]?.id ?? ''],
      { closeAttempts: 1, closed: 1, billingChanged: 1 },
      'closed once'
    )
  })

  t.test('domain 3.5: a reconciliation that names no known report fails with a reason', async (t) => {
    for (const bytes of [
      await reconciliation('UF-2026-01-0000-0000', null, [row('R1', 'B', 'n')]),
      Buffer.from('not a workbook')
    ]) {
      const sent = await provider('POST', '/usage/reconciliations', form('recon_file', bytes))
      t.equal(sent.status, 201)
      const failed = await done(sandbox, sent.json.id)
      t.equal(failed.json.status, 'failed')
      t.type(failed.json.error.detail, 'string')
      t.equal((await provider('GET', `/usage/reconciliations/${sent.json.id}/processedfile`)).status, 400)
    }
  })
})

t.test('domain 1: aggregates grow with what is accepted', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const query = 'item.id=PRD-276-377-545-0003'
  const read = async (): Promise<number> =>
    (await provider('GET', `/assets/AS-5501-1000-0001/usage/aggregates?${query}`)).list[0]?.accepted ?? 0
  const before = await read()
  await accepted(vendor, provider)
  t.equal(await read(), before + 5)
  const all = await vendor('GET', `/usage/aggregates?asset.id=AS-5501-1000-0001&${query}`)
  t.equal(all.list[0]?.accepted, before + 5)
  t.equal(all.list[0]?.currency, 'USD')
  t.equal((await provider('GET', '/assets/AS-0000-0000-0000/usage/aggregates')).status, 404)
})

t.test('domain 2.1.33: a template link opens without the key', async (t) => {
  const sandbox = await startSandbox(t)
  const link = (await asVendor(sandbox)('GET', '/usage/products/PRD-276-377-545/template')).json.template_link
  const response = await fetch(link)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), 'spreadsheetml')
  t.equal(Buffer.from(await response.arrayBuffer()).subarray(0, 2).toString(), 'PK')
  t.equal((await asVendor(sandbox)('GET', '/usage/products/PRD-880-110-220/template')).status, 404)
})

t.test('domain 2.1.34: usage rules are created, read, changed, put in order and deleted', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const path = '/products/PRD-410-220-330/usage/rules'
  const created = await provider('POST', path, {
    item: { id: 'PRD-410-220-330-0002' },
    action: 'manual',
    rule: 'x',
    status: 'active'
  })
  t.equal(created.status, 201)
  const { id } = created.json
  t.match((await provider('GET', `${path}/${id}`)).json, {
    id,
    action: 'manual',
    scope: 'record',
    rule: 'x',
    item: { name: 'Restored data' }
  })
  const order = async (): Promise<string[]> => (await provider('GET', path)).list.map((one) => one.id)
  const [first = ''] = await order()
  t.same(await order(), [first, id])
  t.equal((await provider('PUT', `${path}/${id}`, { action: 'reject', gravity: { after: null } })).status, 200)
  t.same(await order(), [id, first], 'gravity moves it')
  await provider('PUT', `${path}/${id}`, { gravity: { after: first } })
  t.same(await order(), [first, id])
  t.equal((await provider('GET', `${path}?action=reject`)).list[0]?.id, id)
  t.equal((await provider('DELETE', `${path}/${id}`)).status, 204)
  t.equal((await provider('GET', `${path}/${id}`)).json.status, 'deleted')
  t.equal((await provider('DELETE', `${path}/${id}`)).status, 400)
  t.equal((await vendor('POST', path, { action: 'accept' })).status, 403)
  t.equal((await provider('POST', path, { action: 'perhaps' })).status, 400)
  t.equal((await provider('POST', path, { action: 'accept', rule: 'x'.repeat(2001) })).status, 400)
  t.equal((await provider('POST', path, { action: 'accept', item: { id: 'PRD-276-377-545-0001' } })).status, 400)
  t.equal((await provider('PUT', `${path}/${id}`, { gravity: { after: id } })).status, 400)
  t.equal((await provider('GET', `${path}/UIR-000-000-000`)).status, 404)
})

t.test('domain 3.1, 10.3.8: an active rule of file scope accepts without a by', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  await provider('POST', '/products/PRD-276-377-545/usage/rules', { action: 'accept' })
  const id = await pending(vendor)
  const file = (await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status === 'accepted')).json
  t.equal(file.acceptance_note, 'Auto Approved')
  t.equal(file.events['accepted']?.by, undefined)
})

t.test('domain 1: a rule of file scope can reject as well', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  await provider('POST', '/products/PRD-276-377-545/usage/rules', { action: 'reject' })
  const id = await pending(vendor)
  const file = (await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status === 'rejected')).json
  t.match(file, { rejection_note: 'Auto Rejected', events: { rejected: { by: undefined } } })
})
