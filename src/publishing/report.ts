import type { PublishUsageReportBody } from '../../schemas/usage-report-input.ts'
import type { FileStatus, UsageFile } from '../../schemas/usage-file.ts'
import type { ReportState } from '../../schemas/usage-report.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { Download, UploadBody } from '../connect/api.ts'
import type { WorkbookPeriod } from '../usage/check-period.ts'
import type { LookUps } from '../usage/look-ups.ts'

/** What a caller wants to be published. */
export interface Report {
  readonly externalId: string
  readonly header: PublishUsageReportBody
  readonly isSubmitted: boolean
  /** Whether the subscriptions of the rows are looked up in Connect. */
  readonly hasAssets: boolean
}

/** How the rows are checked. */
export interface CheckedAs {
  readonly schema: NonNullable<UsageFile['schema']>
  readonly period: WorkbookPeriod | null
  readonly lookUps: LookUps
}

/** The rows of the report, checked and ready to be sent. */
export interface ReportRows {
  readonly check: UsageCheck
  /** The digest of src/tables/digest.ts. */
  readonly digest: string
  /**
   * Calls `send` with the form for Connect and gives its result. `beforeLastBytes` is awaited before Connect can have
   * the whole form. `signal` of `send` ends the upload while Connect does not have all of it.
   */
  readonly upload: <Result>(beforeLastBytes: () => Promise<void>, send: SendForm<Result>) => Promise<Result>
}

export type SendForm<Result> = (body: UploadBody, signal: AbortSignal) => Promise<Result>

/** The rows as they came, in temporary files. */
export interface ReceivedRows {
  /** Throws ROWS_INVALID for rows with errors, and other AppErrors for what is no table. */
  readonly check: (as: CheckedAs) => Promise<ReportRows>
  /** Gives the digest of a workbook of Connect; null for one that cannot be read as a table. */
  readonly digestOf: (download: Download) => Promise<string | null>
}

const STATES: Readonly<Record<Exclude<FileStatus, 'deleted'>, ReportState>> = {
  draft: 'processing',
  uploading: 'processing',
  processing: 'processing',
  // Where a file rests in `uploaded`, Connect takes a submit.
  uploaded: 'ready',
  invalid: 'invalid',
  ready: 'ready',
  pending: 'submitted',
  rejected: 'rejected',
  accepted: 'accepted',
  closed: 'closed'
}

/** Gives the state of a report from the status of its file at rest; null for `deleted` and for an unknown status. */
export function stateOf (status: FileStatus | null): ReportState | null {
  return status === null || status === 'deleted' ? null : STATES[status]
}

/** The statuses in which a file takes an upload: a draft its first one, the others one that replaces their rows. */
const FILLABLE: readonly (FileStatus | null)[] = ['draft', 'invalid', 'ready', 'uploaded', 'rejected']

/** Whether a file has been submitted, and was not rejected. */
export function isSubmitted (status: FileStatus | null): boolean {
  return status === 'pending' || status === 'accepted' || status === 'closed'
}

export function isFillable (status: FileStatus | null): boolean {
  return FILLABLE.includes(status)
}
