import { asProvider } from '../../../helper.ts'
import type { ServiceCaller } from './caller.ts'

/** Rejects, approves and closes records. Gives the id of their file. */
export async function driveRecords ({ call, submitted }: ServiceCaller): Promise<string> {
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
  return billed
}
