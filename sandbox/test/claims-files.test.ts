import t from 'tap'
import { previewContract } from '../src/seed/contracts.ts'
import { resellerToken } from '../src/options.ts'
import { asProvider, asVendor, caller, form, startSandbox, until } from './helper.ts'
import type { Body } from './helper.ts'
import {
  accepted, columns, draft, fleetInsight, goodRow, header, pending, recordsOf, uploadBytes, uploadRows, workbook
} from './stories.ts'
import { rawWorkbook } from './workbooks/fixtures/raw-workbook.ts'

t.test('domain 2.1: DELETE on a usage file is 405', async t => {
  const vendor = asVendor(await startSandbox(t))
  const id = await draft(vendor)
  const answer = await vendor('DELETE', `/usage/files/${id}`)
  t.equal(answer.status, 405)
  t.equal(answer.headers.get('allow'), 'GET, PUT')
  t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'draft')
  t.equal((await vendor('GET', '/usage/nothing')).status, 404)
})

t.test('domain 2.2: texts of a file have their largest lengths, and a number is taken as an external id', async t => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  for (const [name, length] of Object.entries({ name: 100, description: 200, note: 200, external_id: 200 })) {
    const create = async (size: number): Promise<number> =>
      (await vendor('POST', '/usage/files', { ...header, [name]: 'ü'.repeat(size) })).status
    t.same([await create(length), await create(length + 1)], [201, 400], name)
  }
  const [id, provider] = [await pending(vendor), asProvider(sandbox)]
  for (const [size, status] of [[201, 400], [200, 201]] as const) {
    const body = { acceptance_note: 'ü'.repeat(size) }
    t.equal((await provider('POST', `/usage/files/${id}/accept`, body)).status, status, `acceptance_note ${size}`)
  }
  t.equal((await vendor('POST', '/usage/files', { ...header, external_id: 4711 })).json.external_id, '4711')
  t.equal((await vendor('POST', '/usage/files', { ...header, external_id: true })).status, 400)
})

t.test('domain 5: a cell that is typed as a number and empty is 400 at the upload', async t => {
  const vendor = asVendor(await startSandbox(t))
  const id = await draft(vendor)
  const text = '<c r="A1" t="inlineStr"><is><t>quantity</t></is></c>'
  const row = (cell: string): string => `<row r="1">${text}${cell}</row>`
  for (const [cell, status] of [
    ['<c r="B1" t="n"><v></v></c>', 400], ['<c r="B1" s="0" t="n"><v/></c>', 400], ['<c r="B1" s="0"/>', 201]
  ] as const) {
    const bytes = rawWorkbook({ rows: row(cell) })
    const answer = await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', bytes))
    t.equal(answer.status, status, cell)
  }
})

t.test('domain 1.3: a product that takes no usage gets no file', async t => {
  const vendor = asVendor(await startSandbox(t))
  const body = { product: { id: 'PRD-750-560-670' }, contract: { id: 'CRD-75056-06700-00001' } }
  t.match(await vendor('POST', '/usage/files', body), { status: 400, json: { errors: [/does not report usage/] } })
})

t.test('domain 1.3: capabilities decide on reservation items, custom columns and future usage', async t => {
  const sandbox = await startSandbox(t, { refuseLateRows: true })
  const vendor = asVendor(sandbox)
  const withInvoice = [...columns.slice(0, 8), 'v.invoice_number']
  const row = (id: string, mpn: string, month: string, invoice: string | null): (string | null)[] => [
    id, 'item.mpn', mpn, '5', `2026-${month}-01 00:00:00`, `2026-${month}-01 23:59:59`, 'asset.id',
    'AS-7405-5000-0001', invoice
  ]
  const fleet = async (rows: (string | null)[][], names = withInvoice): Promise<Body> =>
    await uploadRows(vendor, fleetInsight, names, rows)
  const file = await fleet([
    row('R1', 'FI-KM', '10', 'I1'), row('R2', 'FI-KM', '01', 'I1'), row('R3', 'FI-KM', '12', 'I1'),
    row('R4', 'FI-VEHICLE', '10', 'I1'), row('R5', 'FI-KM', '10', null)
  ])
  const records = await recordsOf(vendor, file.id)
  t.same(records.map(({ error_codes: codes }) => codes), [undefined, undefined, undefined, 'USG_014', 'USG_051'])
  t.match((await fleet([row('R1', 'FI-KM', '10', null).slice(0, 8)], columns.slice(0, 8))).error_detail,
    'v.invoice_number')
  const next = goodRow(1).map(value => value.replace('2026-10', '2026-12'))
  const other = await uploadBytes(vendor, header, await workbook([next]))
  t.equal(other.status, 'invalid', 'this product takes no future usage')
})

t.test('domain 1: a preview file never reaches the distributor', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const rows = [goodRow(1).map(value => value === 'AS-5501-1000-0001' ? 'AS-5508-9000-0001' : value)]
  const file = { ...header, contract: { id: previewContract.id } }
  const json = await uploadBytes(vendor, file, await workbook(rows))
  t.match(json, { status: 'ready', environment: 'preview', contract: { id: 'CRD-00000-00000-00000' } })
  t.equal((await vendor('POST', `/usage/files/${json.id}/submit`)).status, 201)
  t.equal((await provider('GET', `/usage/files/${json.id}`)).status, 404)
  t.same((await provider('GET', '/usage/files?environment=preview')).list, [])
  t.equal((await vendor('GET', `/contracts?id=${previewContract.id}`)).list.length, 1, 'the contract exists once')
})

t.test('domain 1: a reseller decides on the files of its syndicated contract', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, reseller] = [asVendor(sandbox), caller(sandbox, resellerToken)]
  const rows = [goodRow(1).map(value => value === 'AS-5501-1000-0001' ? 'AS-5503-1000-0001' : value)]
  const file = { ...header, contract: { id: 'CRD-10000-20000-30002' } }
  const json = await uploadBytes(vendor, file, await workbook(rows))
  await vendor('POST', `/usage/files/${json.id}/submit`)
  t.equal((await asProvider(sandbox)('POST', `/usage/files/${json.id}/accept`)).status, 404)
  t.match(await reseller('POST', `/usage/files/${json.id}/accept`), { status: 201, json: { status: 'accepted' } })
})

t.test('domain 13: the default of the usage rules decides what no rule decides', async t => {
  for (const [defaultRule, status] of [['accept', 'accepted'], ['reject', 'rejected']] as const) {
    const vendor = asVendor(await startSandbox(t, { defaultRule }))
    const id = await pending(vendor)
    const { json } = await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status !== 'pending')
    t.match(json, { status, events: { [status]: { by: undefined } } })
  }
})

t.test('domain 13: a close with neither billing id nor note is refused, and either is enough', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const [one, two, three] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list.map(record => record.id)
  t.equal((await provider('POST', `/usage/records/${one}/close`, {})).status, 400)
  t.equal((await provider('POST', `/usage/records/${one}/close`, { external_billing_id: 'INV-1' })).status, 200)
  const bulk = await provider('POST', '/usage/records/close-records', [
    { id: two, external_billing_note: 'noted' }, { id: three }
  ])
  t.match(bulk.list, [{ id: two, status: 'closed' }, { id: three, status: 'approved', error_codes: 'USG_104' }])
})
