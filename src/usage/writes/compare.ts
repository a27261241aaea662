import { identifier, text, time } from '../mapping/normalize.ts'

/**
 * Gives the only listed object that is new (not in `before`) and `fits` what was sent. Null when no listed object is
 * new; undefined when there are new ones, and none or several of them fit.
 */
export function newObject<Found extends { readonly id?: unknown }> (
  listed: readonly Found[], before: ReadonlySet<string>, fits: (found: Found) => boolean
): Found | null | undefined {
  const added = listed.filter(one => !before.has(identifier(one.id) ?? ''))
  if (added.length === 0) return null
  const ours = added.filter(fits)
  return ours.length === 1 ? ours[0] : undefined
}

/**
 * Whether Connect shows another text than the one that was sent. False also when only white space differs, when Connect
 * shows no text or an empty one, and when no text was sent.
 */
export function isOtherText (shown: unknown, sent: string | null | undefined): boolean {
  const found = text(shown)
  return found !== null && found !== '' && typeof sent === 'string' && collapsed(found) !== collapsed(sent)
}

/** Whether Connect shows another id than the one that was sent. False also when it shows none, or none was sent. */
export function isOtherId (shown: unknown, sent: string | null | undefined): boolean {
  const found = identifier(shown)
  return found !== null && typeof sent === 'string' && found !== sent
}

export function isOtherKind (shown: unknown, prefix: 'UF-' | 'RCF-'): boolean {
  const found = identifier(shown)
  return found !== null && !found.startsWith(prefix)
}

function collapsed (given: string): string {
  return given.trim().replace(/\s+/g, ' ')
}

/**
 * Whether a value is shown as it was before, when a write was to change it to `wanted`. False when the value is not
 * shown (`after` undefined), and when the write was not to change it. Null counts as an empty text. `read` gives the
 * form in which the values are compared, for example `trimmed`, because Connect trims texts.
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

/** Gives times a form that sorts by time: in UTC, no zeros at the end of a fraction. Other texts stay as they are. */
export function instant (value: unknown): string | null {
  const utc = time(value)
  return utc === null ? text(value) : utc.slice(0, -1).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}
