import { identifier, text, time } from '../mapping/normalize.ts'

/**
 * Gives the object that a create made: the only listed one that is new and `fits` what was sent. `before` has the ids
 * that were listed before the create. Null when no object is new; undefined when several new ones fit, or none does.
 */
export function newObject<Found extends { readonly id?: unknown }> (
  listed: readonly Found[], before: ReadonlySet<string>, fits: (found: Found) => boolean
): Found | null | undefined {
  const added = listed.filter(one => !before.has(identifier(one.id) ?? ''))
  if (added.length === 0) return null
  const ours = added.filter(fits)
  return ours.length === 1 ? ours[0] : undefined
}

/** Whether Connect shows another text than the one that was sent. No text, and other white space, do not count. */
export function isOtherText (shown: unknown, sent: string | null | undefined): boolean {
  const found = text(shown)
  return found !== null && found !== '' && typeof sent === 'string' && collapsed(found) !== collapsed(sent)
}

/** Whether Connect shows another id than the one that was sent. False when Connect shows none. */
export function isOtherId (shown: unknown, sent: string | null | undefined): boolean {
  const found = identifier(shown)
  return found !== null && typeof sent === 'string' && found !== sent
}

/** Whether an id that Connect shows is that of an object of another kind. The ids of a kind begin in the same way. */
export function isOtherKind (shown: unknown, prefix: 'UF-' | 'RCF-'): boolean {
  const found = identifier(shown)
  return found !== null && !found.startsWith(prefix)
}

function collapsed (given: string): string {
  return given.trim().replace(/\s+/g, ' ')
}

/**
 * Whether a value that the write was to change to `wanted` is shown as it was before. A value that the answer does not
 * show proves nothing, and neither does one that was not to change. `read` gives the form in which values are compared:
 * ids as they were sent, texts without white space at their ends (`trimmed`), because Connect trims those.
 */
export function isUntouched (
  before: unknown,
  after: unknown,
  wanted: string | null | undefined,
  read: (value: unknown) => string | null = text
): boolean {
  if (wanted === undefined || after === undefined) return false
  const [then, now, asked] = [before, after, wanted].map(value => read(value) ?? '')
  return now === then && now !== asked
}

export function trimmed (value: unknown): string {
  return (text(value) ?? '').trim()
}

/**
 * One form for each moment, for comparisons: in UTC without a zone and without zeros at the end, so that it sorts by
 * time. A text that is no time stays as it is; null for what is no text.
 */
export function instant (value: unknown): string | null {
  const utc = time(value)
  return utc === null ? text(value) : utc.slice(0, -1).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}
