import type { ConnectClient } from '../../../../src/connect/client.ts'
import { ConnectError } from '../../../../src/connect/errors.ts'
import { FALLBALL, UNKNOWN_FILE } from '../samples.ts'
import { FILE_HEADER } from './files.ts'
import { RULE } from './products.ts'
import { PAGE, type Users } from './users.ts'

/** The ids of a closed file, of a closed chunk of it, and of two of its records. */
interface Ids { file: string, chunk: string, records: { closed: string, open: string } }

/**
 * Makes calls that Connect refuses: with a bad token, by the wrong role, for absent objects, and in the wrong status.
 * Throws when one is not refused.
 */
export async function driveRefusals (client: ConnectClient, users: Users, ids: Ids): Promise<void> {
  const { file, chunk, records } = ids
  const { vendor, provider, nobody } = users
  const refusals: (() => Promise<unknown>)[] = [
    () => client.usageFiles.list(PAGE, nobody()),
    () => client.usageRecords.get(records.open, nobody()),
    () => client.usageFiles.accept(file, {}, vendor()),
    () => client.usageFiles.create(FILE_HEADER, provider()),
    () => client.usageRecords.close(records.open, { external_billing_id: 'x' }, vendor()),
    () => client.usageChunks.close(chunk, { external_billing_id: 'x' }, vendor()),
    () => client.rules.create(FALLBALL.productId, RULE, vendor()),
    () => client.usageFiles.get(UNKNOWN_FILE, vendor()),
    () => client.usageChunks.get('UFC-1', provider()),
    () => client.reconciliations.get('RCF-1', provider()),
    () => client.rules.get(FALLBALL.productId, 'UIR-1', provider()),
    () => client.aggregates.listForAsset('AS-1', PAGE, vendor()),
    () => client.usageFiles.close(file, provider()),
    () => client.usageRecords.update(records.closed, { status: 'approved' }, provider())
  ]
  for (const call of refusals) await refused(call)
}

async function refused (call: () => Promise<unknown>): Promise<void> {
  const error: unknown = await call().then(() => null, (reason: unknown) => reason)
  if (!(error instanceof ConnectError)) throw new Error('a call that should be refused was not', { cause: error })
}
