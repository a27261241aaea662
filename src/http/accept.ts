import type { FastifyReply } from 'fastify'
import { invalidField } from '../errors/app-error.ts'
import type { ListForm } from '../../schemas/paging.ts'
import type { TableForm } from '../tables/table.ts'
import { CSV, NDJSON, XLSX } from '../media-types.ts'
import { varyBy } from './vary.ts'

const FORM_OF_TYPE: Readonly<Record<string, TableForm>> = {
  [XLSX]: 'xlsx', [CSV]: 'csv', [NDJSON]: 'ndjson', 'application/json': 'json'
}

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Chooses the media type of an answer by the weights (`q`) in an Accept header (RFC 9110, 12.5.1). Of the types in
 * `others` that weigh at least as much as `standard` (more, for a type in `onlyAbove`), gives the one with the largest
 * weight. Without such a type, gives `standard`. A type in `others` must be named by the header: a range, such as
 * `application/*`, counts for `standard` only.
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

export function chosenForm (format: ListForm | undefined, accept: string | undefined): ListForm {
  if (format !== undefined) return format
  const type = preferredType(accept, 'application/json', [CSV, NDJSON])
  return type === CSV ? 'csv' : type === NDJSON ? 'ndjson' : 'json'
}

export function chosenTableForm (format: TableForm | undefined, accept: string | undefined): TableForm {
  return format ?? FORM_OF_TYPE[preferredType(accept, 'application/json', [CSV, NDJSON, XLSX])] ?? 'json'
}

/**
 * Gives `format`, or without it the form that an Accept header asks for; XLSX by default. JSON must weigh more than
 * XLSX: many clients send with every request an Accept header that names JSON and then any type, with the same weight.
 */
export function workbookForm (format: TableForm | undefined, accept: string | undefined): TableForm {
  if (format !== undefined) return format
  const type = preferredType(accept, XLSX, [CSV, NDJSON, 'application/json'], ['application/json'])
  return FORM_OF_TYPE[type] ?? 'xlsx'
}

/** The forms of a list in which a query parameter has a meaning. Other parameters have a meaning in all forms. */
export const FORMS_OF_LIST = { limit: ['json'], offset: ['json'], bom: ['csv'], escape: ['csv'] } as const
const NAMES: Readonly<Record<TableForm, string>> = { xlsx: 'XLSX', csv: 'CSV', ndjson: 'NDJSON', json: 'JSON' }

/** Throws VALIDATION_FAILED for a query parameter that has no meaning in this form of answer. */
export function refuseParameters (
  query: object, form: TableForm, formsOf: Readonly<Record<string, readonly TableForm[]>>
): void {
  for (const [name, forms] of Object.entries(formsOf)) {
    if (Object.hasOwn(query, name) && !forms.includes(form)) {
      throw invalidField(`query.${name}`, `is for ${forms.map(one => NAMES[one]).join(', ')} only`)
    }
  }
}

export function varyByAccept (reply: FastifyReply): void {
  varyBy(reply, 'Accept')
}
