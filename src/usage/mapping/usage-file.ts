import {
  ENVIRONMENTS, FILE_STATUSES, type FileAction, type FileStatus, type UsageFile
} from '../../../schemas/usage-file.ts'
import { USAGE_SCHEMAS } from '../../../schemas/common.ts'
import type * as Connect from '../../connect/types.ts'
import type { Actor } from '../../credentials/callers.ts'
import { fileActions, type RecordsLeft } from '../actions.ts'
import { createdAt, readEvents, updatedAt } from './events.ts'
import {
  counter,
  errorDetail,
  fieldsOf,
  iconReference,
  identifier,
  integer,
  oneOf,
  reference,
  requiredId,
  stats,
  text,
  time,
  type Fields,
  type IconReference,
  type Reference
} from './normalize.ts'
import { filePath } from './paths.ts'

/**
 * How much of a usage file Connect has sent. `detail`: all members, as a read of this one file gives them. `list`:
 * perhaps without the members that only the detail has, as in a list or in an answer to a write.
 */
export type FileView = 'list' | 'detail'

/** `records` and `files` are null in a `list`. Throws UPSTREAM_INVALID for a file without an id. */
export function toUsageFile (file: Connect.UsageFile, actor: Actor, view: FileView): UsageFile {
  const given = file as Fields
  const id = requiredId(given, 'usage file')
  const status = statusOf(file)
  const events = readEvents(given)
  const isDetail = view === 'detail'
  return {
    id,
    name: text(given['name']),
    description: text(given['description']),
    note: text(given['note']),
    externalId: identifier(given['external_id']),
    status,
    subStatus: oneOf(['processing', 'processed'], given['sub_status']),
    environment: oneOf(ENVIRONMENTS, given['environment']),
    schema: oneOf(USAGE_SCHEMAS, given['schema']),
    currency: identifier(given['currency']),
    period: periodOf(given),
    product: productOf(given),
    contract: contractOf(file),
    marketplace: iconReference(given['marketplace']),
    vendor: iconReference(given['vendor']),
    provider: iconReference(given['provider']),
    acceptanceNote: text(given['acceptance_note']),
    rejectionNote: text(given['rejection_note']),
    errorDetail: errorDetail(given),
    stats: stats(given['stats']),
    records: isDetail ? recordsOf(given) : null,
    events,
    actions: actionsOf(file, actor),
    files: isDetail ? filesOf(given, id) : null,
    createdAt: createdAt(events),
    updatedAt: updatedAt(events)
  }
}

export function statusOf (file: Connect.UsageFile): FileStatus | null {
  return oneOf(FILE_STATUSES, file.status)
}

export function actionsOf (file: Connect.UsageFile, actor: Actor): FileAction[] {
  return fileActions(statusOf(file), actor, recordsLeft(file))
}

/**
 * Counters that Connect does not send prove nothing: then records may be left. In `stats`, `uploaded` counts all
 * records. `validated`, `pending`, `accepted` and `closed` count each record at one stage; rejected and invalid records
 * are at none. A file from a list has no `records`.
 */
function recordsLeft (file: Connect.UsageFile): RecordsLeft {
  const { valid, invalid, closed, openRecords } = recordsOf(file as Fields)
  const hasRecords = valid + invalid + closed > 0
  const { uploaded, validated, pending, accepted, closed: closedNow } = stats(file.stats)
  const isOpen = !hasRecords || openRecords > 0
  return {
    toApprove: isOpen && (uploaded === 0 || accepted + closedNow + invalid < uploaded),
    toClose: hasRecords ? isOpen : uploaded === 0 || validated + pending + accepted > 0
  }
}

/** Gives the file if it is the detail of the file with this id and has a known status; else null. */
export function detailOf (id: string, file: Connect.UsageFile | null): Connect.UsageFile | null {
  return file !== null && file.id === id && statusOf(file) !== null && fieldsOf(file.records) !== null ? file : null
}

/** Null when Connect does not show the id. Connect documents the flat fields, and sends both forms. */
export function productIdOf (file: Connect.UsageFile): string | null {
  return productOf(file as Fields)?.id ?? null
}

export function contractIdOf (file: Connect.UsageFile): string | null {
  return contractOf(file)?.id ?? null
}

function contractOf ({ contract, distribution_contract: flat }: Connect.UsageFile): Reference | null {
  return reference(contract ?? flat)
}

function periodOf (given: Fields): UsageFile['period'] {
  const period = fieldsOf(given['period'])
  const from = time(period?.['from'] ?? given['start_datetime_utc'])
  const to = time(period?.['to'] ?? given['end_datetime_utc'], 'end')
  return from === null && to === null ? null : { from, to }
}

function productOf (given: Fields): IconReference | null {
  if (given['product'] !== undefined && given['product'] !== null) return iconReference(given['product'])
  const flat = { id: given['product_id'], name: given['product_name'], icon: given['product_icon'] }
  return Object.values(flat).every(value => value === undefined || value === null) ? null : iconReference(flat)
}

function recordsOf (file: Fields): NonNullable<UsageFile['records']> {
  const given = fieldsOf(file['records'])
  const [valid, invalid, closed] = [counter(given?.['valid']), counter(given?.['invalid']), counter(given?.['closed'])]
  // Connect counts a closed or a rejected record as valid, too. A rejected record is at no stage of `stats`.
  const notClosed = Math.max(0, valid - closed)
  return { valid, invalid, closed, openRecords: Math.min(notClosed, atStages(file['stats']) ?? notClosed) }
}

/** The number of records at the stages before their close; null when Connect shows none of the three counters. */
function atStages (value: unknown): number | null {
  const given = fieldsOf(value) ?? {}
  const shown = ['validated', 'pending', 'accepted'].filter(stage => integer(given[stage]) !== null)
  return shown.length === 0 ? null : shown.reduce((sum, stage) => sum + counter(given[stage]), 0)
}

/** Paths of this API: Connect's own links need no credential, so callers do not get them. */
function filesOf (given: Fields, id: string): NonNullable<UsageFile['files']> {
  const path = (uri: string, name: string): string | null =>
    identifier(given[uri]) !== null ? `${filePath(id)}/files/${name}` : null
  return {
    uploaded: path('usage_file_uri', 'uploaded'),
    processed: path('processed_file_uri', 'processed'),
    reconciliation: path('reconciliation_file_uri', 'reconciliation')
  }
}
