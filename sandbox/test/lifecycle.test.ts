import t from 'tap'
import { asProvider, asVendor, form, startSandbox, until } from './helper.ts'
import type { StartedSandbox } from './helper.ts'
import { draft, workbook } from './stories.ts'

const statuses = ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'pending', 'rejected', 'accepted',
  'closed', 'deleted'] as const
type Status = typeof statuses[number]

interface Action { role: 'vendor' | 'provider', method: string, name: string, in: readonly Status[], ok: number }

const actions: readonly Action[] = [
  {
    role: 'vendor',
    method: 'PUT',
    name: '',
    in: ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'rejected'],
    ok: 200
  },
  { role: 'vendor', method: 'POST', name: '/upload', in: ['draft', 'invalid', 'ready', 'rejected'], ok: 201 },
  { role: 'vendor', method: 'POST', name: '/submit', in: ['ready'], ok: 201 },
  { role: 'vendor', method: 'POST', name: '/delete', in: ['draft', 'invalid', 'ready', 'rejected'], ok: 200 },
  { role: 'provider', method: 'POST', name: '/accept', in: ['pending'], ok: 201 },
  { role: 'provider', method: 'POST', name: '/reject', in: ['pending'], ok: 201 },
  { role: 'provider', method: 'PUT', name: '/approve-all', in: ['pending', 'accepted'], ok: 200 },
  { role: 'provider', method: 'POST', name: '/reconciliation', in: ['accepted', 'closed'], ok: 200 },
  { role: 'provider', method: 'POST', name: '/reprocess', in: ['accepted', 'closed'], ok: 200 },
  { role: 'provider', method: 'POST', name: '/close', in: ['accepted'], ok: 200 }
]

function fileIn (sandbox: StartedSandbox, status: Status): string {
  for (const file of sandbox.store.files.values()) {
    if (file.status === status && file.contract.product.vendor.id === 'VA-100-200' &&
      file.contract.provider.id === 'PA-400-500') return file.id
  }
  throw new Error(`no seeded file is ${status}`)
}

const visibleToProvider: readonly Status[] = ['pending', 'rejected', 'accepted', 'closed']

t.test('domain 3.2: each action is allowed in its statuses and refused in all others', async (t) => {
  const sandbox = await startSandbox(t, { processingMs: 60_000 })
  const bytes = await workbook()
  const call = { vendor: asVendor(sandbox), provider: asProvider(sandbox) }
  for (const status of statuses) {
    t.test(`a file that is ${status}`, async (t) => {
      await sandbox.reset()
      const id = fileIn(sandbox, status)
      const refused = actions.filter((action) => !action.in.includes(status))
      const allowed = actions.filter((action) => action.in.includes(status))
      const send = async (action: Action, role: 'vendor' | 'provider') => {
        const field = action.name === '/upload' ? 'usage_file' : action.name === '/reconciliation' ? 'recon_file' : null
        return await call[role](
          action.method,
          `/usage/files/${id}${action.name}`,
          field ? form(field, bytes) : action.name === '' ? { note: 'n' } : undefined
        )
      }
      for (const action of refused) {
        const answer = await send(action, action.role)
        const isHidden = action.role === 'provider' && !visibleToProvider.includes(status)
        t.equal(answer.status, isHidden ? 404 : 400, `${action.name || 'change'} is refused`)
        t.type(answer.json.errors[0], 'string')
      }
      for (const action of actions) {
        const other = action.role === 'vendor' ? 'provider' : 'vendor'
        const answer = await send(action, other)
        t.equal(
          answer.status,
          other === 'provider' && !visibleToProvider.includes(status) ? 404 : 403,
          `${action.name || 'change'} is not for a ${other}`
        )
      }
      t.equal((await call.vendor('GET', `/usage/files/${id}`)).json.status, status, 'refusals change nothing')
      for (const action of allowed) {
        await sandbox.reset()
        t.equal((await send(action, action.role)).status, action.ok, `${action.name || 'change'} is allowed`)
      }
    })
  }
})

t.test('domain 3.3: each decision on a record is allowed in its statuses and refused in all others', async (t) => {
  const sandbox = await startSandbox(t, { seed: 'full' })
  const provider = asProvider(sandbox)
  const recordIn = (fileStatus: string, status: string): string => {
    for (const record of sandbox.store.records.values()) {
      if (
        record.status === status &&
        record.file.status === fileStatus &&
        record.file.contract.provider.id === 'PA-400-500'
      ) { return record.id }
    }
    throw new Error(`no ${status} record in a file that is ${fileStatus}`)
  }
  const cases: readonly [file: string, from: string, to: string, expected: number][] = [
    ['pending', 'valid', 'approved', 200],
    ['pending', 'valid', 'closed', 400],
    ['pending', 'valid', 'invalid', 400],
    ['pending', 'valid', 'perhaps', 400],
    ['accepted', 'approved', 'rejected', 200],
    ['accepted', 'rejected', 'approved', 200],
    ['accepted', 'approved', 'valid', 400],
    ['accepted', 'closed', 'approved', 400],
    ['rejected', 'rejected', 'approved', 400],
    ['closed', 'closed', 'closed', 400]
  ]
  for (const [file, from, to, expected] of cases) {
    t.test(`${from} to ${to} in a file that is ${file} answers ${expected}`, async (t) => {
      const id = recordIn(file, from)
      t.equal((await provider('PUT', `/usage/records/${id}`, { status: to })).status, expected)
      t.equal((await provider('GET', `/usage/records/${id}`)).json.status, expected === 200 ? to : from)
    })
  }
  const closes: readonly [file: string, status: string, expected: number][] = [
    ['pending', 'valid', 400],
    ['accepted', 'approved', 200],
    ['accepted', 'rejected', 400],
    ['accepted', 'closed', 400],
    ['rejected', 'rejected', 400]
  ]
  for (const [file, status, expected] of closes) {
    t.test(`closing a record that is ${status} in a file that is ${file} answers ${expected}`, async (t) => {
      t.equal(
        (await provider('POST', `/usage/records/${recordIn(file, status)}/close`, { external_billing_id: 'B' })).status,
        expected
      )
    })
  }
  t.test('domain 3.3: a record cannot be closed before its file is accepted', async (t) => {
    const id = recordIn('pending', 'valid')
    await provider('PUT', `/usage/records/${id}`, { status: 'approved' })
    t.equal((await provider('POST', `/usage/records/${id}/close`, { external_billing_id: 'B' })).status, 400)
  })
  t.test('a body that is not an array, or a row without an id, closes nothing', async (t) => {
    const id = recordIn('accepted', 'approved')
    t.equal((await provider('POST', '/usage/records/close-records', { id })).status, 400)
    t.equal(
      (await provider('POST', '/usage/records/close-records', [{ id }, { external_billing_id: 'B' }])).status,
      400
    )
    t.equal((await provider('POST', '/usage/records/close-records', [{ id, external_billing_id: 7 }])).status, 400)
    t.equal((await provider('GET', `/usage/records/${id}`)).json.status, 'approved')
  })
})

