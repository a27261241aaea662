import t, { type Test } from 'tap'
import { writeXlsx } from 'hucre/xlsx'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import type { Answer, Call } from './helper.ts'
import { accepted, draft, header, pending, ready, recordsOf, workbook } from './stories.ts'

/** Sends a request, checks its status and notes the operation, with `{}` in place of each id. */
type Operate = (call: Call, status: number, method: string, path: string, body?: unknown) => Promise<Answer>

function operating (t: Test, seen: Set<string>): Operate {
  return async (call, status, method, path, body) => {
    const answer = await call(method, path, body)
    t.equal(answer.status, status, `${method} ${path} ${answer.text.slice(0, 200)}`)
    seen.add(`${method} ${path.replace(/\/(UF|UR|UFC|RCF|PRD|AS|UIR)-[\d-]+/g, '/{}')}`)
    return answer
  }
}

interface Trial { t: Test, operate: Operate, vendor: Call, provider: Call }

async function operateFiles ({ t, operate, vendor, provider }: Trial): Promise<void> {
  await operate(vendor, 200, 'GET', '/usage/files')
  const { json: { id } } = await operate(vendor, 201, 'POST', '/usage/files', header)
  await operate(vendor, 200, 'GET', `/usage/files/${id}`)
  await operate(vendor, 200, 'PUT', `/usage/files/${id}`, { note: 'changed' })
  t.match((await vendor('GET', `/usage/files/${id}`)).json, { note: 'changed', external_id: 'EXT-1' })
  await operate(vendor, 201, 'POST', `/usage/files/${id}/upload`, form('usage_file', await workbook()))
  await until(() => vendor('GET', `/usage/files/${id}`), ({ json }) => json.status === 'ready')
  const categories = await operate(vendor, 200, 'GET', `/usage/files/${id}/categories`)
  t.same(categories.json, [{ id: 'seats', name: 'Seats', description: null }])
  const effects: [Call, number, 'POST' | 'PUT', string, unknown, object][] = [
    [vendor, 201, 'POST', 'submit', {}, { status: 'pending' }],
    [provider, 200, 'PUT', 'approve-all', undefined, { status: 'pending' }],
    [provider, 201, 'POST', 'accept', { acceptance_note: 'fine' }, { status: 'accepted', acceptance_note: 'fine' }],
    [provider, 200, 'POST', 'reprocess', undefined, { status: 'accepted' }],
    [provider, 200, 'POST', 'close', undefined, { status: 'closed' }]
  ]
  for (const [call, status, method, action, body, shown] of effects) {
    const answer = await operate(call, status, method, `/usage/files/${id}/${action}`, body)
    t.match(answer.json, { id, ...shown }, action)
    t.match((await vendor('GET', `/usage/files/${id}`)).json, shown, `get after ${action}`)
  }
  const rejected = await operate(
    provider, 201, 'POST', `/usage/files/${await pending(vendor)}/reject`, { rejection_note: 'no' })
  t.match(rejected.json, { status: 'rejected', rejection_note: 'no' })
  const withoutBody = await operate(vendor, 201, 'POST', `/usage/files/${await ready(vendor)}/submit`)
  t.equal(withoutBody.json.status, 'pending', 'a submit needs no body')
  await operate(vendor, 200, 'POST', `/usage/files/${await draft(vendor)}/delete`)
}

async function operateRecords ({ t, operate, vendor, provider }: Trial): Promise<void> {
  const file = await accepted(vendor, provider)
  const [one, two, three] = await recordsOf(provider, file)
  await operate(provider, 200, 'GET', '/usage/records')
  await operate(provider, 200, 'GET', `/usage/records/${one?.id}`)
  await operate(provider, 200, 'PUT', `/usage/records/${three?.id}`, { status: 'rejected' })
  const closed = await operate(provider, 200, 'POST', `/usage/records/${one?.id}/close`, {
    external_billing_id: 'INV-1', external_billing_note: 'note'
  })
  t.match(closed.json, { status: 'closed', external_billing_id: 'INV-1', external_billing_note: 'note' })
  const rows = await operate(provider, 206, 'POST', '/usage/records/close-records', [
    { id: two?.id, external_billing_note: 'note' }, { id: three?.id, external_billing_note: 'note' }
  ])
  t.same(rows.list[0], { id: two?.id, status: 'closed' }, 'a closed row has no error fields')
  t.match(rows.list[1], { status: 'rejected', error_codes: String, error_details: String })
}

