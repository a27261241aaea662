import { isUtf8 } from 'node:buffer'
import { setImmediate as immediate } from 'node:timers/promises'
import { AppError, type FieldError } from '../errors/app-error.ts'
import { textFault } from '../errors/text-fault.ts'
import { JsonRecords, MalformedJson, parse } from './json-records.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

export interface Defaults { externalBillingId: string | null, externalBillingNote: string | null }

const MAX_ERRORS = 100
const MAX_LINE_CHARS = 16_384
const MAX_TEXT_CHARS = 255
const PIECE_BYTES = 8192
/** After so long in one turn of the event loop other requests get theirs. */
const MAX_TURN_MS = 20
const ID = /^UR(-[0-9]{1,12}){2,9}$/
const FIELDS: ReadonlySet<string> = new Set(['id', 'externalBillingId', 'externalBillingNote'])
const BILLING_FIELDS: ReadonlySet<string> = new Set(['externalBillingId', 'externalBillingNote'])
const MEMBERS: ReadonlySet<string> = new Set(['records', ...BILLING_FIELDS])
/** Names that stand before a colon: a member given twice would win in silence, and it is money. */
const MEMBER = /"(?:[^"\\]|\\.)*"\s*:/g
const BLANK = /^\s*$/

/** Collects faults by place and throws them all at the end, or at the hundredth: the rest of the body is not read then. */
class Faults {
  readonly #errors: FieldError[] = []
  #count = 0

  get count (): number {
    return this.#count
  }

  add (path: string, message: string): void {
    this.#count += 1
    this.#errors.push({ path, message })
    if (this.#count === MAX_ERRORS) this.throwIfAny()
  }

  throwIfAny (): void {
    if (this.#count === 0) return
    const first = `${this.#errors[0]?.path} ${this.#errors[0]?.message}`
    const many = this.#count === MAX_ERRORS ? `${MAX_ERRORS} faults or more` : `${this.#count} fault${this.#count === 1 ? '' : 's'}`
    throw new AppError('VALIDATION_FAILED', `${many} in the body, the first: ${first}. Nothing was sent.`, { errors: this.#errors })
  }
}

/**
 * Takes in `application/x-ndjson`, one record a line, each with its own billing id. Throws AppError naming every bad
 * line; the records are then not to be used.
 */
export async function receiveNdjson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  let line = 0
  const take = (text: string): void => {
    line += 1
    if (text.length > MAX_LINE_CHARS) throw malformed(`Line ${line} is too long.`)
    if (BLANK.test(text)) return
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
    // Nothing of it is read: its value, and the names after it, may be of any size and number.
    faults.add(`body.${name.slice(0, 64)}`, name === 'id' ? 'is not known here: one record a line is sent as application/x-ndjson' : 'is not known here')
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
function takeRecord (value: unknown, text: string, place: string, needsOwn: boolean, records: SpooledRecords, faults: Faults): boolean {
  const before = faults.count
  const record = asObject(value, place, faults)
  let checked: RecordToClose = { id: '', externalBillingId: null, externalBillingNote: null }
  if (record !== null) {
    checkNames(record, FIELDS, place, faults)
    const { id } = record
    if (typeof id !== 'string' || !ID.test(id)) faults.add(`${place}.id`, id === undefined ? 'is required' : 'is not the id of a usage record')
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
    if (!known.has(name)) faults.add(`${place}.${name.slice(0, 64)}`, 'is not known here')
  }
}

/** Takes an object of known names with texts or null for values, and what it was read from. */
function checkOnce (value: Record<string, unknown>, text: string, place: string, faults: Faults): void {
  if (!text.includes('\\') && quotesIn(text) === quotesOf(value)) return
  let left = Object.keys(value).length
  MEMBER.lastIndex = 0
  while (MEMBER.test(text)) left -= 1
  if (left !== 0) faults.add(place, 'has a field twice')
}

/** Without escapes every quote bounds a name or a text, and a member more has two more at least: a third of the time of MEMBER. */
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

function billingText (value: unknown, name: 'externalBillingId' | 'externalBillingNote', place: string, faults: Faults): string | null {
  const isId = name === 'externalBillingId'
  if (value === undefined || (value === null && !isId)) return null
  if (typeof value !== 'string' || isLonger(value, MAX_TEXT_CHARS) || (isId && BLANK.test(value))) {
    faults.add(`${place}.${name}`, isId ? 'must be a text of 1 to 255 characters' : 'must be a text of at most 255 characters')
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

/**
 * As text, in small pieces cut between characters. By way of Buffer, because TextDecoder makes strings of twice the
 * size; small, because V8 moves large strings to where they stay until the next full collection.
 */
async function * decoded (body: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = true
  let turnBeganAt = performance.now()
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES)
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const end = wholeCharacters(bytes)
      rest = Buffer.from(bytes.subarray(end))
      const whole = bytes.subarray(0, end)
      if (!isUtf8(whole)) throw malformed('The body is not UTF-8.')
      if (end === 0) continue
      const text = whole.toString('utf8')
      yield isFirst && text.startsWith('\ufeff') ? text.slice(1) : text
      isFirst = false
      if (performance.now() - turnBeganAt < MAX_TURN_MS) continue
      await immediate()
      turnBeganAt = performance.now()
    }
  }
  if (rest.length > 0) throw malformed('The body is not UTF-8.')
}

/** Where the last character that is whole ends. */
function wholeCharacters (bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < length ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function tryParse (text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function malformed (detail: string): AppError {
  return new AppError('MALFORMED_BODY', detail)
}
