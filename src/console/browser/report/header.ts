import type { Schemas } from '@connect-usage-bff/client'
import { lastMonth } from '../format.ts'

/** The header of a report as a person enters it. Empty optional texts are not sent. */
export interface Header {
  productId: string
  contractId: string
  /** The schema of the product; '' until the catalogue tells it, or a person chooses it. */
  schema: Schemas['UsageSchema'] | ''
  name: string
  from: string
  to: string
  currency: string
  externalId: string
  note: string
}

export function emptyHeader (): Header {
  return {
    productId: '', contractId: '', schema: '', name: '', ...lastMonth(), currency: '', externalId: '', note: ''
  }
}

export function isComplete ({ productId, contractId, schema, name, from, to }: Header): boolean {
  return [productId, contractId, schema, name.trim(), from, to].every(text => text !== '')
}

export function toCreate (header: Header): Schemas['CreateUsageFile'] {
  const { productId, contractId, name, from, to } = header
  const given = Object.entries({ currency: header.currency, externalId: header.externalId, note: header.note })
    .filter(([, text]) => text.trim() !== '')
  return { name: name.trim(), productId, contractId, period: { from, to }, ...Object.fromEntries(given) }
}
