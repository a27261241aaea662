import t from 'tap'
import { providerToken } from '../src/options.ts'
import { fillBilling } from '../src/workbooks/fill-billing.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import { accepted, header, ready, goodRow, workbook } from './stories.ts'

/** One test a claim about Connect, named by its section in the domain facts. */
t.test('domain 13: Connect accepts a create without period and currency', async t => {
  const sandbox = await startSandbox(t, { now: () => new Date('2026-11-29T12:00:00Z') })
  const { name, product, contract, external_id: externalId } = header
  const answer = await asVendor(sandbox)('POST', '/usage/files', { name, product, contract, external_id: externalId })
  t.equal(answer.status, 201)
  t.same(answer.json.period, { from: '2026-11-01T00:00:00+00:00', to: '2026-11-30T23:59:59+00:00' })
})

t.test('domain 13: an unknown filter is ignored, and a wrong value of a known filter is 400', async t => {
  const provider = asProvider(await startSandbox(t, { strictFilters: false }))
  const all = await provider('GET', '/usage/files')
  for (const query of ['nothing=1', 'order_by=name', 'product__id=PRD-1', 'in(nothing,(a,b))', 'not(nothing=1)']) {
    const answer = await provider('GET', `/usage/files?${query}`)
    t.same([answer.status, answer.list.length], [200, all.list.length], query)
  }
  const chosen = await provider('GET', '/usage/files?(nothing=1|status=closed)')
  t.ok(chosen.list.length < all.list.length && chosen.list.every(({ status }) => status === 'closed'))
  t.equal((await provider('GET', '/usage/files?status=nothing')).status, 400)
  t.equal((await provider('GET', '/usage/files?gt(status,closed)')).status, 400)
})

t.test('domain 13: a sixth sort field is 400', async t => {
  const provider = asProvider(await startSandbox(t, { strictFilters: false }))
  const five = 'status,schema,environment,created.at,id'
  t.equal((await provider('GET', `/usage/files?ordering(${five})`)).status, 200)
  t.equal((await provider('GET', `/usage/files?ordering(${five},product.name)`)).status, 400)
})

t.test('domain 13: closing a file closes its approved records, without a billing id', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const records = `/usage/records?usagefile.id=${id}`
  const [first, second] = (await provider('GET', records)).list
  await provider('POST', `/usage/records/${first?.id}/close`, { external_billing_id: 'INV-1' })
  await provider('PUT', `/usage/records/${second?.id}`, { status: 'rejected' })
  const closed = await provider('POST', `/usage/files/${id}/close`)
  t.match(closed.json, { status: 'closed', stats: { accepted: 0, closed: 3, billed: 1 } })
  t.same((await provider('GET', records)).list.map(one => [one.status, one.external_billing_id]),
    [['closed', 'INV-1'], ['rejected', undefined], ['closed', undefined], ['closed', undefined]])
})

t.test('domain 13: closing its last chunk closes the file', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const chunks = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list
  const seen: string[] = []
  for (const chunk of chunks) {
    await provider('POST', `/usage/chunks/${chunk.id}/close`, { external_billing_id: 'INV-1' })
    seen.push((await provider('GET', `/usage/files/${id}`)).json.status)
  }
  t.same(seen, ['accepted', 'closed'])
})

t.test('domain 13: reconciling every record closes the file', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const seen: string[] = []
  for (const chunk of (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list) {
    const download = await fetch(`${sandbox.baseUrl}/usage/chunks/${chunk.id}/download`, {
      headers: { authorization: providerToken }
    })
    const filled = await fillBilling(new Uint8Array(await download.arrayBuffer()), 'INV-1', 'note')
    const reconciliation = await provider('POST', '/usage/reconciliations', form('recon_file', filled))
    await until(
      () => provider('GET', `/usage/reconciliations/${reconciliation.json.id}`),
      ({ json }) => json.status === 'processed'
    )
    seen.push((await provider('GET', `/usage/files/${id}`)).json.status)
  }
  t.same(seen, ['accepted', 'closed'])
})

t.test('domain 3.4: closing records one by one closes the file only with the switch', async t => {
  for (const [autoCloseFile, status] of [[false, 'accepted'], [true, 'closed']] as const) {
    const sandbox = await startSandbox(t, { autoCloseFile })
    const provider = asProvider(sandbox)
    const id = await accepted(asVendor(sandbox), provider)
    for (const record of (await provider('GET', `/usage/records?usagefile.id=${id}`)).list) {
      await provider('POST', `/usage/records/${record.id}/close`, { external_billing_id: 'INV-1' })
    }
    t.equal((await provider('GET', `/usage/files/${id}`)).json.status, status)
  }
})

t.test('domain 5: an invalid record has the code and the text; only the processed workbook shows the cell', async t => {
  const vendor = asVendor(await startSandbox(t))
  const bad = goodRow(1).map(value => value === 'FB-SEATS' ? 'NONE' : value)
  const id = await ready(vendor, [bad])
  const [record] = (await vendor('GET', `/usage/records?usagefile.id=${id}`)).list
  t.same([record?.error_codes, record?.error_details], ['USG_011', 'Unknown MPN'])
})

t.test('JSON answers and errors are application/json without a charset', async t => {
  const vendor = asVendor(await startSandbox(t))
  for (const path of ['/usage/files', '/usage/files/UF-0', '/nowhere']) {
    t.equal((await vendor('GET', path)).headers.get('content-type'), 'application/json', path)
  }
  const upload = await vendor('POST', '/usage/files/UF-0/upload', form('usage_file', await workbook()))
  t.equal(upload.headers.get('content-type'), 'application/json')
})
