import type { PublishUsageReportBody } from '../../schemas/usage-report-input.ts'
import type { FileStatus, UsageFile } from '../../schemas/usage-file.ts'
import type { ReportState } from '../../schemas/usage-report.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { Download, UploadBody } from '../connect/api.ts'
import type { WorkbookPeriod } from '../usage/check-period.ts'
import type { LookUps } from '../usage/look-ups.ts'

export interface Report {
  readonly externalId: string
  readonly header: PublishUsageReportBody
  readonly isSubmitted: boolean
  /** Whether the subscriptions of the rows are looked up in Connect. */
  readonly hasAssets: boolean
}

/** The rules by which rows are checked. Without a period (null), the times of the rows may be any. */
export interface CheckedAs {
  readonly schema: NonNullable<UsageFile['schema']>
  readonly period: WorkbookPeriod | null
  readonly lookUps: LookUps
}

/** The rows of the report, checked and ready to be sent. */
export interface ReportRows {
  readonly check: UsageCheck
  readonly digest: string
  /**
   * Makes the form of an upload and gives it to `send`. Calls `beforeLastBytes`, and waits for it, before Connect can
   * have the whole form. The signal that `send` gets aborts only while Connect does not have the whole form.
   */
  readonly upload: <Result>(beforeLastBytes: () => Promise<void>, send: SendForm<Result>) => Promise<Result>
}

export type SendForm<Result> = (body: UploadBody, signal: AbortSignal) => Promise<Result>

/** The rows of a report as the caller sent them, in a temporary file. */
export interface ReceivedRows {
  /** Checks the rows, and makes a workbook of them if they are none. Throws ROWS_INVALID for rows with errors. */
  readonly check: (as: CheckedAs) => Promise<ReportRows>
  /** Gives the digest of a workbook of Connect; null when it is no table or is too large to be read. */
  readonly digestOf: (download: Download) => Promise<string | null>
}

const STATES: Readonly<Record<Exclude<FileStatus, 'deleted'>, ReportState>> = {
  draft: 'processing',
  uploading: 'processing',
  processing: 'processing',
  // On some tenants of Connect a file stays `uploaded` when it is checked, and can be submitted.
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

/** In these statuses a usage file takes an upload, which replaces the rows that it has. */
const FILLABLE: readonly (FileStatus | null)[] = ['draft', 'invalid', 'ready', 'uploaded', 'rejected']

export function isSubmitted (status: FileStatus | null): boolean {
  return status === 'pending' || status === 'accepted' || status === 'closed'
}

export function isFillable (status: FileStatus | null): boolean {
  return FILLABLE.includes(status)
}
