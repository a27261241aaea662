import type { Download } from '../connect/api.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-file.ts'
import { openWorkbook } from '../usage/workbook.ts'
import { uploadedAt } from '../usage/writes/file-operations.ts'
import { changedMeanwhile, stillInDoubt, type EarlierWrite } from './claim.ts'
import { isFillable, type ReceivedRows } from './report.ts'

/** `read` reads the usage file of the report again. `follow` downloads the file behind a signed link. */
export interface Reader {
  read: () => Promise<Connect.UsageFile>
  follow: (link: string) => Promise<Download>
}

/**
 * Whether the uploaded workbook has the rows with this digest. Null when Connect gives no workbook, or one that is no
 * table or is too large to be read. Nothing else in Connect tells all rows and categories.
 */
export async function holdsRows (
  file: Connect.UsageFile, digest: string, rows: ReceivedRows, { read, follow }: Reader
): Promise<boolean | null> {
  if (statusOf(file) === 'draft') return false
  // The first link comes from `file`, so the file is read again only when that link has expired.
  let known: Connect.UsageFile | null = file
  try {
    const download = await openWorkbook('uploaded', async () => {
      const one = known ?? await read()
      known = null
      return one
    }, follow)
    const held = await rows.digestOf(download)
    return held === null ? null : held === digest
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return null
    throw error
  }
}

export function requireFillable (file: Connect.UsageFile): void {
  const status = statusOf(file)
  if (isFillable(status)) return
  if (status === null) throw unknownStatus()
  throw new AppError('REPORT_DIFFERS', `The usage file is ${status} and holds other rows. Nothing was changed.`, {
    extra: { fileIds: [identifier(file.id)], currentStatus: status }
  })
}

/**
 * Throws REPORT_IN_FLIGHT when Connect may still work on an upload or a submit of an earlier request with other rows,
 * and the file does not show another status or time of upload than before that write.
 */
export function requireNoDoubt (file: Connect.UsageFile, digest: string, earlier: EarlierWrite | null): void {
  if (earlier === null || earlier.step === 'create' || earlier.isOver || earlier.digest === digest) return
  const { before } = earlier
  const isAsBefore = before === null || (before['status'] === file.status && before['uploadedAt'] === uploadedAt(file))
  if (isAsBefore) throw stillInDoubt(earlier, identifier(file.id))
}

/**
 * Throws REPORT_IN_FLIGHT if `now`, the file as it was read before a write, has another status or time of upload than
 * `compared`, or was not read.
 */
export function requireUnchanged (compared: Connect.UsageFile, now: Connect.UsageFile | null): void {
  const isSame = now !== null && uploadedAt(now) === uploadedAt(compared) && statusOf(now) === statusOf(compared)
  if (!isSame) throw changedMeanwhile(identifier(compared.id))
}

export function unknownStatus (): AppError {
  return new AppError('UPSTREAM_INVALID', 'Connect did not tell where the usage file stands.')
}
