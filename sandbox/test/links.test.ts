import t from 'tap'
import { checkUsageWorkbook } from '../src/workbooks/check-usage-workbook.ts'
import { catalogOf } from '../src/state/catalog.ts'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import { draft, ready, workbook } from './stories.ts'

t.test('domain 2.5: a link works without the key and gives the uploaded bytes', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const bytes = await workbook()
  const id = await draft(vendor)
  await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', bytes))
  const { usage_file_uri: uploaded } = (await vendor('GET', `/usage/files/${id}`)).json
  const response = await fetch(uploaded)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), 'spreadsheetml')
  t.equal(response.headers.get('content-length'), String(bytes.length))
  t.match(response.headers.get('content-disposition'), `attachment; filename="${id}.xlsx"`)
  t.same(new Uint8Array(await response.arrayBuffer()), new Uint8Array(bytes))
})

t.test('domain 2.5: a link refuses a key, a changed signature and another path', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const first = (await vendor('GET', `/usage/files/${await ready(vendor)}`)).json
  t.equal((await vendor('GET', first.usage_file_uri)).status, 400)
  const forged = await fetch(
    first.usage_file_uri.replace(/sig=(..)/, (_sig, start) => `sig=${start === 'xx' ? 'yy' : 'xx'}`)
  )
  t.equal(forged.status, 403)
  t.match(await forged.text(), '<Code>AuthenticationFailed</Code>')
  t.equal((await fetch(first.usage_file_uri.replace(/se=\d{4}/, 'se=2099'))).status, 403)
  t.equal((await fetch(first.usage_file_uri.replace('/uploaded/', '/processed/'))).status, 403)
  t.equal((await fetch(first.usage_file_uri.split('?')[0] ?? '')).status, 403)
})

t.test('domain 6, 10.3.7: a link expires', async (t) => {
  let now = Date.parse('2026-11-20T12:00:00.500Z')
  const sandbox = await startSandbox(t, { now: () => new Date(now) })
  const vendor = asVendor(sandbox)
  const { usage_file_uri: uploaded, processed_file_uri: processed } = (
    await vendor('GET', `/usage/files/${await ready(vendor)}`)
  ).json
  t.match(uploaded, 'se=2026-11-20T12%3A10%3A01Z', 'ten minutes for the upload')
  t.match(processed, 'se=2026-11-20T12%3A00%3A31Z', 'half a minute for the processed file')
  now += 30_000
  t.equal((await fetch(processed)).status, 200)
  now += 1000
  t.equal((await fetch(processed)).status, 403)
  t.equal((await fetch(uploaded)).status, 200)
  now += 600_000
  t.equal((await fetch(uploaded)).status, 403)
})

t.test('domain 4.3: the processed file is made for valid and for invalid uploads', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  for (const id of [
    await ready(vendor),
    await ready(vendor, [
      [
        'R1',
        'item.mpn',
        'WRONG',
        '1',
        '2026-10-01 00:00:00',
        '2026-10-01 00:00:00',
        'asset.id',
        'AS-5501-1000-0001',
        '',
        '1'
      ]
    ])
  ]) {
    const { processed_file_uri: processed } = (await vendor('GET', `/usage/files/${id}`)).json
    const response = await fetch(processed)
    t.equal(response.status, 200)
    t.equal(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 2)
        .toString(),
      'PK'
    )
  }
})

t.test('a file that is not a workbook becomes invalid and is returned unchanged', async (t) => {
  const sandbox = await startSandbox(t, { maxWorkbookBytes: 1000 })
  const vendor = asVendor(sandbox)
  for (const [bytes, reason] of [
    [Buffer.from('hello'), 'not an XLSX workbook'],
    [Buffer.alloc(2000), 'larger than 1000 bytes']
  ] as const) {
    const id = await draft(vendor)
    await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', bytes))
    const file = (
      await until(
        () => vendor('GET', `/usage/files/${id}`),
        ({ json }) => json.status === 'invalid'
      )
    ).json
    t.match(file.error_detail, reason)
    t.same(Buffer.from(await (await fetch(file.processed_file_uri)).arrayBuffer()), bytes)
  }
})

t.test('domain 3.2: a provider can read the links of the files that it sees', async (t) => {
  const sandbox = await startSandbox(t)
  const [file] = (await asProvider(sandbox)('GET', '/usage/files?status=closed')).list
  const detail = (await asProvider(sandbox)('GET', `/usage/files/${file?.id}`)).json
  for (const link of [detail.usage_file_uri, detail.processed_file_uri]) t.equal((await fetch(link)).status, 200)
})

t.test('seeded workbooks agree with their seeded records', async (t) => {
  const sandbox = await startSandbox(t)
  for (const file of sandbox.store.files.values()) {
    if (file.upload === null || file.status === 'deleted' || file.contract.product.vendor.id !== 'VA-100-200') continue
    const { usage_file_uri: link } = (await asVendor(sandbox)('GET', `/usage/files/${file.id}`)).json
    const bytes = new Uint8Array(await (await fetch(link)).arrayBuffer())
    const checked = await checkUsageWorkbook(bytes, catalogOf(sandbox, file))
    t.equal(checked.fileError, null)
    t.same(
      checked.rows.map(row => row.errors.map(error => error.code).join(',') || null),
      file.records.map(record => record.errorCodes),
      file.id
    )
  }
})
