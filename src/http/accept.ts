import type { FastifyReply } from 'fastify'
import type { ListForm } from '../../schemas/paging.ts'
import { CSV, NDJSON } from '../media-types.ts'

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Chooses the media type of an answer by an Accept header (RFC 9110, 12.5.1). Gives the type with the highest weight
 * among `others` that the header names and does not weigh lower than `standard`; otherwise `standard`. Ranges such as
 * `text/*` name no type. A weight that cannot be read counts as 0.
 */
export function preferredType<Type extends string> (
  accept: string | undefined, standard: Type, others: readonly Type[]
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
    if (weight > chosen.weight && weight >= standardWeight) chosen = { type, weight }
  }
  return chosen.type
}

/** Gives the form of an answer: the one of `?format=`, else the one that the Accept header prefers. */
export function chosenForm (format: ListForm | undefined, accept: string | undefined): ListForm {
  if (format !== undefined) return format
  const type = preferredType(accept, 'application/json', [CSV, NDJSON])
  return type === CSV ? 'csv' : type === NDJSON ? 'ndjson' : 'json'
}

/** Notes for caches that the answer depends on the Accept header. */
export function varyByAccept (reply: FastifyReply): void {
  const others = reply.getHeader('vary')
  reply.header('vary', others === undefined ? 'Accept' : `${String(others)}, Accept`)
}
