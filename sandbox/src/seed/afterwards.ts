import type { Random } from '../random.ts'
import { newChunkId, newReconciliationId } from '../state/store.ts'
import type { Store } from '../state/store.ts'
import type { Chunk, ChunkStatus, Reconciliation, ReconciliationStatus, UsageFile } from '../state/types.ts'
import { providerUser } from './files.ts'

/** Adds the chunks of an accepted or closed file, and a reconciliation if `ordinal` can be divided by three. */
export function addAftermath (store: Store, file: UsageFile, ordinal: number, random: Random): void {
  if (file.status !== 'accepted' && file.status !== 'closed') return
  addChunks(store, file, ordinal, random)
  if (ordinal % 3 === 0) addReconciliation(store, file, ordinal)
}

function addChunks (store: Store, file: UsageFile, ordinal: number, random: Random): void {
  const hubs = new Set(file.records.flatMap((record) => record.asset?.hub ?? []))
  for (const hub of hubs) {
    const records = file.records.filter((record) => record.asset?.hub === hub)
    let status: ChunkStatus = file.status === 'closed' ? 'closed' : 'ready'
    if (file.status === 'accepted' && ordinal % 17 === 5) status = 'failed'
    if (file.status === 'accepted' && ordinal % 17 === 11) status = 'draft'
    const created = file.events.accepted
    const closed = file.events.closed
    const chunk: Chunk = {
      id: newChunkId(file, file.chunks.length + 1),
      file,
      hub,
      status,
      externalId: random.below(2) === 0 ? `BATCH-${random.digits(6)}` : null,
      error: status === 'failed' ? 'The hub refused the import.' : null,
      events: { ...(created ? { created: { at: created.at, by: null } } : {}), ...(closed ? { closed } : {}) },
      records,
      outdated: null,
      run: 0
    }
    for (const record of records) record.chunk = chunk
    file.chunks.push(chunk)
    store.chunks.set(chunk.id, chunk)
  }
}

function addReconciliation (store: Store, file: UsageFile, ordinal: number): void {
  const chunk = file.chunks[0]
  const at = (file.events.closed ?? file.events.accepted)?.at
  if (!chunk || at === undefined) return
  const states: readonly ReconciliationStatus[] = [
    'processed',
    'processed',
    'processed',
    'failed',
    'processed',
    'uploaded',
    'processing'
  ]
  const status = file.status === 'closed' ? 'processed' : states[ordinal / 3 % states.length] ?? 'processed'
  const closed = chunk.records.filter((record) => record.status === 'closed').length
  const reconciliation: Reconciliation = {
    id: newReconciliationId(store, file, at),
    status,
    provider: file.contract.provider,
    file,
    chunk,
    uploadNote: 'Monthly billing run',
    processingNote:
      status === 'processed' ? `Closed ${closed}, refused 0, left ${chunk.records.length - closed}.` : null,
    error: status === 'failed' ? 'The file is not a readable workbook.' : null,
    events: { created: { at, by: providerUser }, uploaded: { at, by: providerUser } },
    upload: { kind: 'seeded' },
    results: []
  }
  file.reconciliation = reconciliation
  store.reconciliations.set(reconciliation.id, reconciliation)
}
