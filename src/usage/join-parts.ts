import type { FilePart, UsageFile } from '../../schemas/usage-file.ts'
import type { CallContext, ConnectClient } from '../connect/api.ts'
import type { Actor } from '../credentials/callers.ts'
import { toCategory } from './mapping/category.ts'
import { allItems } from './paging.ts'
import { toReconciliation } from './mapping/reconciliation.ts'
import { toUsageChunk } from './mapping/usage-chunk.ts'

export type Parts = Pick<UsageFile, FilePart | 'warnings'>
export type PartLoaders = { readonly [Part in FilePart]: () => Promise<NonNullable<UsageFile[Part]>> }

export function partLoaders (connect: ConnectClient, fileId: string, actor: Actor, context: CallContext): PartLoaders {
  const filter = { 'usagefile.id': fileId }
  return {
    categories: async () =>
      (await allItems(window => connect.usageFiles.categories(fileId, { sort: ['name'], ...window }, context))).map(
        toCategory
      ),
    chunks: async () =>
      (await allItems(window => connect.usageChunks.list({ filter, sort: ['usagefile.id'], ...window }, context))).map(
        chunk => toUsageChunk(chunk, actor)
      ),
    reconciliations: async () =>
      (
        await allItems(window =>
          connect.reconciliations.list({ filter, sort: ['partusagefile.id'], ...window }, context)
        )
      ).map(toReconciliation)
  }
}

/** Loads the parts in `include`. A part that cannot be loaded is null, and has a warning that `explain` makes. */
export async function loadParts (
  include: readonly FilePart[] | undefined,
  loaders: PartLoaders,
  explain: (error: unknown) => { code: string; message: string }
): Promise<Parts> {
  if (include === undefined) return {}
  const warnings: NonNullable<UsageFile['warnings']> = []
  const load = async (part: FilePart): Promise<[FilePart, unknown]> => {
    try {
      return [part, await loaders[part]()]
    } catch (error) {
      warnings.push({ part, ...explain(error) })
      return [part, null]
    }
  }
  const loaded = await Promise.all([...new Set(include)].map(load))
  return { ...Object.fromEntries(loaded), warnings } as Parts
}
