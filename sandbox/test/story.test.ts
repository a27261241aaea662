import t from 'tap'
import { sampleWorkbooks } from '../src/samples/sample-workbooks.ts'
import { writeUsageWorkbook } from '../src/workbooks/usage-file.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'

const columns = ['record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
  'asset_search_criteria', 'asset_search_value', 'amount']

t.test('a valid workbook goes from draft to closed', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const created = await vendor('POST', '/usage/files', {
    name: 'October', period: { from: '2026-10-01', to: '2026-10-31' }, product: { id: 'PRD-276-377-545' },
    contract: { id: 'CRD-10000-20000-30000' }
  })
  t.equal(created.status, 201)
  const { id } = created.json
  const rows = [1, 2, 3, 4].map((n) => [`R${n}`, 'item.mpn', 'FB-VM-HOURS', '45.10', '2026-10-01 00:00:00',
    '2026-10-02 9:21:39', 'parameter.account_id', `fb-100${n}`, '9007199254740993.12345678'])
  const bytes = await writeUsageWorkbook(columns, rows)
  const uploaded = await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', bytes))
  t.equal(uploaded.status, 201)
  t.equal(uploaded.json.status, 'uploading')
  const ready = await until(
    () => vendor('GET', `/usage/files/${id}`),
    ({ json }) => ['ready', 'invalid'].includes(json.status)
  )
  t.equal(ready.json.status, 'ready', ready.text)
  const records = await vendor('GET', `/usage/records?eq(usagefile.id,${id})`)
  t.match(records.text, '"amount":9007199254740994.0')
  t.match(records.text, '"usage":45.1,')
  t.equal((await vendor('POST', `/usage/files/${id}/submit`)).status, 201)
  const accepted = await provider('POST', `/usage/files/${id}/accept`, { acceptance_note: 'fine' })
  t.equal(accepted.status, 201)
  const chunks = await until(
    () => provider('GET', `/usage/chunks?usagefile.id=${id}`),
    ({ list }) => list.every(one => one.status === 'ready')
  )
  t.same(chunks.list.map((one) => one.binding.hub.id), ['HB-5603-6213', 'HB-5603-6214'])
  const closed = await provider('POST', `/usage/chunks/${chunks.list[0]?.id}/close`, { external_billing_id: 'INV-1' })
  t.equal(closed.json.status, 'closed')
  t.match((await provider('GET', `/usage/files/${id}`)).json.stats, { uploaded: 4, accepted: 2, closed: 2, billed: 2 })
  t.equal((await provider('POST', `/usage/files/${id}/close`)).json.status, 'closed')
})

t.test('each sample workbook leads to its intended status', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const outcomes: unknown[] = []
  for (const { bytes } of await sampleWorkbooks()) {
    const { id } = (
      await vendor('POST', '/usage/files', {
        period: { from: '2026-10-01', to: '2026-10-31' },
        product: { id: 'PRD-276-377-545' },
        contract: { id: 'CRD-10000-20000-30000' }
      })
    ).json
    await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', bytes))
    const { json } = await until(
      () => vendor('GET', `/usage/files/${id}`),
      answer => ['ready', 'invalid'].includes(answer.json.status)
    )
    outcomes.push([json.status, json.records])
  }
  t.same(outcomes, [['ready', { valid: 6, invalid: 0, closed: 0 }], ['invalid', { valid: 5, invalid: 3, closed: 0 }]])
})
