import t from 'tap'
import { asProvider, asVendor, startSandbox } from './helper.ts'
import type { Body } from './helper.ts'
import {
  accepted, columns, draft, header, pending, quantityService, ready, recordsOf, solutionsBundle, uploadRows
} from './stories.ts'

/** What the objects of the API look like. */
t.test('domain 1: the contract decides on provider, marketplace, environment and currency', async t => {
  const vendor = asVendor(await startSandbox(t))
  for (const [contract, environment] of [
    ['CRD-10000-20000-30000', 'production'], ['CRD-10000-20000-39999', 'test'], ['CRD-00000-00000-00000', 'preview']
  ] as const) {
    const { json } = await vendor('POST', '/usage/files', {
      ...header, contract: { id: contract }, environment: 'other', provider: { id: 'PA-410-510' }
    })
    t.equal(json.environment, environment, 'a create cannot choose it')
    t.equal(json.provider.id, 'PA-400-500')
  }
  const { json } = await vendor('GET', `/usage/files/${await draft(vendor)}`)
  t.match(json, { currency: 'USD', marketplace: { id: 'MP-69876' } }, 'the currency of the marketplace')
})

t.test('domain 1: the ids of objects have the forms of Connect', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  t.match(id, /^UF-\d{4}-\d\d-\d{4}-\d{4}$/)
  const [record] = await recordsOf(provider, id)
  t.match(record, {
    id: /^UR-\d{4}-\d\d(-\d{4}){4}$/, asset: { id: /^AS(-\d{4}){3}$/ }, item: { id: /^PRD(-\d{3}){3}-\d{4}$/ }
  })
  const chunks = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list
  t.same(chunks.map(chunk => chunk.id), [1, 2].map(n => `${id.replace('UF', 'UFC')}-00${n}`))
  t.match(chunks[0]?.binding.hub.id, /^HB-\d{4}-\d{4}$/)
  const [reconciliation] = (await provider('GET', '/usage/reconciliations?limit=1')).list
  t.match(reconciliation?.id, /^RCF-\d{4}-\d\d-\d{4}-\d{4}-\d{3}$/)
})

t.test('domain 1: an aggregate tells what is consumed of a reservation item, or accepted of another', async t => {
  const provider = asProvider(await startSandbox(t, { seed: 'full' }))
  const all = (await provider('GET', '/usage/aggregates?limit=1000')).list
  t.equal(new Set(all.map(({ asset, item }) => `${asset.id} ${item.id}`)).size, all.length, 'one for each pair')
  const totals = { Reservation: ['consumed'], PPU: ['accepted'] }
  for (const [type, names] of Object.entries(totals)) {
    const { list } = await provider('GET', `/usage/aggregates?item.type=${type}&limit=1000`)
    t.ok(list.length > 0, type)
    for (const one of list) t.same(Object.keys(one).filter(name => name === 'consumed' || name === 'accepted'), names)
  }
  const [rated] = all.filter(({ currency }) => currency === 'USD')
  t.match(rated, { amount: Number, events: { last_reported: { at: String } } })
})

t.test('domain 2.2: links, counts of records and sub_status are in details only', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  await provider('POST', `/usage/files/${id}/reprocess`)
  const detail = (await provider('GET', `/usage/files/${id}`)).json
  t.match(detail, { records: { valid: 4, invalid: 0, closed: 0 }, sub_status: String, usage_file_uri: String })
  const listed = (await provider('GET', `/usage/files?id=${id}`)).text
  for (const name of ['_uri', 'sub_status', '"records"']) t.notMatch(listed, name)
})

