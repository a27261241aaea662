import { NOT_BLANK, TRIMMED } from '../../schemas/patterns.ts'
import { AppError, type FieldError } from '../errors/app-error.ts'
import { textFault } from '../errors/text-fault.ts'
import { decoded, malformed } from './decoded-body.ts'
import { JsonRecords, MalformedJson, parse } from './json-records.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

export interface Defaults { externalBillingId: string | null, externalBillingNote: string | null }

const MAX_ERRORS = 100
const MAX_LINE_CHARS = 16_384
const MAX_TEXT_CHARS = 255
const ID = /^UR(-[0-9]{1,12}){2,9}$/
const FIELDS: ReadonlySet<string> = new Set(['id', 'externalBillingId', 'externalBillingNote'])
const BILLING_FIELDS: ReadonlySet<string> = new Set(['externalBillingId', 'externalBillingNote'])
const MEMBERS: ReadonlySet<string> = new Set(['records', ...BILLING_FIELDS])
const EMPTY_LINE = /^\s*$/
const HAS_VISIBLE = new RegExp(NOT_BLANK.pattern, 'u')
const IS_TRIMMED = new RegExp(TRIMMED.pattern, 'u')

/** Collects faults by place. Throws VALIDATION_FAILED at the hundredth, so that no more of the body is read. */
class Faults {
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
 * Takes in `application/x-ndjson`, one record a line, each with its own billing id. Throws AppError that names the bad
 * lines, at the end or at the hundredth fault; the records are then not to be used.
 */
export async function receiveNdjson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  let line = 0
  const take = (text: string): void => {
    line += 1
    if (text.length > MAX_LINE_CHARS) throw malformed(`Line ${line} is too long.`)
    if (EMPTY_LINE.test(text)) return
    const place = `line ${line}`
    const value = tryParse(text)
    if (value === undefined) faults.add(place, 'is not JSON')
    else takeRecord(value, text, place, true, records, faults)
  }
  let rest = ''
  for await (const piece of decoded(body)) {
    const text = rest + piece
    let at = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', at)) {
      take(text.slice(at, end))
      at = end + 1
    }
    rest = text.slice(at)
    if (rest.length > MAX_LINE_CHARS) throw malformed(`Line ${line + 1} is too long.`)
    if (records.isFull) await records.flush()
  }
  if (rest !== '') take(rest)
  await finish(records, faults)
  return { externalBillingId: null, externalBillingNote: null }
}

/**
 * Takes in the JSON form, `{ "records": [ … ], "externalBillingId", "externalBillingNote" }`; gives the defaults,
 * which may stand before or after the records. Throws AppError as above.
 */
export async function receiveJson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  const without: string[] = []
  let index = 0
  const json = new JsonRecords((value, text) => {
    const place = `records[${index++}]`
    const hasOwn = takeRecord(value, text, place, false, records, faults)
    if (!hasOwn && without.length < MAX_ERRORS) without.push(place)
  }, (name) => {
    if (MEMBERS.has(name)) return
    // At once: there is no bound on the number of such members.
    const hint = name === 'id' ? ': send one record a line as application/x-ndjson' : ''
    faults.add(`body.${shortName(name)}`, `is not known here${hint}`)
    faults.throwIfAny()
  })
  try {
    for await (const piece of decoded(body)) {
      json.push(piece)
      if (records.isFull) await records.flush()
    }
    json.finish()
  } catch (error) {
    throw error instanceof MalformedJson ? malformed(`The body is not well-formed JSON: ${error.message}.`) : error
  }
  const wrong = json.members.get('records')
  if (!json.members.has('records')) faults.add('body.records', 'is required')
  else if (wrong !== undefined) faults.add('body.records', 'must be an array')
  const hasDefault = json.members.has('externalBillingId')
  const defaults = {
    externalBillingId: billingText(json.members.get('externalBillingId'), 'externalBillingId', 'body', faults),
    externalBillingNote: billingText(json.members.get('externalBillingNote'), 'externalBillingNote', 'body', faults)
  }
  if (!hasDefault) {
    for (const place of without) faults.add(`${place}.externalBillingId`, 'is required: there is no default')
  }
  await finish(records, faults)
  return defaults
}

/** Takes in `{ "externalBillingId", "externalBillingNote" }` alone. */
export async function receiveBilling (body: AsyncIterable<Buffer>): Promise<Defaults> {
  const faults = new Faults()
  let text = ''
  for await (const piece of decoded(body)) text += piece
  const value = tryParse(text)
  if (value === undefined) throw malformed('The body is not well-formed JSON.')
  const billing = asObject(value, 'body', faults)
  if (billing === null) {
    faults.throwIfAny()
    return { externalBillingId: null, externalBillingNote: null }
  }
  const before = faults.count
  checkNames(billing, BILLING_FIELDS, 'body', faults)
  const externalBillingId = billingText(billing['externalBillingId'], 'externalBillingId', 'body', faults)
  if (billing['externalBillingId'] === undefined) faults.add('body.externalBillingId', 'is required')
  const externalBillingNote = billingText(billing['externalBillingNote'], 'externalBillingNote', 'body', faults)
  if (faults.count === before) checkOnce(billing, text, 'body', faults)
  faults.throwIfAny()
  return { externalBillingId, externalBillingNote }
}

async function finish (records: SpooledRecords, faults: Faults): Promise<void> {
  if (records.count === 0 && faults.count === 0) faults.add('body', 'has no record')
  faults.throwIfAny()
  await records.flush()
}

/** Checks a record and keeps it; tells whether it has a billing id of its own. */
function takeRecord (
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
  // Counted even where it is bad; once there is a fault nothing of the list is used, and nothing need be kept.
  if (faults.count === 0) records.append(checked)
  return record === null || record['externalBillingId'] !== undefined
}

function asObject (value: unknown, place: string, faults: Faults): Record<string, unknown> | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  faults.add(place, 'must be an object')
  return null
}

function checkNames (value: Record<string, unknown>, known: ReadonlySet<string>, place: string, faults: Faults): void {
  for (const name of Object.keys(value)) {
    if (!known.has(name)) faults.add(`${place}.${shortName(name)}`, 'is not known here')
  }
}

/**
 * A member given twice would win in silence, and it is money. Takes an object of known names, with texts or null for
 * values, and the text it was read from.
 */
function checkOnce (value: Record<string, unknown>, text: string, place: string, faults: Faults): void {
  if (!text.includes('\\') && quotesIn(text) === quotesOf(value)) return
  if (colonsIn(text) !== Object.keys(value).length) faults.add(place, 'has a field twice')
}

/** Colons outside of strings: one for each member, at any depth. */
function colonsIn (text: string): number {
  let count = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') isString = !isString
    else if (char === '\\') at += 1
    else if (char === ':' && !isString) count += 1
  }
  return count
}

/** Without escapes every quote bounds a name or a text, and a member more has two more at least. Faster than colons. */
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

/** A copy: a part of a string keeps the whole of it in memory. */
function shortName (name: string): string {
  return Buffer.from(name.slice(0, 64)).toString()
}

function billingText (
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
  // It would make Connect refuse, or fail, its whole batch.
  const fault = textFault(value)
  if (fault === null) return value
  faults.add(`${place}.${name}`, fault)
  return null
}

/** Counts characters as JSON Schema does (RFC 8259: code points), not JavaScript's halves of them. */
function isLonger (text: string, max: number): boolean {
  return text.length > max && (text.length > 2 * max || [...text].length > max)
}

function tryParse (text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
