import {
  asObject, billingText, checkNames, checkOnce, Faults, MAX_ERRORS, shortName, takeRecord
} from './check-record.ts'
import { decoded, malformed } from '../streaming/decoded-text.ts'
import { JsonLists, MalformedJson, parse } from '../streaming/json-lists.ts'
import type { SpooledRecords } from './spooled-records.ts'

export interface Defaults { externalBillingId: string | null, externalBillingNote: string | null }

const MAX_RECORD_CHARS = 16_384
const BILLING_FIELDS: ReadonlySet<string> = new Set(['externalBillingId', 'externalBillingNote'])
const MEMBERS: ReadonlySet<string> = new Set(['records', ...BILLING_FIELDS])
const NDJSON_HINT = ': send one record a line as application/x-ndjson'
const EMPTY_LINE = /^\s*$/

/**
 * Reads NDJSON, one record a line, each with its own billing id, and appends the records to `records`. Gives defaults
 * that are null. Throws VALIDATION_FAILED for faults at the end of the body or at fault number MAX_ERRORS,
 * MALFORMED_BODY for a line that is too long and a body that is not UTF-8; also the errors of `body` and `records`.
 * After an error `records` must not be used.
 */
export async function receiveNdjson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  let line = 0
  const take = (text: string): void => {
    line += 1
    if (text.length > MAX_RECORD_CHARS) throw malformed(`Line ${line} is too long.`)
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
    if (rest.length > MAX_RECORD_CHARS) throw malformed(`Line ${line + 1} is too long.`)
    if (records.isFull) await records.flush()
  }
  if (rest !== '') take(rest)
  await finish(records, faults)
  return { externalBillingId: null, externalBillingNote: null }
}

/**
 * Reads a body of the form `{ "records": [], "externalBillingId", "externalBillingNote" }`, and appends its records to
 * `records`. Gives the defaults; null for one that is absent. Throws VALIDATION_FAILED for faults at the end of the
 * body, at fault number MAX_ERRORS or at an unknown member; MALFORMED_BODY, such as for a body that is no JSON; also
 * the errors of `body` and `records`. After an error `records` must not be used.
 */
export async function receiveJson (body: AsyncIterable<Buffer>, records: SpooledRecords): Promise<Defaults> {
  const faults = new Faults()
  const without: string[] = []
  let index = 0
  const json = new JsonLists({
    lists: ['records'],
    maxValueChars: MAX_RECORD_CHARS,
    onElement: (text) => {
      const place = `records[${index++}]`
      const hasOwn = takeRecord(parse(text), text, place, false, records, faults)
      if (!hasOwn && without.length < MAX_ERRORS) without.push(place)
    },
    onMember: (name) => {
      if (MEMBERS.has(name)) return
      // An unknown member is refused at once, because a body may have any number of them. If it comes before `records`,
      // it is probably a member of a record, and the body is NDJSON.
      const hint = json.members.has('records') ? '' : NDJSON_HINT
      faults.add(`body.${shortName(name)}`, `is not known here${hint}`)
      faults.throwIfAny()
    }
  })
  try {
    for await (const piece of decoded(body)) {
      json.push(piece)
      if (records.isFull) await records.flush()
    }
    json.finish()
  } catch (error) {
    if (!(error instanceof MalformedJson)) throw error
    const hint = json.members.has('records') ? '' : NDJSON_HINT
    throw malformed(`The body is not well-formed JSON: ${error.message}${hint}.`)
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

/**
 * Reads `{ "externalBillingId", "externalBillingNote" }`, where the note may be absent or null. Throws MALFORMED_BODY
 * for a body that is not JSON in UTF-8, VALIDATION_FAILED for one with a fault; also the errors of `body`.
 */
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

function tryParse (text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
