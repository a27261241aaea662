import type { Static, TEnum, TProperties, TSchema, TString } from 'typebox'
import { Type } from 'typebox'
import type { Readable } from 'node:stream'
import { CSV, NDJSON } from '../src/media-types.ts'
import { words } from './common.ts'
import { ETAG, ok, type ResponseHeaders } from './responses.ts'

export const DEFAULT_LIMIT = 50
export const MAX_LIMIT = 1000

/** The forms in which a list can be had. CSV and NDJSON hold all items that match; JSON is a page of them. */
export const LIST_FORMS = ['json', 'csv', 'ndjson'] as const
export type ListForm = typeof LIST_FORMS[number]

export const choice = (description: string) =>
  Type.Optional(Type.Enum(['true', 'false'], { type: 'string', description, examples: ['true'] }))

export const pagingQuery = {
  format: Type.Optional(
    words('ListForm', 'The form of a list: a page in JSON, or all items in CSV or NDJSON.', LIST_FORMS, {
      description: 'The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match.',
      examples: ['csv']
    })
  ),
  bom: choice('CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`.'),
  escape: choice(
    "CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that " +
      'a spreadsheet takes none of them for a formula. Default: `true`.'
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
      description: 'The largest number of items in the answer. Not for CSV and NDJSON, which hold all items.',
      examples: [20]
    })
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      default: 0,
      description: 'The number of items to skip at the beginning of the list. Not for CSV and NDJSON.',
      examples: [0]
    })
  )
}

export type Sorted<Field extends string> = Field | `-${Field}`

export function sortQuery<const Field extends string> (fields: readonly Field[], example: Sorted<Field>) {
  const values = fields.flatMap((field): Sorted<Field>[] => [field, `-${field}`])
  const names = fields.map(field => `\`${field}\``).join(', ')
  const description =
    `The order of the items: fields, separated by commas. \`-\` before a field means descending. Fields: ${names}.`
  return {
    sort: Type.Optional(
      Type.Array(Type.Enum(values, { type: 'string' }), {
        minItems: 1,
        maxItems: fields.length,
        uniqueItems: true,
        description,
        examples: [[example]]
      })
    )
  }
}

const SEVERAL = 'Several values, separated by commas, match objects that have one of them.'

export const anyOf = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      maxItems: 100,
      description: `${description} ${SEVERAL}`,
      examples: [[example]]
    })
  )

export const anyOfIds = (description: string, id: TString & { examples?: unknown }) =>
  Type.Optional(
    Type.Array(id, {
      minItems: 1,
      maxItems: 100,
      description: `${description} ${SEVERAL}`,
      examples: [id.examples]
    })
  )

export const anyOfEnum = <Values extends string[]>(word: TEnum<Values>, description: string) =>
  Type.Optional(
    Type.Array(word, {
      minItems: 1,
      maxItems: 100,
      description: `${description} ${SEVERAL}`,
      examples: [[word.enum[0]]]
    })
  )

/**
 * Gives the schema of a query string. It allows no other parameters, so a misspelt filter is refused and not ignored.
 */
export const querystring = <Properties extends TProperties> (properties: Properties) =>
  Type.Object(properties, { additionalProperties: false, style: 'form', explode: false })

export const listOf = <Item extends TSchema> (item: Item, what: string) => Type.Object({
  items: Type.Array(item, { description: `The ${what} of this page.` }),
  total: Type.Integer({ minimum: 0, description: 'The number of items on all pages: those that match the filters.' }),
  limit: Type.Integer({ minimum: 1, description: 'The `limit` of this page.' }),
  offset: Type.Integer({ minimum: 0, description: 'The `offset` of this page.' })
}, { title: pageName(item), additionalProperties: false, description: `A page of ${what}.` })

function pageName (item: TSchema): string {
  const { $ref } = item as { $ref?: string }
  if ($ref === undefined) throw new Error('the items of a list must be a resource')
  return `${$ref}Page`
}

/** The query parameters that every list has. */
export interface ListQuery {
  readonly format?: ListForm
  readonly bom?: 'true' | 'false'
  readonly escape?: 'true' | 'false'
  readonly limit?: number
  readonly offset?: number
}

export interface List<Item> { items: Item[], total: number, limit: number, offset: number }

/** The response header `Link` of a page. Most lists have `ETAG`, too. */
export const LINK: ResponseHeaders = {
  link: {
    type: 'string',
    description: 'The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist.'
  }
}

export const okList = <Item extends TSchema>(
  item: Item,
  what: string,
  example: Static<Item> | object,
  headers: ResponseHeaders = { ...ETAG, ...LINK }
) => {
  const page = { items: [example], total: 1, limit: DEFAULT_LIMIT, offset: 0 }
  const description = `A page of ${what}; all of them in CSV and NDJSON.`
  const { content, ...answer } = ok(listOf(item, what), description, page, headers)
  const stream = (description: string) => ({ schema: Type.Unsafe<Readable>({ type: 'string', description }) })
  return {
    ...answer,
    content: {
      ...content,
      [CSV]: stream(
        `All ${what} that match. A value inside an object has its path as column, for example \`item.mpn\`; a list ` +
        'is one cell of JSON. An answer that is cut off is not complete.'
      ),
      [NDJSON]: {
        ...stream(
          `All ${what} that match, one object as in \`items\` a line; then \`{ "summary": { "rows" } }\`. An answer ` +
          'without the last line is not complete.'
        ),
        example: `${JSON.stringify(example)}\n{"summary":{"rows":1}}\n`
      }
    }
  }
}
