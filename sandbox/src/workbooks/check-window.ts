import { cellText, clip } from './cell-text.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { RowReader } from './row-reader.ts'
import { readSheetTime } from './sheet-time.ts'
import type { Catalog } from './types.ts'

export interface Window { start: string | null, end: string | null }

/** Gives the start and the end of a row's usage, and reports their faults. A missing or wrong time is null. */
export function checkWindow (reader: RowReader, { period, late, future }: Catalog): Window {
  const start = checkTime(reader, 'start_time_utc')
  const end = checkTime(reader, 'end_time_utc')
  if (start === null || end === null) return { start, end }
  if (Date.parse(end) < Date.parse(start)) {
    reader.fail(rowErrorCodes.endBeforeStart, 'end_time_utc', 'end_time_utc is before start_time_utc')
  } else if (!late && Date.parse(end) < Date.parse(period.from)) {
    reader.fail(
      rowErrorCodes.outsidePeriod,
      'end_time_utc',
      'The usage ended before the period of the file and the product takes no late usage'
    )
  } else if (!future && Date.parse(start) > Date.parse(period.to)) {
    reader.fail(
      rowErrorCodes.outsidePeriod,
      'start_time_utc',
      'The usage starts after the period of the file and the product takes no future usage'
    )
  }
  return { start, end }
}

function checkTime (reader: RowReader, column: string): string | null {
  if (reader.needed(column) === null) return null
  const value = reader.value(column)
  const time = readSheetTime(value)
  if (time === null) {
    reader.fail(
      rowErrorCodes.badTime,
      column,
      `${column} must be an existing time written YYYY-MM-DD hh:mm:ss, not "${clip(cellText(value) ?? '', 40)}"`
    )
  }
  return time
}
