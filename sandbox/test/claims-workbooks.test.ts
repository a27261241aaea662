import t from 'tap'
import { readXlsx, type Sheet } from 'hucre/xlsx'
import { asProvider, asVendor, startSandbox, until } from './helper.ts'
import type { Call } from './helper.ts'
import { accepted, pending, ready, solutionsBundle, uploadRows } from './stories.ts'

/** The sheets of the processed workbook of a file, as its caller gets it. */
async function processed (call: Call, id: string): Promise<Record<string, Sheet['rows']>> {
  const { processed_file_uri: link } = (await call('GET', `/usage/files/${id}`)).json
  const { sheets } = await readXlsx(new Uint8Array(await (await fetch(link)).arrayBuffer()))
  return Object.fromEntries(sheets.map(({ name, rows }) => [name, rows]))
}

/** The cells of the first record, by header. */
const firstRecord = ({ records = [] }: Record<string, Sheet['rows']>): Record<string, unknown> =>
  Object.fromEntries((records[0] ?? []).map((name, column) => [String(name), records[1]?.[column]]))

t.test('domain 4.3: the provider\'s processed workbook adds item, asset and customer to a pending file', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await pending(vendor)
  const sheets = await processed(provider, id)
  t.same(Object.keys(sheets), ['instructions', 'general', 'categories', 'records'])
  t.match(firstRecord(sheets), {
    record_id: 'R1',
    quantity: '5',
    item_name: 'User seats',
    item_type: 'PPU',
    item_unit: 'Seats',
    item_period: 'Monthly',
    asset_id: 'AS-5501-1000-0001',
    asset_external_id: '5501001',
    customer_account_id: 'TA-5501-1000-0001',
    customer_company_name: 'Customer 0001'
  })
  t.notOk('status' in firstRecord(sheets))
  t.notOk('asset_id' in firstRecord(await processed(vendor, id)), 'the copy of the vendor holds what was uploaded')
})

t.test('domain 13: of an accepted file it has Connect\'s record ids, status, item_id and asset_recon_id', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
  const told = {
    record_id: record?.id, status: 'approved', item_id: 'PRD-276-377-545-0003', item_mpn: 'FB-SEATS',
    product_id: 'PRD-276-377-545', asset_id: 'AS-5501-1000-0001', amount: '10.50'
  }
  t.match(firstRecord(await processed(provider, id)), told)
  t.ok('asset_recon_id' in firstRecord(await processed(provider, id)))
  await provider('POST', `/usage/records/${record?.id}/close`, { external_billing_id: 'INV-1' })
  t.match(firstRecord(await processed(provider, id)), told, 'the copy is as it was made')
  await provider('POST', `/usage/files/${id}/reprocess`)
  await until(() => provider('GET', `/usage/files/${id}`), ({ json }) => json.sub_status === 'processed')
  t.match(firstRecord(await processed(provider, id)), { ...told, status: 'closed' }, 'reprocess makes it anew')
})

t.test('domain 13: the general sheet has the result of the check before period and counts', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const { general = [] } = await processed(vendor, id)
  t.same(general.slice(0, 9).map(([name]) => name), [
    'attribute_id', 'report_name', 'report_note', 'report_id', 'status', 'report_start_time_utc', 'report_end_time_utc',
    'valid_records', 'invalid_records'
  ])
  t.equal(general[4]?.[1], 'valid')
  const [chunk] = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list
  const answer = await fetch(`${sandbox.baseUrl}/usage/chunks/${chunk?.id}/download`, {
    headers: { authorization: 'ApiKey SU-400-500-600:provider' }
  })
  const { sheets } = await readXlsx(new Uint8Array(await answer.arrayBuffer()))
  const names = sheets.find(({ name }) => name === 'general')?.rows.map(([name]) => name) ?? []
  t.same(names.slice(names.indexOf('marketplace_name')).slice(0, 3), ['marketplace_name', 'hub_id', 'hub_name'])
})

const columns = ['record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount', 'item_name', 'item_unit', 'item_mpn', 'item_precision']

const uploadBundle = async (vendor: Call, rows: readonly (readonly (string | null)[])[]): Promise<string> =>
  (await uploadRows(vendor, solutionsBundle, columns, rows)).id

const times = ['2026-10-01 00:00:00', '2026-10-01 23:59:59', 'asset.id', 'AS-1000-2000-3000', '1']

t.test('domain 13: a dynamic item gets an id, stays on the product, and a later row names its MPN alone', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const described = (id: string, mpn: string): (string | null)[] =>
    [id, 'item.mpn', mpn, '2.5', ...times, `${mpn} name`, 'Unit', mpn, 'Decimal(2)']
  const named = (id: string, mpn: string): (string | null)[] =>
    [id, 'item.mpn', mpn, '1', ...times, null, null, null, null]
  const id = await uploadBundle(vendor, [described('R1', 'NEW-1'), described('R2', 'NEW-2'), named('R3', 'NEW-1')])
  t.match((await vendor('GET', `/usage/records?usagefile.id=${id}`)).list.map(({ item }) => item.id),
    ['PRD-700-100-200-0006', 'PRD-700-100-200-0007', 'PRD-700-100-200-0006'])
  const later = await uploadBundle(vendor, [named('R1', 'NEW-2')])
  t.match((await vendor('GET', `/usage/records?usagefile.id=${later}`)).list,
    [{ status: 'valid', item: { id: 'PRD-700-100-200-0007', name: 'NEW-2 name' } }])
  t.match((await vendor('GET', '/products/PRD-700-100-200/items?dynamic=true')).list,
    [{ mpn: 'NEW-1', dynamic: true }, { mpn: 'NEW-2', precision: 'decimal(2)' }])
  for (const file of [id, later]) {
    await vendor('POST', `/usage/files/${file}/submit`)
    await provider('POST', `/usage/files/${file}/accept`)
  }
  const totals = (await provider('GET', '/usage/aggregates?asset.id=AS-1000-2000-3000')).list
  const created = totals.filter(({ item }) => item.id > 'PRD-700-100-200-0005')
  t.match(created.map(({ item, accepted }) => [item.id, accepted]),
    [['PRD-700-100-200-0006', 3], ['PRD-700-100-200-0007', 3]], 'the aggregates keep them apart')
})

t.test('domain 13: a row before the period of its file is valid, and invalid with the switch', async t => {
  const early = ['R1', 'item.mpn', 'FB-SEATS', '5', '2019-10-01 00:00:00', '2019-10-01 23:59:59', 'asset.id',
    'AS-5501-1000-0001', 'seats', '10.50']
  for (const [refuseLateRows, status] of [[false, 'ready'], [true, 'invalid']] as const) {
    const vendor = asVendor(await startSandbox(t, { refuseLateRows }))
    t.equal((await vendor('GET', `/usage/files/${await ready(vendor, [early])}`)).json.status, status)
  }
})
