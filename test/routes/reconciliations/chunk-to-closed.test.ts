import t from 'tap'
import { XLSX } from '../../../src/media-types.ts'
import { startBoth, until } from '../../helper.ts'
import { asProvider, asVendor } from '../../../sandbox/test/helper.ts'
import { accepted } from '../../../sandbox/test/stories.ts'
import { fillBilling } from '../../../sandbox/src/workbooks/fill-billing.ts'
import { workbookOf } from '../../uploads/forms.ts'
import { http, type Http } from '../http.ts'

const form = (bytes: Uint8Array<ArrayBuffer>, note?: string): FormData => {
  const data = new FormData()
  if (note !== undefined) data.set('note', note)
  data.set('file', new Blob([bytes]), 'billing.xlsx')
  return data
}

const chunksOf = async (ask: Http, fileId: string): Promise<{ id: string; status: string }[]> =>
  (await ask('GET', `/v1/usage-chunks?fileId=${fileId}&sort=fileId`, 'UsageChunk')).json['items'] as {
    id: string
    status: string
  }[]

t.test('a chunk is downloaded, filled and uploaded, and its records are closed', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const fileId = await accepted(asVendor(sandbox), asProvider(sandbox))

  const chunks = await chunksOf(provider, fileId)
  t.equal(chunks.length, 2)
  const [chunk] = chunks
  t.match(chunk, {
    fileId,
    status: 'ready',
    actions: ['update', 'close', 'regenerate'],
    files: { chunk: `/v1/usage-chunks/${chunk?.id}/file` }
  })

  const download = await provider('GET', `/v1/usage-chunks/${chunk?.id}/file`, '')
  t.equal(download.status, 200)
  t.match(Object.fromEntries(download.headers), {
    'content-type': XLSX,
    'content-disposition': `attachment; filename="${chunk?.id}.xlsx"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-length': String(download.bytes.length)
  })

  const filled = new Uint8Array(await fillBilling(download.bytes, 'INV-1', 'billed'))
  const created = await provider('POST', '/v1/reconciliations', 'Reconciliation', form(filled, 'October – Ö'))
  t.equal(created.status, 201)
  const { id } = created.json as { id: string }
  t.equal(created.headers.get('location'), `/v1/reconciliations/${id}`)
  t.match(created.json, { fileId, chunkId: chunk?.id, note: 'October – Ö', hub: { id: 'HB-5603-6213' } })
  const path = `/v1/reconciliations/${id}`
  await until(
    async () => (await provider('GET', path, 'Reconciliation')).json['status'] === 'processed',
    'the reconciliation'
  )
  t.match((await provider('GET', path, 'Reconciliation')).json, {
    processingNote: 'Closed 2, refused 0, left 0.',
    files: { uploaded: `${path}/files/uploaded`, processed: `${path}/files/processed` }
  })

  const records = (await provider('GET', `/v1/usage-records?fileId=${fileId}&status=closed`, 'UsageRecord')).json
  t.match(records, {
    total: 2,
    items: [{ externalBillingId: 'INV-1', externalBillingNote: 'billed' }, { externalBillingId: 'INV-1' }]
  })

  const uploaded = await provider('GET', `${path}/files/uploaded`, '')
  t.same(uploaded.bytes, filled, 'what was sent comes back byte for byte')
  t.equal(uploaded.headers.get('content-disposition'), `attachment; filename="${id}-uploaded.xlsx"`)
  const processed = await provider('GET', `${path}/files/processed`, '')
  t.equal(processed.headers.get('content-disposition'), `attachment; filename="${id}-processed.xlsx"`)
  t.equal(Buffer.from(processed.bytes).toString('latin1', 0, 2), 'PK')

  t.test('the reconciliation is in the lists, by file and by chunk', async (t) => {
    for (const query of [
      `fileId=${fileId}`,
      `chunkId=${chunk?.id}`,
      `hubId=HB-5603-6213&fileId=${fileId}&sort=-chunkId,fileId`
    ]) {
      t.match(
        (await provider('GET', `/v1/reconciliations?${query}`, 'Reconciliation')).json,
        { total: 1, items: [{ id }] },
        query
      )
    }
  })

  t.test('a raw workbook is accepted', async (t) => {
    const again = await provider('POST', '/v1/reconciliations', 'Reconciliation', filled)
    t.match(again, { status: 201, json: { note: null, fileId } })
    t.not(again.json['id'], id)
  })

  t.test('Connect gets the documented form', async (t) => {
    const sent = sandbox.ledger.entries.filter(
      entry => entry.method === 'POST' && entry.path.endsWith('/usage/reconciliations')
    )
    t.equal(sent.length, 2)
    t.match(sent[0], {
      body: { fields: { upload_note: 'October – Ö' } },
      file: { field: 'recon_file', size: filled.length }
    })
    t.same((sent[1]?.body as { fields: object }).fields, {})
  })
})

t.test('a missing workbook is 404 with an explanation', async (t) => {
  const both = await startBoth(t, { processingMs: 60_000 })
  const { sandbox } = both
  const provider = http(both, 'provider')
  const ready = [...sandbox.store.chunks.values()].find(
    one => one.status === 'ready' && one.file.contract.provider.id === 'PA-400-500'
  )
  t.equal((await provider('POST', `/v1/usage-chunks/${ready?.id}/regenerate`, 'UsageChunk')).status, 202)
  t.match(await provider('GET', `/v1/usage-chunks/${ready?.id}/file`, ''), {
    status: 404,
    json: { code: 'NOT_FOUND', detail: /draft/ }
  })
  const created = await provider('POST', '/v1/reconciliations', 'Reconciliation', form(new Uint8Array(workbookOf(50))))
  t.equal(created.status, 201, 'what is in the workbook is Connect\'s to say')
  t.match(await provider('GET', `/v1/reconciliations/${String(created.json['id'])}/files/processed`, ''), {
    status: 404,
    json: { code: 'NOT_FOUND', detail: /uploaded/ }
  })
  t.match(await provider('GET', '/v1/reconciliations/RCF-2026-01-0000-0000-001/files/uploaded', ''), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
  t.match(await provider('GET', '/v1/usage-chunks/UFC-2026-01-0000-0000-001/file', ''), {
    status: 404,
    json: { code: 'NOT_FOUND', connect: { status: 404 } }
  })
})

t.test('an ill-formed form leaves nothing at Connect', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const workbook = new Uint8Array(workbookOf(50))
  const noteLast = new FormData()
  noteLast.set('file', new Blob([workbook]), 'x.xlsx')
  noteLast.set('note', 'too late')
  const named = new FormData()
  named.set('upload_note', 'x')
  named.set('file', new Blob([workbook]), 'x.xlsx')
  t.match(await provider('POST', '/v1/reconciliations', '', form(workbook, 'x'.repeat(201))), {
    status: 400,
    json: { code: 'VALIDATION_FAILED', errors: [{ path: 'body.note' }] }
  })
  t.match(await provider('POST', '/v1/reconciliations', '', form(workbook, 'a\0b')), {
    status: 400,
    json: { code: 'VALIDATION_FAILED', errors: [{ path: 'body.note', message: /^cannot hold control characters/ }] }
  })
  t.match(await provider('POST', '/v1/reconciliations', '', noteLast), {
    status: 400,
    json: { code: 'FIELD_AFTER_FILE' }
  })
  t.match(await provider('POST', '/v1/reconciliations', '', named), {
    status: 400,
    json: { code: 'VALIDATION_FAILED', errors: [{ path: 'body.upload_note' }] }
  })
  t.match(await provider('POST', '/v1/reconciliations', '', form(new Uint8Array(0))), {
    status: 422,
    json: { code: 'FILE_EMPTY' }
  })
  t.match(await http(both, 'vendor')('POST', '/v1/reconciliations', '', form(workbook)), {
    status: 403,
    json: { code: 'SCOPE_MISSING' }
  })
  const arrived = sandbox.ledger.entries.filter(entry => entry.path.endsWith('/usage/reconciliations'))
  t.notOk(arrived.some(entry => entry.complete), 'no complete body')
  t.equal(
    (await provider('POST', '/v1/reconciliations', 'Reconciliation', form(workbook, 'ü'.repeat(200)))).status,
    201,
    '200 characters, however many bytes'
  )
})

t.test('a workbook that is cut never looks whole', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const ready = [...sandbox.store.chunks.values()].find(
    one => one.status === 'ready' && one.file.contract.provider.id === 'PA-400-500'
  )
  sandbox.faults.add({ match: { path: '/usage/chunks/.*/download' }, when: 'after', fault: { type: 'truncate' } })
  const end = await http(both, 'provider')('GET', `/v1/usage-chunks/${ready?.id}/file`, '').then(
    () => 'whole',
    () => 'broken'
  )
  t.equal(end, 'broken')
  sandbox.faults.add({ match: { path: '/usage/chunks/.*/download' }, fault: { type: 'wrongType' } })
  t.match(await http(both, 'provider')('GET', `/v1/usage-chunks/${ready?.id}/file`, ''), {
    status: 502,
    json: { code: 'UPSTREAM_INVALID' }
  })
})

t.test('after a lost answer the reconciliation is sent at most once, and the outcome is unknown', async (t) => {
  const both = await startBoth(t)
  const { sandbox } = both
  const provider = http(both, 'provider')
  const workbook = new Uint8Array(workbookOf(50))
  const count = (): number => sandbox.store.reconciliations.size
  for (const [when, made] of [['after', 1], ['before', 0]] as const) {
    const before = count()
    sandbox.faults.add({
      match: { method: 'POST', path: '/usage/reconciliations' },
      when,
      ...(when === 'before' && { afterBytes: 1e6 }),
      fault: { type: 'reset' }
    })
    t.match(await provider('POST', '/v1/reconciliations', '', form(workbook, 'n')), {
      status: 504,
      json: { code: 'OUTCOME_UNKNOWN' }
    })
    t.equal(count() - before, made)
    sandbox.faults.clear()
  }
})
