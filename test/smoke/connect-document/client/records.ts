import type { ConnectClient } from '../../../../src/connect/client.ts'
import type { Users } from './users.ts'

/** Reads and closes records of an accepted file. Gives the id of a closed record, and of one that it has not closed. */
export async function driveRecords (
  client: ConnectClient,
  { provider }: Users,
  id: string
): Promise<{ closed: string, open: string }> {
  const records = (
    await client.usageRecords.list({ limit: 5, filter: { 'usagefile.id': id, status: 'approved' } }, provider())
  ).items
  const [first = '', second = '', third = ''] = records.map(record => record.id ?? '')
  await client.usageRecords.count(
    { 'usagefile.schema': 'cr', start_date: { gt: '2026-01-01', le: '2027-01-01' } },
    provider()
  )
  await client.usageRecords.get(first, provider())
  await client.usageRecords.close(first, { external_billing_id: 'B', external_billing_note: 'n' }, provider())
  await client.usageRecords.bulkClose(
    [
      { id: second, external_billing_id: 'B' },
      { id: first, external_billing_id: 'B2' },
      { id: 'UR-2026-01-0000-0000-0000-0000', external_billing_id: 'B', external_billing_note: 'n' }
    ],
    provider()
  )
  return { closed: first, open: third }
}
