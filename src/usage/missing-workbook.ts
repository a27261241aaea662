import { CHUNK_STATUSES } from '../../schemas/usage-chunk.ts'
import { RECONCILIATION_STATUSES } from '../../schemas/reconciliation.ts'
import type * as Connect from '../connect/types.ts'
import { oneOf } from './mapping/normalize.ts'

/** Says why a chunk has no workbook. Null when it should have one, and for an unknown status. */
export function missingChunkWorkbook (chunk: Connect.UsageChunk): string | null {
  const status = oneOf(CHUNK_STATUSES, chunk.status)
  if (status === 'draft') return 'The chunk has no workbook yet: it is draft.'
  return status === 'failed' ? 'The chunk has no workbook: it failed.' : null
}

/** Says why a reconciliation has no processed workbook. Null when it should have one, and for an unknown status. */
export function missingResult (reconciliation: Connect.Reconciliation): string | null {
  const status = oneOf(RECONCILIATION_STATUSES, reconciliation.status)
  if (status === 'uploaded' || status === 'processing') {
    return `The reconciliation has no processed workbook yet: it is ${status}.`
  }
  return status === 'failed' ? 'The reconciliation has no processed workbook: it failed.' : null
}
