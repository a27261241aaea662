import type { Finding } from './check.ts'

/**
 * A place where the real Connect is known to differ from its own document; nothing else may differ. `item` is the
 * section of the project's notes on Connect that tells of it, such as their list of disagreements (2.8).
 */
export interface Deviation {
  item: string
  reason: string
  covers: (finding: Finding) => boolean
}

const CATALOGUE = /^GET \/(products|assets|listings|contracts)(\/\{\w+\})?(\/items)?$/
const FILE = /^(GET|POST|PUT) \/usage\/files(\/\{id\}(\/[a-z-]+)?)?$/

/** The operations whose answers have the shape of another operation's (`like`). */
export const ANSWERS_LIKE: Readonly<Record<string, { like: string, item: string, reason: string }>> = {
  'POST /usage/files': {
    like: 'GET /usage/files/{id}',
    item: '2.8 #2',
    reason: 'create answers nested objects and a status instead of flat names: real bodies of 2019 to 2021'
  }
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    item: '2.8 #1',
    reason: 'upload, submit, accept and reject answer 201: live tests assert it, and two SDKs throw on anything else',
    covers: ({ operation, place, rule }) =>
      /^POST \/usage\/files\/\{id\}\/(upload|submit|accept|reject)$/.test(operation) &&
      place === 'status' &&
      rule === '201'
  },
  {
    item: '2.8 #3',
    reason: 'the period is a pair of date-times, in answers and where a caller gave times: a real detail',
    covers: ({ operation, place, field, rule }) =>
      FILE.test(operation) &&
      ['body', 'answer'].includes(place) &&
      rule === 'format' &&
      /\/period\/(from|to)$/.test(field)
  },
  {
    item: '2.8 #4',
    reason: 'the category of a record is an object: a real record, and two connectors',
    covers: ({ operation, place, field, rule }) =>
      operation.includes('/usage/records') && place === 'answer' && rule === 'type' && /\/category$/.test(field)
  },
  {
    item: '2.8 #5',
    reason: 'an asset may have a recon_id: a real record',
    covers: ({ place, field, rule }) =>
      place === 'answer' && rule === 'additionalProperties' && /\/asset\/recon_id$/.test(field)
  },
  {
    item: '2.8 #6',
    reason: 'records have error_codes and error_details: the models of two connectors',
    covers: ({ operation, place, field, rule }) =>
      operation.includes('/usage/records') &&
      place === 'answer' &&
      rule === 'additionalProperties' &&
      /\/error_(codes|details)$/.test(field)
  },
  {
    item: '2.1 #4',
    reason: 'the answers to the vendor show the note that create and update take, and that the answer to update shows',
    covers: ({ operation, place, field, rule }) =>
      FILE.test(operation) && place === 'answer' && rule === 'additionalProperties' && field === '/note'
  },
  {
    item: '2.1 #4',
    reason: 'update clears with null the fields that the answers call nullable, though its own body does not',
    covers: ({ operation, place, field, rule }) =>
      operation === 'PUT /usage/files/{id}' &&
      place === 'body' &&
      rule === 'type' &&
      /^\/(description|note|currency|external_id)$/.test(field)
  },
  {
    item: '12',
    reason: 'the catalogue leaves out what no usage file needs, though it is required: genuine bodies do so, too',
    covers: ({ operation, place, rule }) => CATALOGUE.test(operation) && place === 'answer' && rule === 'required'
  },
  {
    item: '12',
    reason: 'a product without pay-per-use has null for it: a real product',
    covers: ({ operation, field, rule }) =>
      operation.startsWith('GET /products') && rule === 'type' && field.endsWith('/capabilities/ppu')
  },
  {
    item: '12',
    reason: 'assets have an external_name, one list of params, items with their MPN and a text as quantity, and the ' +
      'id of the customer: a real asset',
    covers: ({ operation, place, field, rule }) =>
      operation.startsWith('GET /assets') && place === 'answer' &&
      ['type', 'additionalProperties'].includes(rule) &&
      /\/(external_name|params\/\*|items\/\*\/(mpn|quantity)|tiers\/customer\/id)$/.test(field)
  },
  {
    item: '12',
    reason: 'listings and contracts show the marketplace by which they can be filtered',
    covers: ({ operation, place, field, rule }) =>
      /^GET \/(listings|contracts)$/.test(operation) && place === 'answer' &&
      rule === 'additionalProperties' && field.endsWith('/marketplace')
  },
  {
    item: '2.6',
    reason: '401, 403 and 404 carry the envelope that is documented for 400: certain in practice',
    covers: ({ place, rule }) => place === 'status' && ['401', '403', '404'].includes(rule)
  }
]
