import type { ConnectClient } from '../../../../src/connect/client.ts'
import { until } from '../../../helper.ts'
import { FALLBALL, sample } from '../samples.ts'
import { formOf } from './bodies.ts'
import { PAGE, type Users } from './users.ts'

export const FILE_HEADER = {
  name: 'client',
  product: { id: FALLBALL.productId },
  contract: { id: FALLBALL.contractId },
  period: { from: '2026-10-01', to: '2026-10-31' },
  currency: 'USD',
  description: 'd',
  note: 'n',
  external_id: 'client-1'
}

/** Creates, changes and deletes a draft, and lists and counts files. */
export async function driveDrafts (client: ConnectClient, { vendor, provider }: Users): Promise<void> {
  const drop = (await client.usageFiles.create(FILE_HEADER, vendor()))?.id ?? ''
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
      ...PAGE,
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
}

/** Submits two files, rejects one and accepts the other. Gives the id of the accepted one. */
export async function driveFiles (client: ConnectClient, { vendor, provider }: Users): Promise<string> {
  const rejected = await prepare(client, vendor)
  await client.usageFiles.reject(rejected, { rejection_note: 'no' }, provider())
  const id = await prepare(client, vendor)
  await client.usageFiles.approveAll(id, provider())
  const [undecided] = (
    await client.usageRecords.list(
      { ...PAGE, filter: { 'usagefile.id': id, status: 'approved' }, sort: ['created_time'] },
      provider()
    )
  ).items
  await client.usageRecords.update(undecided?.id ?? '', { status: 'rejected' }, provider())
  await client.usageFiles.accept(id, { acceptance_note: 'yes' }, provider())
  await client.usageFiles.categories(id, { ...PAGE, filter: { name: { contains: 'o' } }, sort: ['name'] }, vendor())
  return id
}

/** Creates a file, uploads a workbook and submits the file. Gives its id. */
async function prepare (client: ConnectClient, vendor: Users['vendor']): Promise<string> {
  const id = (await client.usageFiles.create(FILE_HEADER, vendor()))?.id ?? ''
  await client.usageFiles.upload(id, formOf('usage_file', await sample('usage')), vendor())
  await until(async () => (await client.usageFiles.get(id, vendor())).status === 'ready', 'ready')
  await client.usageFiles.submit(id, vendor())
  return id
}
