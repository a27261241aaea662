import type { FastifyReply } from 'fastify'
import { invalidField } from './validation.ts'
import type { ListForm } from '../../schemas/paging.ts'
import type { TableForm } from '../tables/table.ts'
import { CSV, NDJSON, XLSX } from '../media-types.ts'
import { varyBy } from './prefer.ts'

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Chooses the media type of an answer by an Accept header (RFC 9110, 12.5.1): one of `others` when one is suitable,
 * else `standard`. A type has the weight (`q=`) that the header gives it, and 0 when the header does not name it or
 * when its weight cannot be read. One of `others` is suitable when it weighs more than 0 and at least as much as
 * `standard`; if it is in `onlyAbove`, it must weigh more than `standard`. The heaviest suitable type is chosen, and of
 * equal ones the first. A range of types, such as `application/*`, counts for `standard` only, if it covers `standard`
 * and the header does not name `standard`.
 */
export function preferredType<Type extends string> (
  accept: string | undefined, standard: Type, others: readonly Type[], onlyAbove: readonly Type[] = []
): Type {
  const weights = new Map<string, number>()
  for (const range of accept?.toLowerCase().replace(/\s/g, '').split(',') ?? []) {
    const [type = '', ...parameters] = range.split(';')
    const given = parameters.find(parameter => parameter.startsWith('q='))
    weights.set(type, given === undefined ? 1 : Number(WEIGHT.exec(given)?.[1] ?? 0))
  }
  const family = `${standard.split('/', 1)[0]}/*`
  const standardWeight = weights.get(standard) ?? weights.get(family) ?? weights.get('*/*') ?? 0
  let chosen = { type: standard, weight: 0 }
  for (const type of others) {
    const weight = weights.get(type) ?? 0
    const isEnough = onlyAbove.includes(type) ? weight > standardWeight : weight >= standardWeight
    if (weight > chosen.weight && isEnough) chosen = { type, weight }
  }
  return chosen.type
}

/** Gives the form of a list: the one of `?format=`, else the one that the Accept header prefers, else JSON. */
export function chosenForm (format: ListForm | undefined, accept: string | undefined): ListForm {
  if (format !== undefined) return format
  const type = preferredType(accept, 'application/json', [CSV, NDJSON])
  return type === CSV ? 'csv' : type === NDJSON ? 'ndjson' : 'json'
}

/** Gives the form of an answer: the one of `?format=`, else the one that Accept prefers (also XLSX), else JSON. */
export function chosenTableForm (format: TableForm | undefined, accept: string | undefined): TableForm {
  return format ?? WORKBOOK_FORMS[preferredType(accept, 'application/json', [CSV, NDJSON, XLSX])] ?? 'json'
}

const WORKBOOK_FORMS: Readonly<Record<string, TableForm>> = {
  [XLSX]: 'xlsx', [CSV]: 'csv', [NDJSON]: 'ndjson', 'application/json': 'json'
}

/**
 * Gives the form of a workbook in an answer: the one of `?format=`, else the one that the Accept header prefers, else
 * XLSX. JSON is chosen only if it weighs more than XLSX. Otherwise many clients would get JSON unasked, because they
 * send with every request an Accept header that names JSON and then any type, with the same weight.
 */
export function workbookForm (format: TableForm | undefined, accept: string | undefined): TableForm {
  if (format !== undefined) return format
  const type = preferredType(accept, XLSX, [CSV, NDJSON, 'application/json'], ['application/json'])
  return WORKBOOK_FORMS[type] ?? 'xlsx'
}

/**
 * By the name of a query parameter: the forms of an answer in which the parameter has a meaning. A parameter that is
 * not named here has one in every form.
 */
const FORMS_OF: Readonly<Record<string, readonly TableForm[]>> = {
  limit: ['json'],
  offset: ['json'],
  bom: ['csv'],
  escape: ['csv']
}
const NAMES: Readonly<Record<TableForm, string>> = { xlsx: 'XLSX', csv: 'CSV', ndjson: 'NDJSON', json: 'JSON' }

/** Throws VALIDATION_FAILED for a query parameter that has no meaning in this form of answer, as `formsOf` tells. */
export function refuseParameters (
  query: object, form: TableForm, formsOf: Readonly<Record<string, readonly TableForm[]>> = FORMS_OF
): void {
  for (const [name, forms] of Object.entries(formsOf)) {
    if (Object.hasOwn(query, name) && !forms.includes(form)) {
      throw invalidField(`query.${name}`, `is for ${forms.map(one => NAMES[one]).join(', ')} only`)
    }
  }
}

/** Adds Accept to the Vary header of an answer: it tells caches that the answer depends on the Accept header. */
export function varyByAccept (reply: FastifyReply): void {
  varyBy(reply, 'Accept')
}
