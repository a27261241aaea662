import { cellRef, readXlsx } from 'hucre/xlsx'
import t from 'tap'
import { providerToken } from '../src/options.ts'
import { fillBilling } from '../src/workbooks/fill-billing.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import type { Call } from './helper.ts'
import { accepted, header, pending, ready, goodRow, workbook } from './stories.ts'

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

t.test('domain 3.4: a chunk is a draft until its workbook is made', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await pending(asVendor(sandbox))
  const statuses = async (): Promise<string[]> =>
    (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list.map(({ status }) => status)
  const work: (() => unknown)[] = []
  sandbox.tasks.after = (_ms, later) => { work.push(later) }
  await provider('POST', `/usage/files/${id}/accept`)
  t.same(await statuses(), ['draft', 'draft'])
  for (const later of work) await later()
  t.same(await statuses(), ['ready', 'ready'])
})

t.test('domain 3.4: closing a file closes its chunks too', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  await provider('POST', `/usage/files/${id}/close`)
  const chunks = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list
  t.match(chunks, [
    { status: 'closed', outdated: false, events: { closed: {} } }, { status: 'closed', events: { closed: {} } }
  ])
  const again = await provider('POST', `/usage/chunks/${chunks[0]?.id}/close`, { external_billing_id: 'INV-1' })
  t.equal(again.status, 400)
  t.equal((await provider('GET', `/usage/chunks/${chunks[0]?.id}/download`)).status, 200)
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

t.test('domain 3.4, 10.3.9: closing records one by one closes the file only with the switch', async t => {
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

/** The comments of the processed workbook's records, by cell, such as `C2`. */
async function commentsOf (vendor: Call, id: string): Promise<Map<string, string>> {
  const { processed_file_uri: link } = (await vendor('GET', `/usage/files/${id}`)).json
  const bytes = new Uint8Array(await (await fetch(link)).arrayBuffer())
  const { sheets } = await readXlsx(bytes, { sheets: ['records'], readStyles: true })
  return new Map([...sheets[0]?.cells ?? []].flatMap(([key, { comment }]): [string, string][] => {
    const [row, column] = key.split(',').map(Number) as [number, number]
    return comment === undefined ? [] : [[cellRef(row, column), comment.text]]
  }))
}

t.test('domain 5: no text of a record names a row or a cell, and the comments stand at the cells', async t => {
  const vendor = asVendor(await startSandbox(t, { seed: 'full' }))
  const place = /\brow\b|\bcell [A-Z]|\([A-Z]{1,3}\d+\)/
  const twice = await ready(vendor, [goodRow(1), goodRow(2), goodRow(1), goodRow(3).with(3, '-1')])
  const invalid = (await vendor('GET', '/usage/records?status=invalid&limit=1000')).list
  t.ok(invalid.length > 50, `${invalid.length} seeded texts`)
  t.same(invalid.filter(one => !one.error_codes || place.test(one.error_details)), [])
  const ofUpload = invalid.filter(one => one.usagefile.id === twice).map(one => one.error_details)
  t.same(ofUpload, ['Duplicate record_id "R1"',
    'quantity must not be negative, it is -1; corrections go through reconciliation'])
  t.same(await commentsOf(vendor, twice), new Map([
    ['A4', `USG_002: ${ofUpload[0]}`], ['D5', `USG_021: ${ofUpload[1]}`]
  ]))
  const seeded = invalid[0]?.usagefile.id ?? ''
  const comments = [...await commentsOf(vendor, seeded)]
  t.equal(comments.length, invalid.filter(one => one.usagefile.id === seeded).length)
  t.ok(comments.every(one => /^(D\d+: USG_011|I\d+: USG_013)/.test(one.join(': '))), String(comments))
})

t.test('JSON answers and errors are application/json without a charset', async t => {
  const vendor = asVendor(await startSandbox(t))
  for (const path of ['/usage/files', '/usage/files/UF-0', '/nowhere']) {
    t.equal((await vendor('GET', path)).headers.get('content-type'), 'application/json', path)
  }
  const upload = await vendor('POST', '/usage/files/UF-0/upload', form('usage_file', await workbook()))
  t.equal(upload.headers.get('content-type'), 'application/json')
})
