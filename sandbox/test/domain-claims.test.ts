import t from 'tap'
import { asProvider, asVendor, form, startSandbox } from './helper.ts'
import { header, ready, goodRow, workbook } from './stories.ts'

/** One test a claim about Connect, named by its section in the domain facts. */
t.test('Connect accepts a create without period and currency', async t => {
  const sandbox = await startSandbox(t, { now: () => new Date('2026-11-29T12:00:00Z') })
  const { name, product, contract, external_id: externalId } = header
  const answer = await asVendor(sandbox)('POST', '/usage/files', { name, product, contract, external_id: externalId })
  t.equal(answer.status, 201)
  t.same(answer.json.period, { from: '2026-11-01T00:00:00+00:00', to: '2026-11-30T23:59:59+00:00' })
})

t.test('an unknown filter is ignored, and a wrong value of a known filter is 400', async t => {
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

t.test('a sixth sort field is 400', async t => {
  const provider = asProvider(await startSandbox(t, { strictFilters: false }))
  const five = 'status,schema,environment,created.at,id'
  t.equal((await provider('GET', `/usage/files?ordering(${five})`)).status, 200)
  t.equal((await provider('GET', `/usage/files?ordering(${five},product.name)`)).status, 400)
})

t.test('an invalid record has the code and the text; only the processed workbook shows the cell', async t => {
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
