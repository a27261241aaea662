import type { UsageChunk } from '@connect-usage-bff/client'
import { plural } from '../format.ts'
import { BILLING_INPUTS, toBilling } from './billing.ts'
import type { OneAction } from './one-action.tsx'

type Action = UsageChunk['actions'][number]

const ACTIONS: Readonly<Record<Action, (chunk: UsageChunk) => OneAction>> = {
  close: ({ id: chunkId, hub, stats }) => ({
    name: 'close',
    label: 'Close the chunk',
    explain: `The chunk of ${hub?.name ?? 'this hub'} and its approved records, at most ` +
      `${plural(stats.accepted, 'record')}, are closed with your billing id. What is closed stays closed, with this ` +
      'id. When no other chunk of the file is open, Connect closes the file, too.',
    inputs: BILLING_INPUTS,
    send: async (client, values, idempotencyKey) => await client.POST('/v1/usage-chunks/{chunkId}/close', {
      params: { path: { chunkId } }, body: toBilling(values), idempotencyKey
    })
  }),
  update: ({ id: chunkId, externalId }) => ({
    name: 'update',
    label: 'Change the id in the hub',
    explain: 'The id that the hub gives to this chunk. An empty field clears it. No record changes.',
    inputs: [{ name: 'externalId', label: 'Id in the hub', maxLength: 200 }],
    values: { externalId: externalId ?? '' },
    send: async (client, values, idempotencyKey) => await client.PATCH('/v1/usage-chunks/{chunkId}', {
      params: { path: { chunkId } }, body: { externalId: values['externalId']?.trim() || null }, idempotencyKey
    })
  }),
  regenerate: ({ id: chunkId }) => ({
    name: 'regenerate',
    label: 'Make its workbook again',
    explain: 'Connect makes the workbook of the chunk again, with the records as they are now. No record changes.',
    send: async (client, _values, idempotencyKey) => await client.POST('/v1/usage-chunks/{chunkId}/regenerate', {
      params: { path: { chunkId } }, idempotencyKey
    })
  })
}

/** Gives the actions that the caller may do on a chunk now; closing comes first. */
export function chunkActions (chunk: UsageChunk): readonly OneAction[] {
  return (['close', 'update', 'regenerate'] as const)
    .filter(action => chunk.actions.includes(action)).map(action => ACTIONS[action](chunk))
}
