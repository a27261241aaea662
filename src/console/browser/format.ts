const NUMBER_GROUPS = /\B(?=(\d{3})+$)/g

/** Groups digits: `12345.60` becomes `12 345.60`, null becomes `–`. A JavaScript number would lose digits. */
export function decimal (text: string | null): string {
  if (text === null) return '–'
  const [whole = '', fraction] = text.split('.')
  const grouped = whole.replace(NUMBER_GROUPS, '\u202f')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

export function count (value: number): string {
  return decimal(String(value))
}

/** Gives a number with its noun in the right form: `1 record`, `2 records`. */
export function plural (value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

export function money (amount: string | null, currency: string | null): string {
  return amount === null ? '–' : `${decimal(amount)} ${currency ?? ''}`.trimEnd()
}

/** Gives the date and the time of an ISO 8601 text in UTC without seconds, `2026-10-31 23:59`; `–` for null. */
export function moment (iso: string | null): string {
  return iso === null ? '–' : iso.slice(0, 16).replace('T', ' ')
}

export function day (iso: string | null): string {
  return iso === null ? '–' : iso.slice(0, 10)
}

export function period (value: { from: string | null, to: string | null } | null): string {
  return value === null ? '–' : `${day(value.from)} to ${day(value.to)}`
}

export function bytes (value: number): string {
  if (value < 1024) return `${value} B`
  const [size, unit] = value < 1024 ** 2 ? [value / 1024, 'KiB'] : [value / 1024 ** 2, 'MiB']
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`
}

/** Gives a name of the API as words for people: `close-records` becomes `Close records`. */
export function words (text: string): string {
  const plain = text.replaceAll(/[-_]/g, ' ').toLowerCase()
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}

/** Gives the first and the last day of the month before `now` in UTC, as the values of two date fields. */
export function lastMonth (now = new Date()): { from: string, to: string } {
  const at = (month: number, date: number): string =>
    new Date(Date.UTC(now.getUTCFullYear(), month, date)).toISOString().slice(0, 10)
  return { from: at(now.getUTCMonth() - 1, 1), to: at(now.getUTCMonth(), 0) }
}
