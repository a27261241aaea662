import type { CellValue } from './cell-value.ts'

/** The hour may lack its leading zero: Python's strptime, and so files accepted by Connect, allow it. */
const written = /^(\d{4})-(\d{2})-(\d{2}) (\d{1,2}):(\d{2}):(\d{2})$/

/**
 * Takes a cell of a `…_time_utc` column, text `YYYY-MM-DD h:mm:ss` or a real date cell; gives the
 * moment as ISO 8601 with `+00:00`, as Connect's API writes it, or null when it is no moment.
 */
export function readSheetTime (value: CellValue | undefined): string | null {
  if (value instanceof Date) {
    // A serial number is a fraction of a day, so a whole second comes back a few milliseconds off.
    return isoTime(new Date(Math.round(value.getTime() / 1000) * 1000))
  }
  if (typeof value !== 'string') return null
  const parts = written.exec(value.trim())?.slice(1).map(Number)
  if (parts === undefined) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC rolls 30 February over to March, and reads years below 100 as 19xx.
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second
  return same ? isoTime(date) : null
}

/** Takes a moment; gives it as a sheet writes it, `YYYY-MM-DD hh:mm:ss` UTC, or '' when it is no moment. */
export function sheetTime (moment: Date): string {
  return (isoTime(moment) ?? '').slice(0, 19).replace('T', ' ')
}

function isoTime (date: Date): string | null {
  const time = date.getTime()
  if (!Number.isFinite(time) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return null
  return `${date.toISOString().slice(0, 19)}+00:00`
}
