/** Connect's form of a time: microseconds and `+00:00`. `micros` (0 to 999) are the digits after the milliseconds. */
export function toTimestamp (time: Date | number, micros = 0): string {
  const iso = new Date(time).toISOString()
  return `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}+00:00`
}

/** Gives a time as older answers of Connect have it: whole seconds and a `Z`. */
export function toOldTimestamp (time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** Gives a time in whole seconds with `+00:00`, as the periods of files and the start and end of records have it. */
export function toSeconds (time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}+00:00`
}

/** Gives a time as workbooks have it: `YYYY-MM-DD hh:mm:ss` in UTC. */
export function toSheetTime (iso: string): string {
  return new Date(iso).toISOString().slice(0, 19).replace('T', ' ')
}

/** Whether the day with which a text such as `2026-10-31T12:00` begins exists. `Date` reads 30 February as 2 March. */
export function isRealDay (text: string): boolean {
  const day = text.slice(0, 10)
  const read = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 10) === day
}
