import { hash } from 'node:crypto'
import type { CallContext, ConnectClient } from '../connect/api.ts'
import type { Page } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { readEvents } from '../usage/mapping/events.ts'
import { errorDetail, fieldsOf, identifier, stats, text, type Fields } from '../usage/mapping/normalize.ts'
import { PAGE } from '../usage/paging.ts'

/** The objects that requests and streams can watch, by kind. The name of a kind is also that of its events. */
export interface Objects {
  'usage-file': Connect.UsageFile
  'usage-chunk': Connect.UsageChunk
  reconciliation: Connect.Reconciliation
}
export type Kind = keyof Objects

/** `moving`: Connect works on the object. `settling`: at rest once two lists in a row show the object unchanged. */
export type Rest = 'at-rest' | 'settling' | 'moving'

export interface KindRules<Found> {
  readonly kind: Kind
  /** Statuses in which Connect may work on an object, for `listByStatus`. Null: Connect cannot list by status. */
  readonly movingStatuses: readonly string[] | null
  /** The statuses of the objects that a stream without ids shows, beside `movingStatuses`. */
  readonly otherOpenStatuses: readonly string[]
  readonly restOf: (object: Found) => Rest
  /** The id for `listByKeys`: the object's, or for a reconciliation its usage file's. Null if Connect shows none. */
  readonly listKeyOf: (object: Found) => string | null
  readonly read: (connect: ConnectClient, id: string, context: CallContext) => Promise<Found>
  readonly listByStatus: (
    connect: ConnectClient, statuses: readonly string[], offset: number, context: CallContext
  ) => Promise<Page<Found>>
  /** Gives one page of the objects with these keys (see `listKeyOf`), so some objects may be missing. */
  readonly listByKeys: (connect: ConnectClient, keys: readonly string[], context: CallContext) => Promise<Page<Found>>
}

const FILE: KindRules<Connect.UsageFile> = {
  kind: 'usage-file',
  movingStatuses: ['uploading', 'uploaded', 'processing'],
  otherOpenStatuses: ['pending'],
  restOf: file => {
    switch (statusIn(file)) {
      case 'uploading':
      case 'processing': return 'moving'
      case 'uploaded': return isChecked(file) ? 'settling' : 'moving'
      // Connect also works on a file whose `sub_status` is `processing`. Only the detail has that member.
      default: return text(file.sub_status)?.toLowerCase() === 'processing' ? 'moving' : 'at-rest'
    }
  },
  listKeyOf: file => identifier(file.id),
  read: async (connect, id, context) => await connect.usageFiles.get(id, context),
  listByStatus: async (connect, statuses, offset, context) => await connect.usageFiles.list(
    { filter: { status: statuses as Connect.UsageFileStatus[] }, sort: ['id'], limit: PAGE, offset }, context
  ),
  listByKeys: async (connect, keys, context) =>
    await connect.usageFiles.list({ filter: { id: keys }, sort: ['id'], limit: PAGE }, context)
}

const CHUNK: KindRules<Connect.UsageChunk> = {
  kind: 'usage-chunk',
  movingStatuses: ['draft'],
  otherOpenStatuses: [],
  restOf: chunk => statusIn(chunk) === 'draft' ? 'moving' : 'at-rest',
  listKeyOf: chunk => identifier(chunk.id),
  read: async (connect, id, context) => await connect.usageChunks.get(id, context),
  listByStatus: async (connect, statuses, offset, context) => await connect.usageChunks.list(
    { filter: { status: statuses as Connect.UsageChunkStatus[] }, sort: ['usagefile.id'], limit: PAGE, offset }, context
  ),
  listByKeys: async (connect, keys, context) =>
    await connect.usageChunks.list({ filter: { id: keys }, sort: ['usagefile.id'], limit: PAGE }, context)
}

const RECONCILIATION: KindRules<Connect.Reconciliation> = {
  kind: 'reconciliation',
  movingStatuses: null,
  otherOpenStatuses: [],
  restOf: reconciliation => ['uploaded', 'processing'].includes(statusIn(reconciliation) ?? '') ? 'moving' : 'at-rest',
  listKeyOf: reconciliation => identifier(reconciliation.usagefile?.id),
  read: async (connect, id, context) => await connect.reconciliations.get(id, context),
  listByStatus: async () => { throw new Error('Connect lists no reconciliations by status') },
  listByKeys: async (connect, keys, context) => await connect.reconciliations.list(
    { filter: { 'usagefile.id': keys }, sort: ['usagefile.id'], limit: PAGE }, context
  )
}

export const KINDS: { readonly [K in Kind]: KindRules<Objects[K]> } = {
  'usage-file': FILE, 'usage-chunk': CHUNK, reconciliation: RECONCILIATION
}

export function statusIn (object: { readonly status?: unknown }): string | null {
  return text(object.status)?.trim().toLowerCase() ?? null
}

/** Connect documents `processing` after `uploaded`. On some tenants a file stays `uploaded`, and can be submitted. */
function isChecked (file: Connect.UsageFile): boolean {
  const { uploaded, validated } = stats(file.stats)
  return uploaded > 0 && validated === uploaded
}

/** Gives a hash of values of an object that may change and that both its row in a list and its detail show. */
export function digestOf (object: Objects[Kind]): string {
  const given = object as Fields
  const shown = [
    statusIn(object), given['external_id'], given['outdated'], given['acceptance_note'], given['rejection_note'],
    errorDetail(given), fieldsOf(given['notes']), stats(given['stats']), readEvents(given)
  ]
  return hash('sha1', JSON.stringify(shown), 'base64')
}