async function operateChunks ({ t, operate, vendor, provider }: Trial): Promise<string> {
  const file = await accepted(vendor, provider)
  const [{ id } = { id: '' }] = (await operate(provider, 200, 'GET', '/usage/chunks')).list
    .filter(({ usagefile }) => usagefile.id === file)
  await operate(provider, 200, 'GET', `/usage/chunks/${id}`)
  await operate(provider, 400, 'PUT', `/usage/chunks/${id}`, {})
  await operate(provider, 200, 'PUT', `/usage/chunks/${id}`, { external_id: 'batch' })
  const download = await operate(provider, 200, 'GET', `/usage/chunks/${id}/download`)
  t.match(download.headers.get('content-type'), 'spreadsheetml')
  await operate(provider, 200, 'POST', `/usage/chunks/${id}/regenerate`)
  await until(() => provider('GET', `/usage/chunks/${id}`), ({ json }) => json.status === 'ready')
  await operate(provider, 400, 'POST', `/usage/chunks/${id}/close`, { external_billing_note: 'note' })
  const closed = await operate(provider, 200, 'POST', `/usage/chunks/${id}/close`, { external_billing_id: 'INV-1' })
  t.match(closed.json, { status: 'closed', external_id: 'batch' })
  return file
}

async function operateReconciliations ({ t, operate, provider }: Trial, file: string): Promise<void> {
  const bytes = await writeXlsx({
    sheets: [
      { name: 'general', rows: [['attribute_id', 'attribute_value'], ['report_id', file]] },
      { name: 'records', rows: [['record_id', 'external_billing_id', 'external_billing_note'], ['R3', 'B', 'n']] }
    ]
  })
  const ofFile = await operate(
    provider, 200, 'POST', `/usage/files/${file}/reconciliation`, form('recon_file', bytes))
  t.equal(ofFile.json.id, file, 'the answer is the file')
  const { json } = await operate(
    provider, 201, 'POST', '/usage/reconciliations', form('recon_file', bytes, { upload_note: 'note' }))
  await operate(provider, 200, 'GET', '/usage/reconciliations')
  await operate(provider, 200, 'GET', `/usage/reconciliations/${json.id}`)
  const read = await until(
    () => provider('GET', `/usage/reconciliations/${json.id}`), ({ json: { status } }) => status === 'processed')
  t.match(read.json.notes, { uploaded: 'note', processing: String })
  for (const name of ['processedfile', 'uploadedfile']) {
    const { text } = await operate(provider, 200, 'GET', `/usage/reconciliations/${json.id}/${name}`)
    t.equal(text.slice(0, 2), 'PK', name)
  }
}

async function operateProducts ({ t, operate, vendor, provider }: Trial): Promise<void> {
  await operate(provider, 200, 'GET', '/usage/aggregates')
  await operate(provider, 200, 'GET', '/assets/AS-5501-1000-0001/usage/aggregates')
  const template = await operate(vendor, 200, 'GET', '/usage/products/PRD-276-377-545/template')
  t.same(Object.keys(template.json), ['template_link'])
  const rules = '/products/PRD-276-377-545/usage/rules'
  await operate(provider, 200, 'GET', rules)
  const { json: { id } } = await operate(provider, 201, 'POST', rules, {
    item: { id: 'PRD-276-377-545-0001' }, action: 'manual', rule: 'x', status: 'active'
  })
  await operate(provider, 200, 'GET', `${rules}/${id}`)
  await operate(provider, 200, 'PUT', `${rules}/${id}`, { gravity: { after: null } })
  await operate(provider, 204, 'DELETE', `${rules}/${id}`)
}

t.test('domain 2.1, 10.3.1: each of the 38 operations answers with its code, and get shows its effect', async t => {
  const sandbox = await startSandbox(t)
  const seen = new Set<string>()
  const trial = { t, operate: operating(t, seen), vendor: asVendor(sandbox), provider: asProvider(sandbox) }
  await operateFiles(trial)
  await operateRecords(trial)
  const file = await operateChunks(trial)
  await operateReconciliations(trial, file)
  await operateProducts(trial)
  t.equal(seen.size, 38)
})

t.test('domain 2.8: paths, fields and forms that clients send by mistake are refused', async t => {
  const sandbox = await startSandbox(t)
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const file = await accepted(vendor, provider)
  const [reconciliation] = (await provider('GET', '/usage/reconciliations?limit=1')).list
  const mistakes: [number, number, Call, string, string, unknown][] = [
    [12, 400, vendor, 'POST', `/usage/files/${await draft(vendor)}/upload`, { usage_file: { type: 'Buffer' } }],
    [12, 400, provider, 'POST', `/usage/files/${file}/reconciliation`, { recon_file: { type: 'Buffer' } }],
    [13, 404, provider, 'POST', `/usage/records/${file}/close-records`, { id: 'UR-1' }],
    [14, 404, provider, 'GET', `/usage/reconciliations/${reconciliation?.id}/processedFile`, undefined],
    [14, 404, provider, 'GET', `/usage/reconciliations/${reconciliation?.id}/uploadedFile`, undefined],
    [16, 404, provider, 'GET', '/assets/AS-5501-1000-0001/usage/agregates', undefined],
    [18, 400, provider, 'POST', '/usage/reconciliations', { upload_note: 'note' }],
    [20, 400, provider, 'POST', `/usage/files/${file}/reconciliation`, form('reconciliation_file', await workbook())],
    [21, 404, vendor, 'GET', `/usage/products/${file}/template`, undefined]
  ]
  for (const [number, status, call, method, path, body] of mistakes) {
    t.equal((await call(method, path, body)).status, status, `2.8.${number} ${method} ${path}`)
  }
})
