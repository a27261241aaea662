import type { ConnectClient } from '../../../../src/connect/client.ts'
import { until } from '../../../helper.ts'
import { drain, formOf } from './bodies.ts'
import { PAGE, type Users } from './users.ts'

/**
 * Calls the operations of the chunks of an accepted file and of its reconciliations, and closes the file. Gives the id
 * of a closed chunk.
 */
export async function driveChunks (client: ConnectClient, { provider }: Users, id: string): Promise<string> {
  await until(
    async () =>
      (
        await client.usageChunks.list(
          { ...PAGE, filter: { 'usagefile.id': id, status: 'ready' }, sort: ['usagefile.id'] },
          provider()
        )
      ).total >= 2,
    'ready chunks'
  )
  const [chunk = '', other = ''] = (
    await client.usageChunks.list({ ...PAGE, filter: { 'usagefile.id': id } }, provider())
  ).items.map(one => one.id ?? '')
  await client.usageChunks.list(
    {
      ...PAGE,
      filter: { id: [chunk, other], 'binding.hub.id': 'HB-5603-6213', 'provider.id': 'PA-400-500' }
    },
    provider()
  )
  await client.usageChunks.get(chunk, provider())
  await client.usageChunks.update(chunk, { external_id: 'pulled' }, provider())
  await driveReconciliations(client, provider, id, chunk)
  await client.usageChunks.close(chunk, { external_billing_id: 'B', external_billing_note: 'n' }, provider())
  await client.usageChunks.regenerate(other, provider())
  await client.usageFiles.reprocess(id, provider())
  await client.usageFiles.close(id, provider())
  return chunk
}

/** Reconciles the file and its chunk by the workbook of the chunk, and reads the reconciliation. */
async function driveReconciliations (
  client: ConnectClient,
  provider: Users['provider'],
  id: string,
  chunk: string
): Promise<void> {
  const workbook = await drain(await client.usageChunks.download(chunk, provider()))
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
      ...PAGE,
      filter: {
        'usagefile.id': id,
        'partusagefile.id': chunk,
        'partusagefile.provider.id': 'PA-400-500',
        'binding.hub.id': 'HB-5603-6213'
      },
      sort: ['-usagefile.id', 'partusagefile.id']
    },
    provider()
  )
}