t.test('with the option, closing the last record closes the file', async (t) => {
  const sandbox = await startSandbox(t, { autoCloseFile: true })
  const provider = asProvider(sandbox)
  const id = fileIn(sandbox, 'accepted')
  const records = (await provider('GET', `/usage/records?usagefile.id=${id}&status=approved`)).list
  await provider(
    'POST',
    '/usage/records/close-records',
    records.map(record => ({ id: record.id, external_billing_id: 'B' }))
  )
  t.equal((await provider('GET', `/usage/files/${id}`)).json.status, 'closed')
})

t.test(
  'domain 3.1, 10.3.3: with the switch, a valid file rests in uploaded, and is submitted or replaced from there',
  async t => {
    const sandbox = await startSandbox(t, { restsInUploaded: true })
    const vendor = asVendor(sandbox)
    const rested = async (): Promise<string> => {
      const id = await draft(vendor)
      await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', await workbook()))
      const { json } = await until(
        () => vendor('GET', `/usage/files/${id}`),
        ({ json }) => json.records['valid'] === 4
      )
      t.match(json, { status: 'uploaded', stats: { uploaded: 4, validated: 4 }, processed_file_uri: String })
      return id
    }
    t.equal((await vendor('POST', `/usage/files/${await rested()}/submit`)).status, 201)
    t.equal(
      (await vendor('POST', `/usage/files/${await rested()}/upload`, form('usage_file', await workbook()))).status,
      201
    )
    t.equal((await vendor('POST', `/usage/files/${await rested()}/delete`)).status, 200)
    const invalid = await draft(vendor)
    await vendor('POST', `/usage/files/${invalid}/upload`, form('usage_file', Buffer.from('no workbook')))
    await until(
      () => vendor('GET', `/usage/files/${invalid}`),
      ({ json }) => json.status === 'invalid'
    )
    t.equal(
      (await vendor('POST', `/usage/files/${fileIn(sandbox, 'uploaded')}/submit`)).status,
      400,
      'one that only passes is not processed yet'
    )
  }
)

t.test('a create needs its required fields', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const good = {
    name: 'n',
    period: { from: '2026-10-01', to: '2026-10-31' },
    product: { id: 'PRD-276-377-545' },
    contract: { id: 'CRD-10000-20000-30000' }
  }
  const before = sandbox.store.files.size
  const bad: readonly [string, unknown][] = [
    ['no product', { ...good, product: undefined }],
    ['no contract', { ...good, contract: undefined }],
    ['a period the wrong way round', { ...good, period: { from: '2026-10-31', to: '2026-10-01' } }],
    ['30 February', { ...good, period: { from: '2026-02-30', to: '2026-03-01' } }],
    ['30 February, with a time', { ...good, period: { from: '2026-02-30T00:00:00Z', to: '2026-03-01' } }],
    ['an unknown product', { ...good, product: { id: 'PRD-000-000-000' } }],
    ['another vendor’s product', { ...good, product: { id: 'PRD-880-110-220' } }],
    ['a contract of another product', { ...good, contract: { id: 'CRD-70010-02000-00001' } }],
    ['a currency that is none', { ...good, currency: 'dollars' }],
    ['a name of 101 characters', { ...good, name: 'x'.repeat(101) }],
    ['a note of 201 characters', { ...good, note: 'x'.repeat(201) }],
    ['a description of 201 characters', { ...good, description: 'x'.repeat(201) }],
    ['an external id of 201 characters', { ...good, external_id: 'x'.repeat(201) }],
    ['a name that is a number', { ...good, name: 7 }],
    ['an array', [good]]
  ]
  for (const [what, body] of bad) t.equal((await vendor('POST', '/usage/files', body)).status, 400, what)
  t.equal((await asProvider(sandbox)('POST', '/usage/files', good)).status, 403)
  t.equal(sandbox.store.files.size, before)
  const quantity = await vendor('POST', '/usage/files', {
    ...good,
    name: undefined,
    currency: 'USD',
    product: { id: 'PRD-700-100-300' },
    contract: { id: 'CRD-70010-03000-00001' }
  })
  t.equal(quantity.json.currency, undefined, 'a quantity file has no currency')
  t.equal(quantity.json.name, '10/01/2026 - 10/31/2026')
})
