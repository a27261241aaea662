import { NOT_BLANK, RECORD_ID, TRIMMED } from '../../schemas/patterns.ts'
import { AppError, type FieldError } from '../errors/app-error.ts'
import { textFault } from '../errors/text-fault.ts'
import { repeatedMember } from '../limits/repeated-member.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

/** The most faults of a body that are collected. At this number of faults the rest of the body is not checked. */
export const MAX_ERRORS = 100
const MAX_TEXT_CHARS = 255
const ID = new RegExp(RECORD_ID)
const FIELDS: ReadonlySet<string> = new Set(['id', 'externalBillingId', 'externalBillingNote'])
const HAS_VISIBLE = new RegExp(NOT_BLANK.pattern, 'u')
const IS_TRIMMED = new RegExp(TRIMMED.pattern, 'u')

/** Collects the faults of a body. `add` throws VALIDATION_FAILED with all faults when there are MAX_ERRORS of them. */
export class Faults {
  readonly #errors: FieldError[] = []

  get count (): number {
    return this.#errors.length
  }

  add (path: string, message: string): void {
    this.#errors.push({ path, message })
    if (this.#errors.length === MAX_ERRORS) this.throwIfAny()
  }

  throwIfAny (): void {
    const [first] = this.#errors
    if (first === undefined) return
    const { length } = this.#errors
    const count = length === 1 ? '1 fault' : `${length}${length < MAX_ERRORS ? '' : ' or more'} faults`
    const detail = `${count} in the body, the first: ${first.path} ${first.message}. Nothing was sent.`
    throw new AppError('VALIDATION_FAILED', detail, { errors: this.#errors })
  }
}

/**
 * Checks a record that was parsed from `text`. Adds its faults to `faults`, with paths that begin with `place`. Appends
 * it to `records` as long as `faults` is empty. With `needsOwn`, a record must have a billing id of its own. Gives
 * false for an object without the member `externalBillingId`; true for everything else, also for a value that is no
 * object.
 */
export function takeRecord (
  value: unknown,
  text: string,
  place: string,
  needsOwn: boolean,
  records: SpooledRecords,
  faults: Faults
): boolean {
  const before = faults.count
  const record = asObject(value, place, faults)
  let checked: RecordToClose = { id: '', externalBillingId: null, externalBillingNote: null }
  if (record !== null) {
    checkNames(record, FIELDS, place, faults)
    const { id } = record
    if (typeof id !== 'string' || !ID.test(id)) {
      faults.add(`${place}.id`, id === undefined ? 'is required' : 'is not the id of a usage record')
    }
    const externalBillingId = billingText(record['externalBillingId'], 'externalBillingId', place, faults)
    const externalBillingNote = billingText(record['externalBillingNote'], 'externalBillingNote', place, faults)
    if (needsOwn && record['externalBillingId'] === undefined) faults.add(`${place}.externalBillingId`, 'is required')
    if (faults.count === before) checkOnce(record, text, place, faults)
    checked = { id: typeof id === 'string' ? id : '', externalBillingId, externalBillingNote }
  }
  // After a fault `records` is not used, so no further record is appended.
  if (faults.count === 0) records.append(checked)
  return record === null || record['externalBillingId'] !== undefined
}

export function asObject (value: unknown, place: string, faults: Faults): Record<string, unknown> | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  faults.add(place, 'must be an object')
  return null
}

export function checkNames (
  value: Record<string, unknown>, known: ReadonlySet<string>, place: string, faults: Faults
): void {
  for (const name of Object.keys(value)) {
    if (!known.has(name)) faults.add(`${place}.${shortName(name)}`, 'is not known here')
  }
}

/**
 * Adds a fault when a field stands twice in `text`, from which the object was parsed. The object may have known fields
 * only, each with a text or null. Then a text without a backslash, with as many quotes as the object needs, has no
 * field twice. Only other texts are read member by member, which takes much longer.
 */
export function checkOnce (value: Record<string, unknown>, text: string, place: string, faults: Faults): void {
  if (!text.includes('\\') && quotesIn(text) === quotesOf(value)) return
  if (repeatedMember(text) !== null) faults.add(place, 'has a field twice')
}

function quotesIn (text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1
  return count
}

function quotesOf (value: Record<string, unknown>): number {
  let count = 0
  for (const name of Object.keys(value)) count += typeof value[name] === 'string' ? 4 : 2
  return count
}

/** Gives the first 64 characters of a name, as a copy: a part of a string would keep the whole string in memory. */
export function shortName (name: string): string {
  return Buffer.from(name.slice(0, 64)).toString()
}

export function billingText (
  value: unknown,
  name: 'externalBillingId' | 'externalBillingNote',
  place: string,
  faults: Faults
): string | null {
  const isId = name === 'externalBillingId'
  if (value === undefined || (value === null && !isId)) return null
  if (typeof value !== 'string' || isLonger(value, MAX_TEXT_CHARS) || (isId && !HAS_VISIBLE.test(value))) {
    faults.add(
      `${place}.${name}`,
      isId ? 'must be a text of 1 to 255 characters' : 'must be a text of at most 255 characters'
    )
    return null
  }
  if (isId && !IS_TRIMMED.test(value)) {
    faults.add(`${place}.${name}`, 'must not begin or end with white space')
    return null
  }
  // Connect refuses a whole batch, or fails, for certain control characters or half a surrogate pair in one text.
  const fault = textFault(value)
  if (fault === null) return value
  faults.add(`${place}.${name}`, fault)
  return null
}

/** Whether a text has more than `max` code points. JSON Schema counts these; JavaScript counts some of them twice. */
function isLonger (text: string, max: number): boolean {
  return text.length > max && (text.length > 2 * max || [...text].length > max)
}
