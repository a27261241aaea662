import type { Links } from '../links.ts'
import type { Account, FileStatus, UsageFile } from '../state/types.ts'
import { processedPath, reconciliationPath, uploadedPath } from '../storage-paths.ts'
import { accountView, eventsView, marketplaceView } from './common.ts'
import type { View } from './common.ts'

/** Without `withZeros`, as in lists, a stage without records is left out. Empty for a file without records. */
function statsView (file: UsageFile, withZeros: boolean): View {
  const { counts, status } = file
  const stats = {
    uploaded: file.records.length,
    validated: status === 'ready' || status === 'uploaded' || status === 'invalid' ? counts.valid : 0,
    pending: status === 'pending' ? counts.valid : 0,
    accepted: counts.approved,
    closed: counts.closed,
    billed: counts.billed
  }
  if (file.records.length === 0) return {}
  return withZeros ? stats : Object.fromEntries(Object.entries(stats).filter(([, count]) => count > 0))
}

function commonView (file: UsageFile, stats: View): View {
  const { contract } = file
  const { product } = contract
  const or = (value: string | null): string | null | undefined => value ?? (file.nulls ? null : undefined)
  return {
    id: file.id,
    name: file.name,
    // The specification requires `external_id` and does not allow null, so an absent one is an empty text.
    external_id: file.externalId ?? '',
    status: file.status,
    vendor: accountView(product.vendor),
    provider: accountView(contract.provider),
    environment: contract.environment,
    marketplace: marketplaceView(contract.marketplace),
    contract: { id: contract.id, name: contract.name },
    product: { id: product.id, name: product.name, icon: product.icon },
    error_detail: or(file.errorDetail),
    description: or(file.description),
    acceptance_note: or(file.acceptanceNote),
    rejection_note: or(file.rejectionNote),
    schema: product.schema,
    currency: or(file.currency),
    period: file.period,
    stats,
    events: eventsView(file.events)
  }
}

export const listedFileView = (file: UsageFile): View => commonView(file, statsView(file, false))

/** The answer to a create has nested objects, as Connect sends. The specification has flat names. */
export const createdFileView = (file: UsageFile): View => ({ ...listedFileView(file), note: file.note ?? undefined })

export const updatedFileView = (file: UsageFile): View =>
  ({ description: file.description, note: file.note, external_id: file.externalId })

const processedStatuses: ReadonlySet<FileStatus> =
  new Set<FileStatus>(['uploaded', 'invalid', 'ready', 'pending', 'rejected', 'accepted', 'closed'])

export function detailedFileView (file: UsageFile, account: Account, links: Links, origin: string): View {
  const hasUpload = file.upload !== null && file.status !== 'deleted'
  const hasProcessed = file.processed !== null && processedStatuses.has(file.status)
  const absent = file.nulls ? null : undefined
  return {
    ...commonView(file, statsView(file, true)),
    note: account.role === 'vendor' ? file.note ?? absent : undefined,
    sub_status: file.subStatus ?? absent,
    usage_file_uri: hasUpload ? links.sign(origin, uploadedPath(file), 'upload') : undefined,
    processed_file_uri: hasProcessed ? links.sign(origin, processedPath(file, account.role), 'other') : undefined,
    reconciliation_file_uri: file.reconciliation ? links.sign(origin, reconciliationPath(file), 'other') : undefined,
    records: {
      valid: file.records.length - file.counts.invalid,
      invalid: file.counts.invalid,
      closed: file.counts.closed
    }
  }
}
