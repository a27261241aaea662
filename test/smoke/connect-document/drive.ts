import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { CallContext, ConnectClient, Download, UploadBody } from '../../../src/connect/client.ts'
import { ConnectError } from '../../../src/connect/errors.ts'
import { providerToken, vendorToken } from '../../../sandbox/src/options.ts'
import { webhookToken } from '../../credentials.ts'
import { asProvider, asVendor, until, type StartedApp } from '../../helper.ts'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const FALLBALL = { productId: 'PRD-276-377-545', contractId: 'CRD-10000-20000-30000' }
const UNKNOWN_FILE = 'UF-2026-01-0000-0000'

type Headers = Record<string, string>
interface Answer { status: number, json: Record<string, unknown>, bytes: Buffer }

/** Samples of `sandbox/samples`, by name. */
export const sample = async (name: string): Promise<Buffer> => await readFile(`sandbox/samples/${name}.xlsx`)

/** A call of this service that was answered as expected. */
export interface ServiceCall { method: string, path: string, status: number }

/** Opens a stream of events and leaves it. */
async function openEvents (origin: string): Promise<ServiceCall> {
  const response = await fetch(`${origin}/v1/events`, { headers: asVendor })
  await response.body?.cancel()
  return { method: 'GET', path: '/v1/events', status: response.status }
}

/** Calls the webhook of the vendor's account as Connect does. */
async function callWebhook (origin: string): Promise<ServiceCall> {
  const path = '/v1/connect-webhooks/vendor'
  const headers = { authorization: `Bearer ${webhookToken()}`, 'content-type': 'application/json' }
  const { status } = await fetch(origin + path, { method: 'POST', headers, body: '{}' })
  return { method: 'POST', path, status }
}

