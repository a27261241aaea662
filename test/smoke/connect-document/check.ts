import { describe, type DocumentedOperation } from './document.ts'
import { readQuery } from './query.ts'

/** A request to Connect and its answer, from an entry of the sandbox's ledger. */
export interface Exchange {
  method: string
  path: string
  query: string
  headers: Readonly<Record<string, string>>
  /** The JSON of the body, or the files and fields of a form; null without a body. */
  body: unknown
  complete: boolean
  status: number | null
  response: unknown
}

export type Place = 'path' | 'query' | 'body' | 'status' | 'answer'

export interface Finding {
  /** The documented operation, or method and path when there is none. */
  operation: string
  place: Place
  /**
   * The path of the field in a body or an answer, with `*` for the places in a list, such as `/params/*`; in a query
   * the name of the parameter or field. Empty when there is none.
   */
  field: string
  /**
   * The keyword of the schema that was broken, a status that is not documented, or a word of this check such as
   * `unknown`.
   */
  rule: string
  message: string
}

export const BASE_PATH = '/public/v1'

/** Gives the documented operation of an exchange; null when the document has none. */
export function operationOf (
  document: readonly DocumentedOperation[],
  { method, path }: Pick<Exchange, 'method' | 'path'>
): DocumentedOperation | null {
  const inner = path.startsWith(`${BASE_PATH}/`) ? path.slice(BASE_PATH.length) : null
  const candidates = inner === null ? [] : document.filter(one => one.method === method && one.pattern.test(inner))
  // `/usage/records/close-records` fits `/usage/records/{id}`, too: the operation with the fewest parameters in its
  // path counts.
  return candidates.sort((a, b) => a.name.split('{').length - b.name.split('{').length)[0] ?? null
}

/**
 * Gives a finding for everything in an exchange that the document does not say, or says otherwise. `answersLike` has
 * the operations whose answers of success have the shape of another operation's (`like`).
 */
export function checkExchange (
  document: readonly DocumentedOperation[],
  exchange: Exchange,
  answersLike: Readonly<Record<string, { like: string }>> = {}
): Finding[] {
  const operation = operationOf(document, exchange)
  if (operation === null) {
    return [
      {
        operation: `${exchange.method} ${exchange.path}`,
        place: 'path',
        field: '',
        rule: 'unknown',
        message: 'is no operation of the document'
      }
    ]
  }
  const findings: Finding[] = []
  const report: Report = (place, rule, message, field = '') => {
    findings.push({ operation: operation.name, place, field, rule, message })
  }
  // A refusal may be sent before its request has arrived whole; a success may not.
  const isRefused = exchange.status !== null && exchange.status >= 400
  if (!exchange.complete && !isRefused) report('body', 'cut', 'the request did not arrive whole')
  checkQuery(operation, exchange.query, report)
  checkBody(operation, exchange, report)
  const like = document.find(one => one.name === answersLike[operation.name]?.like)
  checkAnswer(
    operation,
    exchange,
    report,
    exchange.status !== null && exchange.status < 300 ? (like ?? operation) : operation
  )
  return findings
}

type Report = (place: Place, rule: string, message: string, field?: string) => void

function checkQuery ({ query }: DocumentedOperation, raw: string, report: Report): void {
  let terms
  try {
    terms = readQuery(raw)
  } catch (error) {
    report('query', 'unreadable', String(error))
    return
  }
  for (const term of terms) {
    if (term.kind === 'ordering') {
      for (const field of term.fields) {
        if (query.get(field)?.isSortable !== true) report('query', 'ordering', `${field} cannot be ordered by`, field)
      }
    } else if (term.kind === 'parameter') {
      // `limit` and `offset` are plain parameters. Connect allows `name=value` for an equality, too.
      const known = query.get(term.name)
      if (known === undefined) report('query', 'unknown', `${term.name} is not documented`, term.name)
      else if (known.lookups.length === 0 && !/^\d+$/.test(term.value)) {
        report('query', 'type', `${term.name} is not a number`, term.name)
      }
    } else {
      const known = query.get(term.field)
      if (known === undefined) report('query', 'unknown', `${term.field} cannot be filtered by`, term.field)
      else if (!known.lookups.includes(term.operator)) {
        report('query', 'lookup', `${term.field} does not take ${term.operator}`, term.field)
      } else if (known.values !== null && !term.values.every(value => known.values?.includes(value))) {
        report('query', 'value', `${term.field} does not know ${term.values.join(', ')}`, term.field)
      }
    }
  }
}

function checkBody (operation: DocumentedOperation, { headers, body, status }: Exchange, report: Report): void {
  const length = Number(headers['content-length'] ?? 0)
  const isSent = length > 0 || headers['transfer-encoding'] !== undefined
  if (operation.body === null) {
    if (isSent) report('body', 'undocumented', 'a body was sent where none is documented')
    return
  }
  const type = headers['content-type']?.split(';')[0]
  if (!isSent || type === undefined) {
    report('body', 'missing', 'no body was sent where one is documented')
    return
  }
  const validate = operation.body.get(type)
  if (validate === undefined) report('body', 'type', `the Content-Type ${type} is not documented`)
  else if (type === 'multipart/form-data') {
    // A form that was refused before it was read is not in the ledger.
    if (isForm(body)) checkForm(operation, body, report)
    else if (status === null || status < 400) report('body', 'form', 'the form cannot be read')
  } else if (!validate(body)) {
    for (const error of validate.errors ?? []) report('body', error.keyword, describe(error), fieldOf(error))
  }
}

interface Form { files: { field: string }[], fields: Record<string, string> }

const isForm = (body: unknown): body is Form =>
  typeof body === 'object' && body !== null && 'files' in body && 'fields' in body

function checkForm (
  { formFields, requiredFormFields }: DocumentedOperation,
  { files, fields }: Form,
  report: Report
): void {
  const sent = [...files.map(({ field }) => field), ...Object.keys(fields)]
  for (const name of sent) {
    if (!formFields.includes(name)) report('body', 'field', `the form field ${name} is not documented`, `/${name}`)
  }
  for (const name of requiredFormFields) {
    if (!sent.includes(name)) report('body', 'required', `the form field ${name} is missing`, `/${name}`)
  }
  if (files.length !== 1) report('body', 'files', `the form has ${files.length} files`)
}

function checkAnswer (
  operation: DocumentedOperation,
  { status, response }: Exchange,
  report: Report,
  shape: DocumentedOperation
): void {
  if (status === null) {
    report('status', 'none', 'no answer was sent')
    return
  }
  const documented = operation.answers.get(status)
  if (documented === undefined) report('status', String(status), `the status ${status} is not documented`)
  // The shape is checked for an undocumented status, too, against that of a documented status of the same kind.
  const isSuccess = status < 300
  const expected = shape.answers.get(status) ?? [...shape.answers].find(([code]) => (code < 300) === isSuccess)?.[1]
  if (expected === undefined) return
  if (expected.isBinary || expected.json === null) {
    if (response !== null) report('answer', 'json', 'text was sent where none is documented')
  } else if (response === null) report('answer', 'missing', 'no JSON was sent, or more than the ledger keeps')
  else if (!expected.json(response)) {
    for (const error of expected.json.errors ?? []) report('answer', error.keyword, describe(error), fieldOf(error))
  }
}

function fieldOf ({ instancePath, params }: { instancePath: string, params: Record<string, unknown> }): string {
  const name = params['additionalProperty'] ?? params['missingProperty']
  return `${instancePath}${name === undefined ? '' : `/${String(name)}`}`.replace(/\/\d+(?=\/|$)/g, '/*')
}
