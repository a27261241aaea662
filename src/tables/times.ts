/** A time with a zone, such as `2026-10-31T08:00:00+02:00`. Seconds may be absent, or have zeros after the point. */
const ZONED = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?(Z|[+-]\d\d:?\d\d)$/i
const DAY_MS = 86_400_000
/** The serial number of 10000-01-01, counted from 1900. A spreadsheet stores a time as such a number, in days. */
const SERIAL_MAX = 2_958_466
/** The date from which serial numbers count days, in workbooks that count from 1900 and from 1904. */
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)
/**
 * The serial number of 1900-03-01. Spreadsheets that count from 1900 give 60 to 29 February 1900, a day that did not
 * exist. So a day is added to each smaller number.
 */
const MARCH_1900 = 61

/**
 * Gives a time in the form ZONED as `YYYY-MM-DD hh:mm:ss` in UTC, for the years 1 to 9999. Gives other texts unchanged,
 * such as a time that does not exist.
 */
export function toWorkbookTime (text: string): string {
  const parts = ZONED.exec(text)
  if (parts === null) return text
  const [, year, month, day, hour, minute, second = '00', zone = 'Z'] = parts
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const ms = Date.parse(`${local}Z`)
  // Date.parse reads 30 February as a day in March, and 24:00 as the next day. Then the result has other digits than
  // the text, which is given unchanged.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(local)) return text
  const offset = offsetMinutes(zone)
  if (offset === null) return text
  const utc = new Date(ms - offset * 60_000)
  return utc.getUTCFullYear() > 9999 || utc.getUTCFullYear() < 1 ? text : inWorkbook(utc)
}

const YEAR_10000 = Date.UTC(10_000, 0)

/** Gives the time of a serial number, rounded to seconds. Null below 0, after the year 9999, and for NaN. */
export function timeOfSerial (serial: number, is1904: boolean): string | null {
  if (!(serial >= 0 && serial < SERIAL_MAX)) return null
  const day = is1904 || serial >= MARCH_1900 ? serial : serial + 1
  const ms = (is1904 ? EPOCH_1904 : EPOCH_1900) + Math.round(day * (DAY_MS / 1000)) * 1000
  return ms < YEAR_10000 ? inWorkbook(new Date(ms)) : null
}

function offsetMinutes (zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function inWorkbook (time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}
