import type { ConnectClient } from '../../../../src/connect/client.ts'
import { FALLBALL } from '../samples.ts'
import { drain } from './bodies.ts'
import { PAGE, type Users } from './users.ts'

export const RULE = { item: { id: 'PRD-276-377-545-0001' }, action: 'manual', rule: 'ge(amount,10)', status: 'active' }

/** Reads aggregates of usage, and the template of a product. */
export async function driveAggregates (client: ConnectClient, { vendor, provider }: Users): Promise<void> {
  await client.aggregates.list(
    { ...PAGE, filter: { 'item.type': 'PPU', 'item.local_id': 'PRD_276_377_545_0001' } },
    vendor()
  )
  await client.aggregates.listForAsset(
    'AS-5501-1000-0001',
    { ...PAGE, filter: { 'asset.external_uid': 'u', 'asset.id': 'AS-5501-1000-0001', 'item.id': ['a', 'b'] } },
    provider()
  )
  await drain(
    await client.storage.fetch((await client.templates.get(FALLBALL.productId, vendor())).template_link ?? '', vendor())
  )
}

/** Creates, reads, changes and deletes rules of a product. */
export async function driveRules (client: ConnectClient, { provider }: Users): Promise<void> {
  const [one = '', two = ''] = [
    await client.rules.create(FALLBALL.productId, RULE, provider()),
    await client.rules.create(FALLBALL.productId, RULE, provider())
  ].map(made => made?.id ?? '')
  await client.rules.list(
    FALLBALL.productId,
    {
      ...PAGE,
      filter: {
        id: [one, two],
        action: 'manual',
        scope: 'record',
        status: { not: 'deleted' },
        'item.id': 'x',
        'item.name': { contains: 'x' },
        rule: { contains: '(' }
      },
      sort: ['item.id']
    },
    provider()
  )
  await client.rules.get(FALLBALL.productId, one, provider())
  await client.rules.update(FALLBALL.productId, one, { action: 'accept', gravity: { after: two } }, provider())
  await client.rules.delete(FALLBALL.productId, one, provider())
}