t.test('domain 2.2, 10.3.10: counters tell how many records are at a stage now; lists leave zeros out', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const counters = async (id: string): Promise<Record<string, number> | undefined> =>
    (await vendor('GET', `/usage/files?id=${id}`)).list[0]?.stats
  t.same(await counters(await draft(vendor)), {})
  t.same(await counters(await ready(vendor)), { uploaded: 4, validated: 4 })
  t.same(await counters(await pending(vendor)), { uploaded: 4, pending: 4 })
  const id = await accepted(vendor, provider)
  t.same(await counters(id), { uploaded: 4, accepted: 4 })
  await provider('POST', `/usage/records/${(await recordsOf(provider, id))[0]?.id}/close`, { external_billing_id: 'B' })
  await provider('POST', `/usage/files/${id}/close`)
  t.same((await vendor('GET', `/usage/files/${id}`)).json.stats,
    { uploaded: 4, validated: 0, pending: 0, accepted: 0, closed: 4, billed: 1 }, 'details have all of them')
})

t.test('domain 2.2: events are those that happened, each with its time and person', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const { events } = (await vendor('GET', `/usage/files/${id}`)).json
  t.same(Object.keys(events), ['created', 'uploaded', 'submitted', 'accepted'])
  for (const { at, by } of Object.values(events)) {
    t.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
    t.match(by, { id: /^SU-\d{3}-\d{3}-\d{3}$/, name: String })
  }
})

t.test('domain 2.2: a record has the fields of Connect, with its quantity as usage', async t => {
  const sandbox = await startSandbox(t)
  const provider = asProvider(sandbox)
  const id = await accepted(asVendor(sandbox), provider)
  const [record] = await recordsOf(provider, id)
  await provider('POST', `/usage/records/${record?.id}/close`, { external_billing_id: 'B', external_billing_note: 'n' })
  const { json } = await provider('GET', `/usage/records/${record?.id}`)
  const asset = { id: 'AS-5501-1000-0001', external_id: '5501001', external_uid: String }
  t.match(json, {
    start_date: '2026-10-01T00:00:00+00:00', end_date: '2026-10-01T23:59:59+00:00', product_id: 'PRD-276-377-545',
    external_billing_id: 'B', external_billing_note: 'n', asset, usage: 5, amount: 10.5, multiplier: 1,
    status: 'closed', closed_at: String, closed_by: String, params: [], item_id: 'PRD-276-377-545-0003',
    asset_id: asset.id, asset_external_id: asset.external_id, asset_external_uid: String,
    resource_local_id: 'PRD_276_377_545_0003', usagefile: { id, name: 'October', schema: 'cr', currency: 'USD' },
    item: {
      id: 'PRD-276-377-545-0003', local_id: 'PRD_276_377_545_0003', name: 'User seats', unit: 'Seats', mpn: 'FB-SEATS',
      precision: 'Integer', type: 'PPU'
    }
  })
  t.notOk('quantity' in json)
})

t.test('domain 2.2: amounts up to 1e16 and eight decimals keep each digit; custom columns are params', async t => {
  const vendor = asVendor(await startSandbox(t, { exactNumbers: true }))
  const row = ['R1', 'item.mpn', 'AmazonEC2', '9999999999999999.12345678', '2026-10-01 00:00:00', '2026-10-01 23:59:59',
    'asset.id', 'AS-1000-2000-3000', '9999999999999999.99', 'x'.repeat(255)]
  const { id } = await uploadRows(vendor, solutionsBundle, [...columns.slice(0, 8), 'amount', 'v.note'], [row])
  const { text, list } = await vendor('GET', `/usage/records?usagefile.id=${id}`)
  t.match(text, '"usage":9999999999999999.12345678,')
  t.match(text, '"amount":9999999999999999.99,')
  t.match(list, [{ params: [{ parameter_name: 'v.note', parameter_value: 'x'.repeat(255) }] }])
})

