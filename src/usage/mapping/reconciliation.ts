import { RECONCILIATION_STATUSES, type Reconciliation } from '../../../schemas/reconciliation.ts'
import type * as Connect from '../../connect/types.ts'
import { createdAt, readEvents } from './events.ts'
import {
  errorDetail, fieldsOf, identifier, oneOf, prose, reference, requiredId, text, type Fields
} from './normalize.ts'
import { reconciliationPath } from './paths.ts'

export function toReconciliation (reconciliation: Connect.Reconciliation): Reconciliation {
  const given = reconciliation as Fields
  const notes = fieldsOf(given['notes'])
  const id = requiredId(given, 'reconciliation')
  const status = oneOf(RECONCILIATION_STATUSES, given['status'])
  const events = readEvents(given)
  return {
    id,
    fileId: identifier(fieldsOf(given['usagefile'])?.['id']),
    chunkId: identifier(fieldsOf(given['partusagefile'])?.['id']),
    status,
    hub: reference(fieldsOf(given['binding'])?.['hub']),
    note: text(notes?.['uploaded']),
    processingNote: prose(notes?.['processing']),
    errorDetail: errorDetail(given),
    events,
    files: {
      uploaded: `${reconciliationPath(id)}/files/uploaded`,
      processed: status === 'processed' ? `${reconciliationPath(id)}/files/processed` : null
    },
    createdAt: createdAt(events)
  }
}