/** Uses every operation of this service as both roles, to success and to refusal. */
export async function driveService ({ origin }: StartedApp): Promise<ServiceCall[]> {
  const calls: ServiceCall[] = [await openEvents(origin), await callWebhook(origin)]
  const call = async (role: Headers, line: string, expected: number, body?: unknown): Promise<Answer> => {
    const [method = '', path = ''] = line.split(' ')
    const isForm = body instanceof FormData
    const response = await fetch(`${origin}/v1${path}`, {
      method,
      headers: { ...role, ...(body !== undefined && !isForm && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) })
    })
    calls.push({ method, path: `/v1${path.split('?', 1)[0] ?? ''}`, status: response.status })
    const bytes = Buffer.from(await response.arrayBuffer())
    if (response.status !== expected) {
      throw new Error(`${line}: ${response.status} instead of ${expected}: ${bytes.toString().slice(0, 500)}`)
    }
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return {
      status: response.status,
      json: isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {},
      bytes
    }
  }
  const upload = (bytes: Buffer): FormData => {
    const form = new FormData()
    form.set('file', new Blob([new Uint8Array(bytes)], { type: XLSX }), 'october.xlsx')
    return form
  }
  const draft = async (name: string): Promise<string> => {
    const body = {
      name,
      ...FALLBALL,
      period: { from: '2026-10-01', to: '2026-10-31' },
      currency: 'USD',
      description: 'd',
      note: 'n',
      externalId: name
    }
    return String((await call(asVendor, 'POST /usage-files', 201, body)).json['id'])
  }
  const settled = async (id: string): Promise<string> => {
    let status = ''
    await until(async () => {
      status = String((await call(asVendor, `GET /usage-files/${id}`, 200)).json['status'])
      return ['ready', 'invalid'].includes(status)
    }, `${id} to be checked`)
    return status
  }
  const submitted = async (name: string): Promise<string> => {
    const id = await draft(name)
    await call(asVendor, `POST /usage-files/${id}/upload`, 202, upload(await sample('usage')))
    await settled(id)
    await call(asVendor, `POST /usage-files/${id}/submit`, 200)
    return id
  }

  // The vendor's part, and what is refused of it.
  const id = await draft('conformance-1')
  await call(asVendor, 'POST /usage-files', 400, {
    name: 'x',
    productId: 'PRD-000-000-000',
    contractId: 'CRD-1',
    period: { from: '2026-10-01', to: '2026-10-31' }
  })
  await call(asVendor, `PATCH /usage-files/${id}`, 200, {
    description: 'changed',
    note: null,
    period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31' },
    currency: 'USD',
    externalId: 'conformance-1b'
  })
  await call(asVendor, `PATCH /usage-files/${id}`, 200, { description: null, currency: null, externalId: null })
  await call(asVendor, `POST /usage-files/${id}/submit`, 409)
  await call(asVendor, `POST /usage-files/${id}/upload`, 202, upload(await sample('usage-three-bad-rows')))
  if (await settled(id) !== 'invalid') throw new Error('the bad workbook was not found invalid')
  await call(asVendor, `GET /usage-records?fileId=${id}&status=invalid`, 200)
  await call(asVendor, `GET /usage-files/${id}/row-errors`, 200)
  await call(asVendor, `POST /usage-files/${id}/upload`, 202, upload(await sample('usage')))
  if (await settled(id) !== 'ready') throw new Error('the good workbook is not ready')
  await call(asVendor, `GET /usage-files/${id}/files/uploaded`, 200)
  await call(asVendor, `GET /usage-files/${id}/files/processed`, 200)
  await call(asVendor, `GET /usage-files/${id}/files/reconciliation`, 404)
  await call(asVendor, `GET /usage-files/${id}/categories?limit=5`, 200)
  await call(asVendor, `GET /usage-files/${id}/categories?id=compute,seats&name=o&offset=0`, 200)
  await call(asVendor, `POST /usage-files/${id}/accept`, 403, {})
  await call(asVendor, `POST /usage-files/${id}/submit`, 200)
  await call(asVendor, `PATCH /usage-files/${id}`, 409, { description: 'too late' })
  await call(asVendor, `DELETE /usage-files/${id}`, 409)
  await call(asVendor, `POST /usage-files/${id}/upload`, 409, upload(await sample('usage')))
  await call(asVendor, `DELETE /usage-files/${await draft('conformance-2')}`, 204)
  for (const line of [
    `GET /usage-files/${UNKNOWN_FILE}`,
    `GET /usage-files/${UNKNOWN_FILE}/categories`,
    `POST /usage-files/${UNKNOWN_FILE}/submit`,
    `DELETE /usage-files/${UNKNOWN_FILE}`,
    'GET /usage-records/UR-2026-01-0000-0000-0000-0000'
  ]) {
    await call(asVendor, line, 404)
  }

  // The provider's part.
  await call(asProvider, `POST /usage-files/${id}/close`, 409)
  await call(asProvider, `POST /usage-files/${id}/approve-all`, 200)
  await call(asProvider, `POST /usage-files/${id}/accept`, 200, { note: 'Checked.' })
  await call(asProvider, `POST /usage-files/${id}/accept`, 409, { note: 'Again.' })
  await call(asProvider, `GET /usage-files/${id}?include=categories,chunks,reconciliations`, 200)
  const records = (await call(asProvider, `GET /usage-records?fileId=${id}&limit=5`, 200)).json['items'] as {
    id: string
  }[]
  const recordId = records[0]?.id ?? ''
  await call(asProvider, `GET /usage-records/${recordId}`, 200)
  await call(asProvider, `POST /usage-records/${recordId}/close`, 200, {
    externalBillingId: 'INV-1',
    externalBillingNote: 'October'
  })
  await call(asProvider, `POST /usage-records/${recordId}/close`, 200, { externalBillingId: 'INV-1' })
  await call(asProvider, `POST /usage-records/${recordId}/close`, 409, { externalBillingId: 'INV-2' })
  await call(asProvider, `POST /usage-files/${id}/reconciliation`, 202, upload(await sample('usage')))
  await call(asProvider, `GET /usage-files/${id}/files/reconciliation`, 200)
  await call(asProvider, `GET /usage-files/${id}/totals`, 200)
  await call(asProvider, `POST /usage-files/${id}/reprocess`, 202)
  await call(asProvider, `POST /usage-files/${id}/close`, 200)
  const rejected = await submitted('conformance-3')
  await call(asProvider, `POST /usage-files/${rejected}/reject`, 200, { note: 'Row 3 is from September.' })
  const { json: page } = await call(asVendor, `GET /usage-records?fileId=${rejected}&limit=1`, 200)
  const [row] = page['items'] as { id: string }[]
  await call(asProvider, `POST /usage-records/${String(row?.id)}/close`, 400, { externalBillingId: 'INV-3' })

  // Records, one and many; chunks and their reconciliation.
  const billed = await submitted('conformance-4')
  const recordsOf = async (file: string): Promise<string[]> =>
    ((await call(asProvider, `GET /usage-records?fileId=${file}&limit=10`, 200)).json['items'] as { id: string }[]).map(
      record => record.id
    )
  const [decided = '', ...others] = await recordsOf(billed)
  await call(asProvider, `PATCH /usage-records/${decided}`, 200, { status: 'rejected' })
  await call(asProvider, `PATCH /usage-records/${decided}`, 200, { status: 'approved' })
  await call(asProvider, `POST /usage-files/${billed}/accept`, 200)
  await call(asProvider, 'POST /usage-records/close', 200, {
    records: [
      { id: others[0] },
      { id: others[1], externalBillingId: 'INV-6', externalBillingNote: 'n' },
      { id: 'UR-2026-01-0000-0000-0000-0000' }
    ],
    externalBillingId: 'INV-5'
  })
  await call(asProvider, 'POST /usage-records/close', 200, { records: [{ id: others[0] }], externalBillingId: 'INV-7' })
  let chunkIds: string[] = []
  await until(async () => {
    const chunks = (await call(asProvider, `GET /usage-chunks?fileId=${billed}&status=ready`, 200)).json['items'] as {
      id: string
    }[]
    chunkIds = chunks.map(chunk => chunk.id)
    return chunkIds.length >= 2
  }, 'chunks')
  const [chunkId = '', otherChunk = ''] = chunkIds
  await call(asProvider, `GET /usage-chunks/${chunkId}`, 200)
  await call(asProvider, `PATCH /usage-chunks/${chunkId}`, 200, { externalId: 'BATCH-1' })
  const chunkFile = (await call(asProvider, `GET /usage-chunks/${chunkId}/file`, 200)).bytes
  const form = new FormData()
  form.set('note', 'By the workbook.')
  form.set('file', new Blob([new Uint8Array(chunkFile)], { type: XLSX }), 'chunk.xlsx')
  const reconciliation = String((await call(asProvider, 'POST /reconciliations', 201, form)).json['id'])
  await until(
    async () => (await call(asProvider, `GET /reconciliations/${reconciliation}`, 200)).json['status'] === 'processed',
    'the reconciliation'
  )
  await call(asProvider, `GET /reconciliations/${reconciliation}/files/uploaded`, 200)
  await call(asProvider, `GET /reconciliations/${reconciliation}/files/processed`, 200)
  await call(asProvider, `POST /usage-chunks/${chunkId}/close`, 200, {
    externalBillingId: 'INV-8',
    externalBillingNote: 'n'
  })
  await call(asProvider, `POST /usage-chunks/${chunkId}/regenerate`, 409)
  await call(asProvider, `POST /usage-chunks/${otherChunk}/regenerate`, 202)
  await call(asProvider, `POST /usage-files/${billed}/records/close`, 200, { externalBillingId: 'INV-9' })
  await call(asVendor, `GET /usage-chunks/${chunkId}`, 200)
  for (const line of [
    'GET /usage-chunks/UFC-2026-01-0000-0000-001',
    'GET /reconciliations/RCF-2026-01-0000-0000-001'
  ]) {
    await call(asProvider, line, 404)
  }

  // Checks: of rows for a file and for a product.
  const rows = { rows: [{ record_id: 'one', quantity: '1' }] }
  const mine = (await call(asVendor, 'GET /usage-files?limit=1', 200)).json as { items?: { id: string }[] }
  await call(asVendor, `POST /usage-files/${mine.items?.[0]?.id ?? ''}/check`, 200, rows)
  await call(asVendor, `POST /products/${FALLBALL.productId}/usage-check?schema=cr`, 200, rows)
  const conversion = `POST /products/${FALLBALL.productId}/usage-workbook?schema=cr&check=report&format=json`
  await call(asVendor, conversion, 200, rows)

  // Publishing: from nothing to submitted, and again.
  const report = { name: 'conformance-3', ...FALLBALL, period: { from: '2026-10-01', to: '2026-10-31' } }
  for (let times = 0; times < 2; times += 1) {
    const form = new FormData()
    form.set('report', JSON.stringify(report))
    form.set('file', new Blob([await sample('usage')]), 'usage.xlsx')
    await call(asVendor, 'PUT /usage-reports/conformance-3?submit=true', 200, form)
  }

  // Products: columns, template and rules.
  await call(asVendor, `GET /products/${FALLBALL.productId}/usage-columns?schema=cr`, 200)
  await call(asVendor, `GET /products/${FALLBALL.productId}/usage-template`, 200)
  const rules = `/products/${FALLBALL.productId}/usage-rules`
  const rule = { itemId: 'PRD-276-377-545-0001', action: 'manual', rule: 'ge(amount,10)' }
  const first = String((await call(asProvider, `POST ${rules}`, 201, { ...rule, status: 'active' })).json['id'])
  const second = String((await call(asProvider, `POST ${rules}`, 201, rule)).json['id'])
  await call(asProvider, `GET ${rules}/${first}`, 200)
  await call(asProvider, `PATCH ${rules}/${first}`, 200, { action: 'accept', afterRuleId: second })
  await call(asProvider, `PATCH ${rules}/${first}`, 200, { rule: 'lt(amount,1)', status: 'deleted' })
  await call(asProvider, `DELETE ${rules}/${second}`, 204)
  await call(asVendor, `GET ${rules}/UIR-000-000-000`, 404)
  await call(asVendor, `POST ${rules}`, 403, rule)

  // Every filter and every order.
  for (const role of [asVendor, asProvider]) {
    const filters = [
      'id=UF-2026-10-0000-0000,UF-2026-11-0000-0000',
      'status=draft,ready',
      'status=deleted',
      'environment=production,test',
      'schema=cr,qt',
      'name=100% (a,b) "x"',
      "externalId=it's",
      'productId=PRD-276-377-545',
      'contractId=CRD-1',
      'marketplaceId=MP-69876',
      'vendorId=VA-100-200',
      'providerId=PA-400-500',
      'createdAfter=2026-01-01',
      'createdBefore=2026-12-01T00:00:00+02:00'
    ]
    for (const filter of filters) {
      await call(role, `GET /usage-files?limit=3&${filter.replace(/(?<==).*/, encodeURIComponent)}`, 200)
    }
    for (const sort of [
      'id',
      'status',
      'schema',
      'environment',
      'createdAt',
      'productName',
      'contractName',
      'marketplaceName',
      'vendorName',
      'providerName'
    ]) { await call(role, `GET /usage-files?limit=3&offset=1&sort=-${sort}`, 200) }
    await call(role, 'GET /usage-files/summary?schema=cr', 200)
    const recordFilters = [
      'fileId=UF-2026-10-0000-0000',
      'status=approved,closed',
      'schema=cr',
      'assetId=AS-5501-1000-0001',
      'assetExternalId=1',
      'assetExternalUid=u',
      'itemId=PRD-276-377-545-0001',
      'productId=PRD-276-377-545',
      'hubId=HB-5603-6213',
      'startedAfter=2026-01-01',
      'startedBefore=2026-12-01',
      'endedAfter=2026-01-01',
      'endedBefore=2026-12-01',
      'createdAfter=2026-01-01',
      'createdBefore=2026-12-01'
    ]
    for (const filter of recordFilters) await call(role, `GET /usage-records?limit=3&${filter}`, 200)
    const others = [
      ...[
        'id=UFC-2026-01-0000-0000-001,UFC-2026-01-0000-0000-002',
        'fileId=UF-2026-10-0000-0000',
        'status=ready,closed',
        'hubId=HB-5603-6213',
        'providerId=PA-400-500',
        'sort=-fileId'
      ].map(query => `/usage-chunks?limit=3&${query}`),
      ...[
        'fileId=UF-2026-10-0000-0000',
        'chunkId=UFC-2026-01-0000-0000-001',
        'providerId=PA-400-500',
        'hubId=HB-5603-6213',
        'sort=fileId,-chunkId'
      ].map(query => `/reconciliations?limit=3&${query}`),
      '/usage-aggregates?limit=3&assetId=AS-5501-1000-0001',
      ...[
        'assetExternalUid=u',
        'itemId=PRD-276-377-545-0001',
        'itemLocalId=PRD_276_377_545_0001',
        'itemType=ppu'
      ].flatMap(query => [
        `/usage-aggregates?limit=3&${query}`,
        `/assets/AS-5501-1000-0001/usage-aggregates?limit=3&${query}`
      ]),
      ...[
        'id=UIR-1',
        'itemId=PRD-276-377-545-0001',
        'itemName=hours',
        'action=accept,manual',
        'scope=record',
        'status=active'
      ].map(query => `${rules}?limit=3&${query}`),
      '/me',
      '/usage-coverage?from=2026-10-01',
      '/usage-coverage?from=2026-09-01&to=2026-10-31&productId=PRD-276-377-545&contractId=CRD-10000-20000-30000',
      ...['', 'productId=PRD-276-377-545', 'marketplaceId=MP-69876'].map(query => `/usage-contracts?${query}`),
      ...['id=PRD-276-377-545', 'name=cloud', 'status=published,draft'].map(query => `/products?limit=3&${query}`),
      ...['id=PRD-276-377-545-0001', 'mpn=FB-SEATS', 'name=hours', 'type=ppu,reservation'].map(query =>
        `/products/${FALLBALL.productId}/items?limit=3&${query}`),
      ...[
        'id=AS-5501-1000-0001',
        'productId=PRD-276-377-545',
        'externalId=1',
        'externalUid=u',
        'status=active'
      ].map(query => `/assets?limit=3&${query}`)
    ]
    for (const path of others) await call(role, `GET ${path}`, 200)
    for (const sort of ['createdAt', 'status', 'startDate']) {
      await call(role, `GET /usage-records?limit=3&sort=${sort}`, 200)
    }
  }
  return calls
}

