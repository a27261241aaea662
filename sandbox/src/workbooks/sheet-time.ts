import type { CellValue } from './cell-value.ts'

/** The hour may have one digit: Python's strptime allows it, so files that Connect accepts have it. */
const written = /^(\d{4})-(\d{2})-(\d{2}) (\d{1,2}):(\d{2}):(\d{2})$/

/** Reads a text `YYYY-MM-DD h:mm:ss` or a date cell. Gives ISO 8601 with `+00:00`, as Connect's API does. */
export function readSheetTime (value: CellValue | undefined): string | null {
  if (value instanceof Date) {
    // Excel keeps a time as a fraction of a day, so a whole second may be read with a small error.
    return isoTime(new Date(Math.round(value.getTime() / 1000) * 1000))
  }
  if (typeof value !== 'string') return null
  const parts = written.exec(value.trim())?.slice(1).map(Number)
  if (parts === undefined) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC reads 30 February as a day in March, and years below 100 as 19xx.
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second
  return same ? isoTime(date) : null
}

/** Gives a time as a sheet writes it, `YYYY-MM-DD hh:mm:ss` in UTC; an empty text for an invalid one. */
export function sheetTime (moment: Date): string {
  return (isoTime(moment) ?? '').slice(0, 19).replace('T', ' ')
}

function isoTime (date: Date): string | null {
  const time = date.getTime()
  if (!Number.isFinite(time) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return null
  return `${date.toISOString().slice(0, 19)}+00:00`
}
