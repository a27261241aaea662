import type { UsageFile } from '../../schemas/usage-file.ts'
import { AppError, invalidField } from '../errors/app-error.ts'
import { time } from './mapping/normalize.ts'

/** A period with times as a workbook has them: `YYYY-MM-DD hh:mm:ss` in UTC. */
export interface WorkbookPeriod { readonly from: string, readonly to: string }

/**
 * Gives the period of a query. A date in `to` becomes the end of its day. Null when both times are missing. Throws
 * VALIDATION_FAILED when one is missing, or is a time that does not exist.
 */
export function periodOfQuery (from: string | undefined, to: string | undefined): WorkbookPeriod | null {
  if (from === undefined && to === undefined) return null
  if (from === undefined) throw invalidField('query.from', 'is required with to')
  if (to === undefined) throw invalidField('query.to', 'is required with from')
  const [begin, end] = [time(from), time(to, 'end')]
  if (begin === null) throw invalidField('query.from', 'is not a time that exists')
  if (end === null) throw invalidField('query.to', 'is not a time that exists')
  return { from: inWorkbook(begin), to: inWorkbook(end) }
}

/**
 * Gives the schema and the period by which the rows of a usage file are checked. The period is null unless Connect
 * shows both times. Throws UPSTREAM_INVALID when Connect shows no known schema.
 */
export function checkedAs (
  { schema, period }: Pick<UsageFile, 'schema' | 'period'>
): { schema: NonNullable<UsageFile['schema']>, period: WorkbookPeriod | null } {
  if (schema === null) throw new AppError('UPSTREAM_INVALID', 'Connect did not tell the schema of the usage file.')
  const { from = null, to = null } = period ?? {}
  return { schema, period: from === null || to === null ? null : { from: inWorkbook(from), to: inWorkbook(to) } }
}

/** Gives a period as a workbook has it. A date in `to` becomes the end of its day. Null when a time does not exist. */
export function workbookPeriod ({ from, to }: { readonly from: string, readonly to: string }): WorkbookPeriod | null {
  const [begin, end] = [time(from), time(to, 'end')]
  return begin === null || end === null ? null : { from: inWorkbook(begin), to: inWorkbook(end) }
}

function inWorkbook (utc: string): string {
  return utc.slice(0, 19).replace('T', ' ')
}
