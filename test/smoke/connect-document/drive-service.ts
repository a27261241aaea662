import { webhookToken } from '../../credentials.ts'
import { asVendor, type StartedApp } from '../../helper.ts'
import { createServiceCaller, type ServiceCall } from './service/caller.ts'
import { driveChunks } from './service/chunks.ts'
import { driveProviderFiles, driveVendorFiles } from './service/files.ts'
import { driveLists } from './service/lists.ts'
import { driveChecks, driveProducts, drivePublishing } from './service/products.ts'
import { driveRecords } from './service/records.ts'

/**
 * Calls every operation of this service with success, by a role that may call it; many also so that they are refused.
 * Gives the calls.
 */
export async function driveService ({ origin }: StartedApp): Promise<ServiceCall[]> {
  const others = [await openEvents(origin), await callWebhook(origin)]
  const caller = createServiceCaller(origin)
  await driveProviderFiles(caller, await driveVendorFiles(caller))
  await driveChunks(caller, await driveRecords(caller))
  await driveChecks(caller)
  await drivePublishing(caller)
  await driveProducts(caller)
  await driveLists(caller)
  return [...others, ...caller.calls]
}

/** Opens a stream of events and leaves it. */
async function openEvents (origin: string): Promise<ServiceCall> {
  const response = await fetch(`${origin}/v1/events`, { headers: asVendor })
  await response.body?.cancel()
  return { method: 'GET', path: '/v1/events', status: response.status }
}

/** Calls the webhook of the vendor's account as Connect does. */
async function callWebhook (origin: string): Promise<ServiceCall> {
  const path = '/v1/connect-webhooks/vendor'
  const headers = { authorization: `Bearer ${webhookToken()}`, 'content-type': 'application/json' }
  const { status } = await fetch(origin + path, { method: 'POST', headers, body: '{}' })
  return { method: 'POST', path, status }
}
