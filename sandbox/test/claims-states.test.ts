import t from 'tap'
import { asProvider, asVendor, caller, form, startSandbox, until } from './helper.ts'
import { accepted, goodRow, pending, ready, recordsOf, workbook } from './stories.ts'

/** States, who sees them, and how errors are told. */
const seenByProvider = ['pending', 'rejected', 'accepted', 'closed']

t.test('domain 3.2: who reads a file in which status, and which links it has', async t => {
  const sandbox = await startSandbox(t, { seed: 'full', processingMs: 60_000 })
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const processed = ['invalid', 'ready', ...seenByProvider]
  for (const status of ['draft', 'uploading', 'processing', 'deleted', ...processed]) {
    const { list } = await vendor('GET', `/usage/files?status=${status}&provider.id=PA-400-500&environment=production`)
    const id = list[0]?.id ?? ''
    const { json } = await vendor('GET', `/usage/files/${id}`)
    t.equal(json.status, status)
    t.equal('processed_file_uri' in json, processed.includes(status), `${status}: link to the processed workbook`)
    if (processed.includes(status)) t.type(json.usage_file_uri, 'string', `${status}: link to the upload`)
    if (status === 'draft') t.notOk('usage_file_uri' in json)
    const isSeen = seenByProvider.includes(status)
    t.equal((await provider('GET', `/usage/files/${id}`)).status, isSeen ? 200 : 404, `${status}: the provider`)
    t.equal((await provider('GET', `/usage/files?id=${id}`)).list.length, isSeen ? 1 : 0, `${status}: its list`)
  }
})

t.test('domain 3.3: submitted records stay valid; billable ones are approved or closed', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const statuses = async (id: string): Promise<string[]> => (await recordsOf(provider, id)).map(({ status }) => status)
  t.same(await statuses(await pending(vendor)), ['valid', 'valid', 'valid', 'valid'])
  const id = await accepted(vendor, provider)
  const [first] = await recordsOf(provider, id)
  await provider('POST', `/usage/records/${first?.id}/close`, { external_billing_id: 'B' })
  for (const [filter, count] of [['status=approved', 3], ['in(status,(approved,closed))', 4]] as const) {
    t.equal((await provider('GET', `/usage/records?usagefile.id=${id}&${filter}`)).list.length, count, filter)
  }
})

t.test('domain 3.4: the external id of a chunk may change in every status; only a ready one can be closed', async t => {
  const provider = asProvider(await startSandbox(t, { seed: 'full' }))
  for (const status of ['draft', 'ready', 'closed', 'failed']) {
    const [chunk] = (await provider('GET', `/usage/chunks?status=${status}&limit=1`)).list
    t.match(await provider('PUT', `/usage/chunks/${chunk?.id}`, { external_id: 'Import failed: 3 of 10 rows' }),
      { status: 200, json: { status, external_id: 'Import failed: 3 of 10 rows' } })
    const close = await provider('POST', `/usage/chunks/${chunk?.id}/close`, { external_billing_id: 'B' })
    t.equal(close.status, status === 'ready' ? 200 : 400, status)
  }
})

t.test('domain 3.4: a hub finds its ready chunks', async t => {
  const provider = asProvider(await startSandbox(t, { seed: 'full' }))
  const { list } = await provider('GET', '/usage/chunks?status=ready&binding.hub.id=HB-5603-6213&limit=1000')
  t.ok(list.length > 0)
  t.ok(list.every(({ status, binding }) => status === 'ready' && binding.hub.id === 'HB-5603-6213'))
})

t.test('domain 3.5: a reconciliation is uploaded, then processing, then processed or failed', async t => {
  const sandbox = await startSandbox(t, { processingMs: 200 })
  const provider = asProvider(sandbox)
  const { json } = await provider('POST', '/usage/reconciliations', form('recon_file', Buffer.from('no workbook')))
  const seen = new Set([json.status])
  const failed = await until(async () => {
    const read = await provider('GET', `/usage/reconciliations/${json.id}`)
    seen.add(read.json.status)
    return read
  }, ({ json: { status } }) => status === 'failed')
  t.same([...seen], ['uploaded', 'processing', 'failed'])
  t.type(failed.json.error.detail, 'string')
  t.equal((await provider('GET', `/usage/reconciliations/${json.id}/processedfile`)).status, 400)
})

