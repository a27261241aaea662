import type { Test } from 'tap'
import { PROVIDER_KEY, VENDOR_KEY } from '../../helper.ts'
import { FILE_ID, startFixture, type Fixture } from '../../uploads/fixture.ts'
import type { RequestHead, WireClient } from '../../uploads/wire.ts'

export interface UploadOperation {
  path: string
  key: string
  /** Connect's. */
  fieldName: string
  connectPath: string
  /** The status in which Connect takes it. */
  status: string
}

export const UPLOAD_FILE: UploadOperation = {
  path: `/v1/usage-files/${FILE_ID}/upload`,
  key: VENDOR_KEY,
  fieldName: 'usage_file',
  connectPath: `/public/v1/usage/files/${FILE_ID}/upload`,
  status: 'draft'
}
export const RECONCILE: UploadOperation = {
  path: `/v1/usage-files/${FILE_ID}/reconciliation`,
  key: PROVIDER_KEY,
  fieldName: 'recon_file',
  connectPath: `/public/v1/usage/files/${FILE_ID}/reconciliation`,
  status: 'accepted'
}

export const TYPE = 'multipart/form-data; boundary=b0undary'
export const REFUSAL = { error_code: 'VAL_001', errors: ['The file cannot be taken.'] }

/** A request of this operation with a form of this many file bytes; `given` of its bytes are sent at once. */
export async function begin (
  fixture: Fixture,
  operation: UploadOperation,
  body: Buffer,
  given = body.length,
  head: Partial<RequestHead> = {}
): Promise<WireClient> {
  const client = await fixture.client()
  await client.sendHead({
    path: operation.path,
    key: operation.key,
    ...head,
    headers: { 'content-type': TYPE, 'content-length': String(body.length), ...head.headers }
  })
  await client.sendBody(body.subarray(0, given), { seed: 5, maxBytes: 90_000 })
  return client
}

/** A fixture whose file has the status in which the operation is allowed. */
export async function startUploads (
  t: Test, operation: UploadOperation, env: Record<string, string> = {}
): Promise<Fixture> {
  const fixture = await startFixture(t, { env })
  fixture.file['status'] = operation.status
  return fixture
}