t.test('domain 13: amount and quantity of a record are floats, and keep each digit with the switch', async t => {
  const cells = [
    ['1', '0', '1.0', '0.0'], ['0.00001', '12.50', '1e-05', '12.5'],
    ['1234567890.12345678', '9999999999999999.99', '1234567890.1234567', '1e+16']
  ] as const
  for (const exactNumbers of [false, true]) {
    const vendor = asVendor(await startSandbox(t, { exactNumbers }))
    const rows = cells.map(([quantity, amount], index) => [`R${index}`, 'item.mpn', 'AmazonEC2', quantity,
      '2026-10-01 00:00:00', '2026-10-01 23:59:59', 'asset.id', 'AS-1000-2000-3000', amount])
    const { id } = await uploadRows(vendor, solutionsBundle, [...columns.slice(0, 8), 'amount'], rows)
    const { text, list } = await vendor('GET', `/usage/records?usagefile.id=${id}`)
    t.equal(list.length, cells.length)
    for (const [quantity, amount, quantityFloat, amountFloat] of cells) {
      t.match(text, `"usage":${exactNumbers ? quantity : quantityFloat},`)
      t.match(text, `"amount":${exactNumbers ? amount : amountFloat},`)
    }
    t.match(text, '"multiplier":100000000,', 'an integer')
    const one = (await vendor('GET', `/usage/records/${list[0]?.id}`)).text
    t.match(one, `"usage":${exactNumbers ? cells[0][0] : cells[0][2]},`, 'the record itself shows the same')
  }
})

t.test('domain 2.2: chunks and reconciliations have the fields of Connect', async t => {
  const provider = asProvider(await startSandbox(t, { seed: 'full' }))
  const [chunk] = (await provider('GET', '/usage/chunks?status=ready&limit=1')).list
  t.match(chunk, {
    outdated: Boolean, usagefile: { id: /^UF-/ }, binding: { hub: { id: /^HB-/, name: String }, external_id: String },
    marketplace: { id: /^MP-/ }, provider: { id: /^PA-/ }, external_id: String, events: Object, stats: Object
  })
  t.match((await provider('GET', '/usage/chunks?status=failed&limit=1')).list, [{ error: { detail: String } }])
  const all = (await provider('GET', '/usage/reconciliations?limit=1000')).list
  t.match(all.find(one => one.status === 'processed' && 'partusagefile' in one), {
    usagefile: { id: /^UF-/ },
    partusagefile: { id: /^UFC-/, provider: { id: /^PA-/ } },
    binding: { hub: { id: /^HB-/ } },
    notes: { processing: String }, events: Object
  })
  t.match(all.find(one => one.status === 'failed'), { error: { detail: String } })
})

t.test('domain 2.8: shapes are those of genuine bodies where the specification has others', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  t.match((await vendor('GET', `/usage/files/${id}`)).json.period,
    { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' }, '2.8.3: the period is a pair of times')
  const records = await recordsOf(provider, id)
  t.match(records[0], { category: { id: 'seats', name: 'Seats' } }, '2.8.4: a category is an object')
  const [found] = records.filter(({ asset }) => 'recon_id' in asset)
  t.match(found, { asset: { recon_id: String } }, '2.8.5: a subscription may have a reconciliation id')
  t.match((await provider('GET', '/usage/records?in(status,(approved,closed))&limit=200')).list
    .map((one: Body) => one.item).find(({ mpn }) => mpn === 'FB-STORAGE-GB'), { precision: 'Decimal(4)', type: 'PPU' },
  '2.8.8, 2.8.9: precision and type are written as in workbooks')
  t.equal((await vendor('GET', '/usage/files?status=processed')).status, 400, '2.8.10: processed is no status')
  const quantity = await uploadRows(vendor, { ...quantityService, currency: 'USD' }, columns.slice(0, 8), [[
    'R1', 'item.mpn', 'MPN-C-PPU', '45', '2026-10-01 00:00:00', '2026-10-01 23:59:59', 'asset.id', 'AS-8126-3704-2566'
  ]])
  t.match(quantity, { status: 'ready', currency: undefined }, '2.8.11: a valid file becomes ready')
})