t.test('domain 2.6: an error is an envelope of a code and texts, in each status', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await pending(vendor)
  const cases: [number, ReturnType<typeof vendor>][] = [
    [400, vendor('POST', `/usage/files/${id}/submit`)],
    [400, vendor('POST', '/usage/files', {})],
    [401, caller(sandbox, 'ApiKey SU-000-000-000:none')('GET', '/usage/files')],
    [403, vendor('POST', `/usage/files/${id}/accept`)],
    [404, provider('GET', '/usage/files/UF-2026-01-0000-0000')],
    [405, provider('DELETE', `/usage/files/${id}`)]
  ]
  for (const [status, sent] of cases) {
    const answer = await sent
    t.equal(answer.status, status)
    t.match(answer.json, { error_code: /^[A-Z]{3,4}_\d{3}$/, errors: [String] }, answer.text)
  }
})

t.test('domain 5: wrong rows are found by file and status, and the file tells how many in 200 characters', async t => {
  const vendor = asVendor(await startSandbox(t))
  const id = await ready(vendor, [goodRow(1), goodRow(2).with(2, 'NONE'), goodRow(3).with(3, '-1')])
  const file = (await vendor('GET', `/usage/files/${id}`)).json
  t.match(file, { status: 'invalid', error_detail: '2 of 3 records are invalid.' })
  const { list } = await vendor('GET', `/usage/records?eq(usagefile.id,${id})&status=invalid`)
  t.match(list, [
    { error_codes: 'USG_011', error_details: 'Unknown MPN' }, { error_codes: String, error_details: String }
  ])
})

t.test('domain 6: links have the parameters of Azure, and their paths name product and file', async t => {
  const vendor = asVendor(await startSandbox(t))
  const id = await ready(vendor)
  const file = (await vendor('GET', `/usage/files/${id}`)).json
  const template = (await vendor('GET', '/usage/products/PRD-276-377-545/template')).json.template_link
  for (const [link, path] of [
    [file.usage_file_uri, `/PRD-276-377-545/${id}/uploaded/${id}.xlsx`],
    [file.processed_file_uri, `/PRD-276-377-545/${id}/processed/${id}-PROCESSED.xlsx`],
    [template, '/PRD-276-377-545/template/TEMPLATE-PRD-276-377-545']
  ] as const) {
    const { pathname, searchParams } = new URL(link)
    t.ok(pathname.includes(path), pathname)
    for (const name of ['se', 'sp', 'sv', 'sr', 'sig']) t.ok(searchParams.has(name), name)
  }
})

t.test('domain 10.3.4: bodies of JSON are refused where a form is wanted, and forms without the field', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const upload = `/usage/files/${await ready(vendor)}/upload`
  const file = `/usage/files/${await accepted(vendor, provider)}/reconciliation`
  for (const [call, path] of [[vendor, upload], [provider, file], [provider, '/usage/reconciliations']] as const) {
    t.equal((await call('POST', path, { usage_file: {}, recon_file: {} })).status, 400, path)
    t.equal((await call('POST', path, form('file', await workbook()))).status, 400, path)
  }
})

t.test('domain 10.3.1: with the switch, upload, submit, accept and reject answer 200', async t => {
  const sandbox = await startSandbox(t, { legacy200: true })
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  for (const decision of ['accept', 'reject']) {
    const id = await ready(vendor)
    const again = await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', await workbook()))
    await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status === 'ready')
    const submit = await vendor('POST', `/usage/files/${id}/submit`)
    const decided = await provider('POST', `/usage/files/${id}/${decision}`)
    t.same([again.status, submit.status, decided.status], [200, 200, 200], decision)
  }
})
