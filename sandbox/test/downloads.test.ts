import t from 'tap'
import { readReconciliationWorkbook } from '../src/workbooks/reconciliation-file.ts'
import { providerToken } from '../src/options.ts'
import { asProvider, asVendor, form, startSandbox } from './helper.ts'
import type { StartedSandbox } from './helper.ts'
import { accepted, workbook } from './stories.ts'

async function download (sandbox: StartedSandbox, path: string): Promise<Uint8Array> {
  const response = await fetch(`${sandbox.baseUrl}${path}`, { headers: { authorization: providerToken } })
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

t.test('the workbooks of seeded reconciliations can be downloaded', async (t) => {
  const sandbox = await startSandbox(t, { seed: 'full' })
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const all = (await provider('GET', '/usage/reconciliations?limit=1000')).list
  const done = all.find((one) => one.status === 'processed')
  const uploaded = await readReconciliationWorkbook(
    await download(sandbox, `/usage/reconciliations/${done?.id}/uploadedfile`)
  )
  t.equal(uploaded.reportId, done?.usagefile.id)
  t.ok(uploaded.rows.some((row) => row.externalBillingId?.startsWith('INV-')))
  t.ok((await download(sandbox, `/usage/reconciliations/${done?.id}/processedfile`)).length > 0)
  const seen = (await vendor('GET', '/usage/reconciliations?limit=1000')).list.map((one) => one.id)
  t.ok(seen.includes(done?.id ?? ''), 'the vendor sees those of its files')
  t.equal((await vendor('GET', `/usage/reconciliations/${done?.id}`)).status, 200)
  for (const status of ['processed', 'failed']) {
    const file = all.find((one) => one.status === status)?.usagefile.id
    const link = (await provider('GET', `/usage/files/${file}`)).json.reconciliation_file_uri
    t.equal((await fetch(link)).status, 200, `the link of one that is ${status}`)
  }
  t.equal((await provider('GET', '/usage/reconciliations/RCF-2026-01-0000-0000-001')).status, 404)
})

t.test('domain 13: ready and closed chunks can be downloaded, draft and failed ones not', async (t) => {
  const sandbox = await startSandbox(t, { seed: 'full' })
  const provider = asProvider(sandbox)
  for (const [status, expected] of [['draft', 400], ['failed', 400], ['ready', 200], ['closed', 200]] as const) {
    const [chunk] = (await provider('GET', `/usage/chunks?status=${status}&limit=1`)).list
    t.equal((await provider('GET', `/usage/chunks/${chunk?.id}/download`)).status, expected, status)
  }
  const [failed] = (await provider('GET', '/usage/chunks?status=failed&limit=1')).list
  t.ok(failed?.error.detail)
  t.equal((await provider('POST', `/usage/chunks/${failed?.id}/close`, { external_billing_id: 'B' })).status, 400)
  t.equal((await provider('POST', `/usage/chunks/${failed?.id}/regenerate`)).json.error, undefined)
})

t.test('domain 3.4: an outdated chunk shows the records that it was made from', async (t) => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const id = await accepted(vendor, provider)
  const [chunk] = (await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list
  const [record] = (await provider('GET', `/usage/records?usagefile.id=${id}`)).list
  await provider('POST', `/usage/records/${record?.id}/close`, { external_billing_id: 'LATER' })
  const before = await readReconciliationWorkbook(await download(sandbox, `/usage/chunks/${chunk?.id}/download`))
  t.same(before.rows.map((row) => row.externalBillingId), [null, null])
  await provider('POST', `/usage/chunks/${chunk?.id}/close`, { external_billing_id: 'B' })
  const after = await readReconciliationWorkbook(await download(sandbox, `/usage/chunks/${chunk?.id}/download`))
  t.same(after.rows.map((row) => row.externalBillingId), ['LATER', 'B'])
})

t.test('a link from before a reset is 404', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const [file] = (await vendor('GET', '/usage/files?status=draft')).list
  await vendor('POST', `/usage/files/${file?.id}/upload`, form('usage_file', await workbook()))
  const link = (await vendor('GET', `/usage/files/${file?.id}`)).json.usage_file_uri
  t.equal((await fetch(link)).status, 200)
  await sandbox.reset()
  const answer = await fetch(link)
  t.equal(answer.status, 404)
  t.match(await answer.text(), '<Code>BlobNotFound</Code>')
})

t.test('a reconciliation above the size limit fails without being read', async (t) => {
  const sandbox = await startSandbox(t, { maxWorkbookBytes: 100 })
  const provider = asProvider(sandbox)
  const sent = await provider('POST', '/usage/reconciliations', form('recon_file', Buffer.alloc(200)))
  t.equal(sent.status, 201)
  const deadline = Date.now() + 5000
  let read = sent
  while (read.json.status !== 'failed' && Date.now() < deadline) {
    read = await provider('GET', `/usage/reconciliations/${sent.json.id}`)
  }
  t.match(read.json.error.detail, 'larger than 100 bytes')
})
