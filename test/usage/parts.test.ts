import t from 'tap'
import { toCategory } from '../../src/usage/mapping/category.ts'
import { loadParts, type PartLoaders } from '../../src/usage/join-parts.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'
import { conformsTo } from '../routes/validate-answer.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

t.test('a chunk is mapped to our shape', async (t) => {
  const chunk = toUsageChunk(
    {
      id: 'UFC-2020-07-8349-4102-001',
      status: 'ready',
      outdated: true,
      usagefile: { id: 'UF-2020-07-8349-4102', name: 'F', schema: 'qt' },
      binding: { hub: { id: 'HB-5603-6213', name: 'Hub' }, external_id: 'h' },
      marketplace: { id: 'MP-1' },
      provider: { id: 'PA-1', name: 'P', icon: '' },
      external_id: '',
      error: { detail: 'late' },
      events: { created: { at: '2020-07-01T00:00:00Z' } },
      stats: {}
    },
    PROVIDER
  )
  t.ok(conformsTo('UsageChunk', chunk))
  t.match(chunk, {
    fileId: 'UF-2020-07-8349-4102',
    hub: { id: 'HB-5603-6213' },
    hubExternalId: 'h',
    externalId: null,
    errorDetail: 'late',
    outdated: true,
    actions: ['update', 'close', 'regenerate'],
    files: { chunk: '/v1/usage-chunks/UFC-2020-07-8349-4102-001/file' },
    createdAt: '2020-07-01T00:00:00Z'
  })
  t.equal(toUsageChunk({ id: 'UFC-1', status: 'draft' }, PROVIDER).files.chunk, null)
  t.ok(conformsTo('UsageChunk', toUsageChunk({ id: 'UFC-1' }, VENDOR)))
})

t.test('a reconciliation is mapped to our shape', async (t) => {
  const found = toReconciliation({
    id: 'RCF-2020-07-8349-4102-001',
    status: 'processed',
    usagefile: { id: 'UF-1' },
    partusagefile: { id: 'UFC-1' },
    binding: { hub: { id: 'HB-1', name: 'H' } },
    notes: { uploaded: 'mine', processing: 'theirs' },
    events: { created: { at: '2020-07-01T00:00:00Z' } }
  })
  t.ok(conformsTo('Reconciliation', found))
  t.match(found, {
    fileId: 'UF-1',
    chunkId: 'UFC-1',
    note: 'mine',
    processingNote: 'theirs',
    errorDetail: null,
    files: { processed: '/v1/reconciliations/RCF-2020-07-8349-4102-001/files/processed' }
  })
  t.equal(toReconciliation({ id: 'RCF-1', status: 'failed' }).files.processed, null)
  t.ok(conformsTo('Reconciliation', toReconciliation({ id: 'RCF-1' })))
})

t.test('a category is mapped to our shape', async (t) => {
  t.same(toCategory({ id: 'a' }), { id: 'a', name: null, description: null })
})

t.test('parts are joined, and a failed part is null with a warning', async (t) => {
  const loaders: PartLoaders = {
    categories: async () => [{ id: 'a', name: null, description: null }],
    chunks: async () => { throw new Error('gone') },
    reconciliations: async () => []
  }
  const explain = (error: unknown) => ({ code: 'UPSTREAM_FAILED', message: (error as Error).message })
  t.same(await loadParts(undefined, loaders, explain), {}, 'nothing was asked for')
  t.same(await loadParts(['chunks', 'categories', 'chunks'], loaders, explain), {
    categories: [{ id: 'a', name: null, description: null }],
    chunks: null,
    warnings: [{ part: 'chunks', code: 'UPSTREAM_FAILED', message: 'gone' }]
  })
  t.same(await loadParts(['reconciliations'], loaders, explain), { reconciliations: [], warnings: [] })
})
