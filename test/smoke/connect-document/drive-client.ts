import type { ConnectClient } from '../../../src/connect/client.ts'
import { driveChunks } from './client/chunks.ts'
import { driveDrafts, driveFiles } from './client/files.ts'
import { driveAggregates, driveRules } from './client/products.ts'
import { driveRecords } from './client/records.ts'
import { driveRefusals } from './client/refusals.ts'
import { createUsers } from './client/users.ts'

/**
 * Calls every operation of Connect's Usage API by the client for Connect, also those that no endpoint needs yet. Gives
 * the number of the calls.
 */
export async function driveClient (client: ConnectClient): Promise<number> {
  const users = createUsers()
  await driveDrafts(client, users)
  const file = await driveFiles(client, users)
  const records = await driveRecords(client, users, file)
  const chunk = await driveChunks(client, users, file)
  await driveAggregates(client, users)
  await driveRules(client, users)
  await driveRefusals(client, users, { file, chunk, records })
  return users.calls()
}
