import { AppError, type FieldError } from '../errors/app-error.ts'
import { JsonRecords, MalformedJson, parse } from './json-records.ts'
import type { RecordToClose, SpooledRecords } from './spooled-records.ts'

export interface Defaults { externalBillingId: string | null, externalBillingNote: string | null }

const MAX_ERRORS = 100
const MAX_LINE_CHARS = 16_384
const ID = /^UR(-[0-9]{1,12}){2,9}$/
const FIELDS = ['id', 'externalBillingId', 'externalBillingNote']
/** Names that stand before a colon: a member given twice would win in silence, and it is money. */
const MEMBER = /"(?:[^"\\]|\\.)*"\s*:/g

/** Collects faults by place and throws them all at the end, the first hundred named. */
class Faults {
  readonly #errors: FieldError[] = []
  #count = 0

  add (path: string, message: string): void {
    this.#count += 1
    if (this.#errors.length < MAX_ERRORS) this.#errors.push({ path, message })
  }

  throwIfAny (): void {
    if (this.#count === 0) return
    const first = this.#errors[0]
    throw new AppError('VALIDATION_FAILED', `${this.#count} fault${this.#count === 1 ? '' : 's'} in the body, the first: ${first?.path} ${first?.message}. Nothing was sent.`, { errors: this.#errors })
  }
}

/**
 * Takes in `application/x-ndjson`, one record a line, each with its own billing id. Throws AppError naming every bad
 * line; the records are then not to be used.
 */
export async function receiveNdjson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  let line = 0
  let rest = ''
  const take = async (text: string): Promise<void> => {
    line += 1
    if (text.trim() === '') return
    const place = `line ${line}`
    const value = tryParse(text)
    if (value === undefined) faults.add(place, 'is not JSON')
    else await takeRecord(value, text, place, true, records, faults)
  }
  for await (const piece of decoded(body)) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARS) throw malformed(`line ${line + lines.length + 1} is too long`)
    for (const text of lines) await take(text)
  }
  if (rest !== '') await take(rest)
  finish(records, faults)
  return { externalBillingId: null, externalBillingNote: null }
}

/**
 * Takes in the JSON form, `{ "records": [ … ], "externalBillingId", "externalBillingNote" }`; gives the defaults,
 * which may stand before or after the records. Throws AppError as above.
 */
export async function receiveJson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  const json = new JsonRecords()
  const without: string[] = []
  let withoutCount = 0
  let index = 0
  try {
    for await (const piece of decoded(body)) {
      for (const { value, text } of json.push(piece)) {
        const place = `records[${index}]`
        const hasOwn = await takeRecord(value, text, place, false, records, faults)
        if (!hasOwn && (withoutCount += 1) <= MAX_ERRORS) without.push(place)
        index += 1
      }
    }
    json.finish()
  } catch (error) {
    throw error instanceof MalformedJson ? malformed(`The body is not well-formed JSON: ${error.message}`) : error
  }
  for (const name of json.members.keys()) {
    if (name !== 'records' && !FIELDS.slice(1).includes(name)) faults.add(`body.${name.slice(0, 64)}`, 'is not known here')
  }
  const wrong = json.members.get('records')
  if (!json.members.has('records')) faults.add('body.records', 'is required')
  else if (wrong !== undefined) faults.add('body.records', 'must be an array')
  const defaults = {
    externalBillingId: billingText(json.members.get('externalBillingId'), 'externalBillingId', 'body', faults),
    externalBillingNote: billingText(json.members.get('externalBillingNote'), 'externalBillingNote', 'body', faults)
  }
  if (defaults.externalBillingId === null) {
    for (const place of without) faults.add(`${place}.externalBillingId`, 'is required: there is no default')
  }
  finish(records, faults)
  return defaults
}

/** Takes in `{ "externalBillingId", "externalBillingNote" }` alone. */
export async function receiveBilling (body: AsyncIterable<Buffer>): Promise<Defaults> {
  const faults = new Faults()
  const text = await whole(body)
  const value = tryParse(text)
  if (value === undefined) throw malformed('The body is not well-formed JSON.')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.add('body', 'must be an object')
    faults.throwIfAny()
  }
  const billing = value as Record<string, unknown>
  checkNames(billing, FIELDS.slice(1), text, 'body', faults)
  const externalBillingId = billingText(billing['externalBillingId'], 'externalBillingId', 'body', faults)
  if (billing['externalBillingId'] === undefined) faults.add('body.externalBillingId', 'is required')
  const externalBillingNote = billingText(billing['externalBillingNote'], 'externalBillingNote', 'body', faults)
  faults.throwIfAny()
  return { externalBillingId, externalBillingNote }
}

function checkNames (value: Record<string, unknown>, known: readonly string[], text: string, place: string, faults: Faults): void {
  const names = Object.keys(value)
  for (const name of names) {
    if (!known.includes(name)) faults.add(`${place}.${name.slice(0, 64)}`, 'is not known here')
  }
  if ((text.match(MEMBER)?.length ?? 0) !== names.length) faults.add(place, 'has a field twice')
}

function finish (records: SpooledRecords, faults: Faults): void {
  if (records.count === 0) faults.add('body', 'has no record')
  faults.throwIfAny()
}

/** Checks a record and keeps it; tells whether it has a billing id of its own. */
async function takeRecord (value: unknown, text: string, place: string, needsOwn: boolean, records: SpooledRecords, faults: Faults): Promise<boolean> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.add(place, 'must be an object')
    return true
  }
  const record = value as Record<string, unknown>
  checkNames(record, FIELDS, text, place, faults)
  const { id } = record
  if (typeof id !== 'string' || !ID.test(id)) faults.add(`${place}.id`, id === undefined ? 'is required' : 'is not the id of a usage record')
  const externalBillingId = billingText(record['externalBillingId'], 'externalBillingId', place, faults)
  const externalBillingNote = billingText(record['externalBillingNote'], 'externalBillingNote', place, faults)
  if (needsOwn && externalBillingId === null && record['externalBillingId'] === undefined) faults.add(`${place}.externalBillingId`, 'is required')
  const checked: RecordToClose = { id: String(id), externalBillingId, externalBillingNote }
  await records.append(checked)
  return record['externalBillingId'] !== undefined
}

function billingText (value: unknown, name: 'externalBillingId' | 'externalBillingNote', place: string, faults: Faults): string | null {
  if (value === undefined) return null
  const isValid = typeof value === 'string' && value.length <= 255 && (name === 'externalBillingNote' || /\S/.test(value))
  if (isValid) return value
  faults.add(`${place}.${name}`, name === 'externalBillingId' ? 'must be a text of 1 to 255 characters' : 'must be a text of at most 255 characters')
  return null
}

async function * decoded (body: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch {
      throw malformed('The body is not UTF-8.')
    }
  }
  for await (const chunk of body) yield decode(chunk)
  yield decode()
}

async function whole (body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const piece of decoded(body)) text += piece
  return text
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