/** Uses every operation of Connect through the client, those included that no endpoint needs yet. */
export async function driveClient (client: ConnectClient): Promise<number> {
  let calls = 0
  const contextOf = (credential: string): CallContext => {
    calls += 1
    return { credential, requestId: `conformance-${calls}` }
  }
  const vendor = (): CallContext => contextOf(vendorToken)
  const provider = (): CallContext => contextOf(providerToken)
  const page = { limit: 3, offset: 0 }

  // Files.
  const header = {
    name: 'client',
    product: { id: FALLBALL.productId },
    contract: { id: FALLBALL.contractId },
    period: { from: '2026-10-01', to: '2026-10-31' },
    currency: 'USD',
    description: 'd',
    note: 'n',
    external_id: 'client-1'
  }
  const prepare = async (): Promise<string> => {
    const id = (await client.usageFiles.create(header, vendor()))?.id ?? ''
    await client.usageFiles.upload(id, formOf('usage_file', await sample('usage')), vendor())
    await until(async () => (await client.usageFiles.get(id, vendor())).status === 'ready', 'ready')
    await client.usageFiles.submit(id, vendor())
    return id
  }
  const drop = (await client.usageFiles.create(header, vendor()))?.id ?? ''
  await client.usageFiles.update(
    drop,
    {
      description: 'x',
      note: 'y',
      external_id: 'client-2',
      currency: 'USD',
      period: { from: '2026-10-01', to: '2026-10-02' }
    },
    vendor()
  )
  await client.usageFiles.delete(drop, vendor())
  await client.usageFiles.list(
    {
      ...page,
      filter: {
        status: { not: ['deleted', 'draft'] },
        name: { contains: 'a*b' },
        'created.at': { ge: '2026-01-01', lt: '2027-01-01' }
      },
      sort: ['-created.at', 'id']
    },
    vendor()
  )
  await client.usageFiles.count({ status: ['ready', 'pending'] }, provider())
  const rejected = await prepare()
  await client.usageFiles.reject(rejected, { rejection_note: 'no' }, provider())
  const id = await prepare()
  await client.usageFiles.approveAll(id, provider())
  const [undecided] = (
    await client.usageRecords.list(
      { ...page, filter: { 'usagefile.id': id, status: 'approved' }, sort: ['created_time'] },
      provider()
    )
  ).items
  await client.usageRecords.update(undecided?.id ?? '', { status: 'rejected' }, provider())
  await client.usageFiles.accept(id, { acceptance_note: 'yes' }, provider())
  await client.usageFiles.categories(id, { ...page, filter: { name: { contains: 'o' } }, sort: ['name'] }, vendor())

  // Records.
  const records = (
    await client.usageRecords.list({ limit: 5, filter: { 'usagefile.id': id, status: 'approved' } }, provider())
  ).items
  const [first, second, third] = records.map(record => record.id ?? '')
  await client.usageRecords.count(
    { 'usagefile.schema': 'cr', start_date: { gt: '2026-01-01', le: '2027-01-01' } },
    provider()
  )
  await client.usageRecords.get(first ?? '', provider())
  await client.usageRecords.close(first ?? '', { external_billing_id: 'B', external_billing_note: 'n' }, provider())
  await client.usageRecords.bulkClose(
    [
      { id: second ?? '', external_billing_id: 'B' },
      { id: first ?? '', external_billing_id: 'B2' },
      { id: 'UR-2026-01-0000-0000-0000-0000', external_billing_id: 'B', external_billing_note: 'n' }
    ],
    provider()
  )

  // Chunks and reconciliations.
  await until(
    async () =>
      (
        await client.usageChunks.list(
          { ...page, filter: { 'usagefile.id': id, status: 'ready' }, sort: ['usagefile.id'] },
          provider()
        )
      ).total >= 2,
    'ready chunks'
  )
  const [chunk, other] = (
    await client.usageChunks.list({ ...page, filter: { 'usagefile.id': id } }, provider())
  ).items.map(one => one.id ?? '')
  await client.usageChunks.list(
    {
      ...page,
      filter: { id: [chunk ?? '', other ?? ''], 'binding.hub.id': 'HB-5603-6213', 'provider.id': 'PA-400-500' }
    },
    provider()
  )
  await client.usageChunks.get(chunk ?? '', provider())
  await client.usageChunks.update(chunk ?? '', { external_id: 'pulled' }, provider())
  const workbook = await drain(await client.usageChunks.download(chunk ?? '', provider()))
  await client.usageFiles.reconcile(id, formOf('recon_file', workbook), provider())
  const reconciliation =
    (await client.reconciliations.create(formOf('recon_file', workbook, { upload_note: 'note' }), provider()))?.id ?? ''
  await until(
    async () => (await client.reconciliations.get(reconciliation, provider())).status === 'processed',
    'processed'
  )
  await drain(await client.reconciliations.downloadUploaded(reconciliation, provider()))
  await drain(await client.reconciliations.downloadProcessed(reconciliation, provider()))
  await client.reconciliations.list(
    {
      ...page,
      filter: {
        'usagefile.id': id,
        'partusagefile.id': chunk ?? '',
        'partusagefile.provider.id': 'PA-400-500',
        'binding.hub.id': 'HB-5603-6213'
      },
      sort: ['-usagefile.id', 'partusagefile.id']
    },
    provider()
  )
  await client.usageChunks.close(chunk ?? '', { external_billing_id: 'B', external_billing_note: 'n' }, provider())
  await client.usageChunks.regenerate(other ?? '', provider())
  await client.usageFiles.reprocess(id, provider())
  await client.usageFiles.close(id, provider())

  // Aggregates, template, rules.
  await client.aggregates.list(
    { ...page, filter: { 'item.type': 'PPU', 'item.local_id': 'PRD_276_377_545_0001' } },
    vendor()
  )
  await client.aggregates.listForAsset(
    'AS-5501-1000-0001',
    { ...page, filter: { 'asset.external_uid': 'u', 'asset.id': 'AS-5501-1000-0001', 'item.id': ['a', 'b'] } },
    provider()
  )
  await drain(
    await client.storage.fetch((await client.templates.get(FALLBALL.productId, vendor())).template_link ?? '', vendor())
  )
  const rule = { item: { id: 'PRD-276-377-545-0001' }, action: 'manual', rule: 'ge(amount,10)', status: 'active' }
  const [one, two] = [
    await client.rules.create(FALLBALL.productId, rule, provider()),
    await client.rules.create(FALLBALL.productId, rule, provider())
  ].map(made => made?.id ?? '')
  await client.rules.list(
    FALLBALL.productId,
    {
      ...page,
      filter: {
        id: [one ?? '', two ?? ''],
        action: 'manual',
        scope: 'record',
        status: { not: 'deleted' },
        'item.id': 'x',
        'item.name': { contains: 'x' },
        rule: { contains: '(' }
      },
      sort: ['item.id']
    },
    provider()
  )
  await client.rules.get(FALLBALL.productId, one ?? '', provider())
  await client.rules.update(
    FALLBALL.productId,
    one ?? '',
    { action: 'accept', gravity: { after: two ?? '' } },
    provider()
  )
  await client.rules.delete(FALLBALL.productId, one ?? '', provider())

  // Refusals: a bad token, the wrong role, what is not there, what the status forbids.
  const nobody = (): CallContext => contextOf('ApiKey SU-000-000-000:nobody')
  const refusals: (() => Promise<unknown>)[] = [
    () => client.usageFiles.list(page, nobody()),
    () => client.usageRecords.get(third ?? '', nobody()),
    () => client.usageFiles.accept(id, {}, vendor()),
    () => client.usageFiles.create(header, provider()),
    () => client.usageRecords.close(third ?? '', { external_billing_id: 'x' }, vendor()),
    () => client.usageChunks.close(chunk ?? '', { external_billing_id: 'x' }, vendor()),
    () => client.rules.create(FALLBALL.productId, rule, vendor()),
    () => client.usageFiles.get(UNKNOWN_FILE, vendor()),
    () => client.usageChunks.get('UFC-1', provider()),
    () => client.reconciliations.get('RCF-1', provider()),
    () => client.rules.get(FALLBALL.productId, 'UIR-1', provider()),
    () => client.aggregates.listForAsset('AS-1', page, vendor()),
    () => client.usageFiles.close(id, provider()),
    () => client.usageRecords.update(first ?? '', { status: 'approved' }, provider())
  ]
  for (const call of refusals) await refused(call)
  return calls
}

async function refused (call: () => Promise<unknown>): Promise<void> {
  const error: unknown = await call().then(() => null, (reason: unknown) => reason)
  if (!(error instanceof ConnectError)) throw new Error('a call that should be refused was not', { cause: error })
}

async function drain ({ stream }: Download): Promise<Buffer> {
  return await buffer(stream)
}

function formOf (fieldName: string, bytes: Buffer, fields: Readonly<Record<string, string>> = {}): UploadBody {
  const boundary = 'conformance'
  const texts = Object.entries(fields)
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')
  const body = Buffer.concat([
    Buffer.from(
      `${texts}--${boundary}\r\nContent-Disposition: form-data; name="${fieldName}"; filename="f.xlsx"\r\n` +
      `Content-Type: ${XLSX}\r\n\r\n`
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`)
  ])
  return {
    stream: Readable.from([body]),
    length: body.length,
    contentType: `multipart/form-data; boundary=${boundary}`
  }
}
