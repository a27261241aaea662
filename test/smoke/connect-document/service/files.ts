import { asProvider, asVendor } from '../../../helper.ts'
import { UNKNOWN_FILE, sample } from '../samples.ts'
import { workbookForm, type ServiceCaller } from './caller.ts'

/**
 * Calls the vendor's operations of a file, from the draft to the submit, also so that they are refused. Gives the id of
 * the submitted file.
 */
export async function driveVendorFiles ({ call, draft, settled }: ServiceCaller): Promise<string> {
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
  await call(asVendor, `POST /usage-files/${id}/upload`, 202, workbookForm(await sample('usage-three-bad-rows')))
  if (await settled(id) !== 'invalid') throw new Error('the bad workbook was not found invalid')
  await call(asVendor, `GET /usage-records?fileId=${id}&status=invalid`, 200)
  await call(asVendor, `GET /usage-files/${id}/row-errors`, 200)
  await call(asVendor, `POST /usage-files/${id}/upload`, 202, workbookForm(await sample('usage')))
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
  await call(asVendor, `POST /usage-files/${id}/upload`, 409, workbookForm(await sample('usage')))
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
  return id
}

/** Calls the provider's operations of a submitted file until it is closed, and rejects another file. */
export async function driveProviderFiles ({ call, submitted }: ServiceCaller, id: string): Promise<void> {
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
  await call(asProvider, `POST /usage-files/${id}/reconciliation`, 202, workbookForm(await sample('usage')))
  await call(asProvider, `GET /usage-files/${id}/files/reconciliation`, 200)
  await call(asProvider, `GET /usage-files/${id}/totals`, 200)
  await call(asProvider, `POST /usage-files/${id}/reprocess`, 202)
  await call(asProvider, `POST /usage-files/${id}/close`, 200)
  const rejected = await submitted('conformance-3')
  await call(asProvider, `POST /usage-files/${rejected}/reject`, 200, { note: 'Row 3 is from September.' })
  const { json: page } = await call(asVendor, `GET /usage-records?fileId=${rejected}&limit=1`, 200)
  const [row] = page['items'] as { id: string }[]
  await call(asProvider, `POST /usage-records/${String(row?.id)}/close`, 400, { externalBillingId: 'INV-3' })
}
