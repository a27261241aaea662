import { hash } from 'node:crypto'
import type { CallContext, ConnectClient } from '../connect/api.ts'
import type { Page } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { readEvents } from '../usage/mapping/events.ts'
import { errorDetail, fieldsOf, identifier, stats, text, type Fields } from '../usage/mapping/normalize.ts'
import { PAGE } from '../usage/paging.ts'

/**
 * The objects of Connect that requests and streams can watch, by kind. The name of a kind is also the name of its
 * events.
 */
export interface Objects {
  'usage-file': Connect.UsageFile
  'usage-chunk': Connect.UsageChunk
  reconciliation: Connect.Reconciliation
}
export type Kind = keyof Objects

/**
 * Whether Connect works on an object. `moving`: it does. `at-rest`: it does not. `settling`: the object looks finished,
 * and counts as at rest once two lists in a row show it unchanged.
 */
export type Rest = 'at-rest' | 'settling' | 'moving'

/** What the watching of an object needs to know about its kind: the statuses, and the calls to Connect. */
export interface KindRules<Found> {
  readonly kind: Kind
  /**
   * The statuses by which lists find objects that Connect may work on. Null: Connect does not list this kind by status.
   */
  readonly movingStatuses: readonly string[] | null
  /** The statuses of the objects that a stream without ids shows, beside `movingStatuses`. */
  readonly otherOpenStatuses: readonly string[]
  readonly restOf: (object: Found) => Rest
  /**
   * The id by which `listByKeys` finds an object: its own id, or for a reconciliation the id of its usage file. Null
   * when Connect does not show that id.
   */
  readonly listKeyOf: (object: Found) => string | null
  readonly read: (connect: ConnectClient, id: string, context: CallContext) => Promise<Found>
  readonly listByStatus: (
    connect: ConnectClient, statuses: readonly string[], offset: number, context: CallContext
  ) => Promise<Page<Found>>
  /** Lists the objects with these keys (see `listKeyOf`). Gives one page, so some objects may be missing. */
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
      // In any other status, the `sub_status` `processing` tells that Connect works on the file. Only the detail has a
      // `sub_status`.
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

/** Gives the status of an object in lower case; null when Connect shows none. */
export function statusIn (object: { readonly status?: unknown }): string | null {
  return text(object.status)?.trim().toLowerCase() ?? null
}

/**
 * Whether a file in `uploaded` has records and all of them are validated. Connect documents `uploaded` as a step before
 * `processing`. But on some tenants a file stays `uploaded`, and can be submitted.
 */
function isChecked (file: Connect.UsageFile): boolean {
  const { uploaded, validated } = stats(file.stats)
  return uploaded > 0 && validated === uploaded
}

/** Gives a hash of those values of an object that may change and that both its row in a list and its detail show. */
export function digestOf (object: Objects[Kind]): string {
  const given = object as Fields
  const shown = [
    statusIn(object), given['external_id'], given['outdated'], given['acceptance_note'], given['rejection_note'],
    errorDetail(given), fieldsOf(given['notes']), stats(given['stats']), readEvents(given)
  ]
  return hash('sha1', JSON.stringify(shown), 'base64')
}
