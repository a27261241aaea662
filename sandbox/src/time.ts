/** Connect writes microseconds and an offset; JavaScript has milliseconds and a Z. */
export function toTimestamp (time: Date | number, micros = 0): string {
  const iso = new Date(time).toISOString()
  return `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}+00:00`
}

/** The older spelling: whole seconds and a Z. */
export function toOldTimestamp (time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** Whole seconds with an offset: periods, and the windows of records. */
export function toSeconds (time: Date | number): string {
  return `${new Date(time).toISOString().slice(0, 19)}+00:00`
}

/** `YYYY-MM-DD hh:mm:ss`, as workbooks have it. */
export function toSheetTime (iso: string): string {
  return new Date(iso).toISOString().slice(0, 19).replace('T', ' ')
}
