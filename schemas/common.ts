import type { Static, TSchema, TUnsafe } from 'typebox'
import { Type } from 'typebox'
import { pattern } from './patterns.ts'

/**
 * Gives a schema that allows the values of `schema`, and null. A union with null would be `anyOf`, for which generators
 * make clumsy types.
 */
export function nullable<T extends TSchema> (schema: T): TUnsafe<Static<T> | null> {
  const { type, enum: values } = schema as { type?: unknown, enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [type, 'null'],
    ...(values !== undefined && { enum: [...values, null] })
  })
}

/**
 * Gives the schema of an enum that has a name of its own (`title`) in the OpenAPI document. `meaning` describes the
 * enum. A `description` in `options` describes one use of it, and stays at that use. src/http/openapi-document.ts makes
 * a component of every schema with a title.
 */
export const words = <const Word extends string>(
  title: string, meaning: string, values: readonly Word[], options: object = {}
) => Type.Enum([...values], { type: 'string', title, 'x-meaning': meaning, ...options })

export const text = (description: string, options: object = {}) => nullable(Type.String({ description, ...options }))

export const counter = (description: string) => Type.Integer({ minimum: 0, description })

export const Time = (description: string, example = '2026-11-02T09:15:00Z') =>
  nullable(Type.String({ description: `${description} ISO 8601 in UTC.`, pattern: 'Z$', examples: [example] }))

export const DECIMAL_PATTERN = '^-?[0-9]+(\\.[0-9]+)?$'
export const Decimal = (description: string, example = '1204.50000000') =>
  nullable(
    Type.String({
      description:
        `${description} A decimal, digit for digit as Connect sent it. A number with an exponent is written out: ` +
        '1.50E1 is 15.0.',
      pattern: DECIMAL_PATTERN,
      examples: [example]
    })
  )

const id = text('Id in Connect.')
const name = text('Name in Connect.')

export const reference = (description: string) => nullable(Type.Object({
  id, name
}, { title: 'Reference', 'x-meaning': 'The id and the name of an object.', description, additionalProperties: false }))

export const iconReference = (description: string) => nullable(Type.Object(
  { id, name, icon: text('Absolute address of the icon, or null.') },
  {
    title: 'IconReference',
    'x-meaning': 'The id, the name and the icon of an object.',
    description,
    additionalProperties: false
  }
))

export const Period = nullable(Type.Object({
  from: Time('Begin of the period.', '2026-10-01T00:00:00Z'),
  to: Time('End of the period, included.', '2026-10-31T23:59:59Z')
}, { title: 'UsagePeriod', description: 'The time that the report covers.', additionalProperties: false }))

export const Stats = Type.Object({
  uploaded: counter('Records in the upload.'),
  validated: counter('Records found valid.'),
  pending: counter('Records waiting for the provider.'),
  accepted: counter('Records approved and not yet closed.'),
  closed: counter('Records closed.'),
  billed: counter('Records closed with a billing id.')
}, { title: 'UsageStats', description: 'How many records are at each stage now.', additionalProperties: false })

export const Events = Type.Array(
  Type.Object(
    {
      type: Type.String({
        description:
          'What happened: `created`, `uploaded`, `submitted`, `accepted`, `rejected`, `closed`, `deleted`, or ' +
          'another word of Connect.',
        examples: ['created']
      }),
      at: Time('When it happened.'),
      by: reference('Who did it; null when Connect itself acted, for example by a usage rule.')
    },
    { title: 'UsageEvent', additionalProperties: false, description: 'One thing that happened to the object.' }
  ),
  { description: 'What happened to the object, oldest first.' }
)

export const errors = (description: string) => Type.Array(Type.Object({
  code: text('Connect\'s code of the error.', { examples: ['USG_011'] }),
  message: text('What is wrong with the row.', { examples: ['Unknown MPN'] })
}, { title: 'RecordError', additionalProperties: false, description: 'One error of a record.' }), { description })

export const USAGE_SCHEMAS = ['qt', 'pr', 'cr', 'tr'] as const
export const schemaWord = words(
  'UsageSchema',
  'Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a ' +
  'price for every tier.',
  USAGE_SCHEMAS
)
export const UsageSchema = nullable(schemaWord)

/** A pattern cannot check that the day exists. The functions that read the value check it: VALIDATION_FAILED. */
export const MOMENT_PATTERN = '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})?)?$'
export const Moment = (description: string, example = '2026-10-01') =>
  Type.String({
    description: `${description} ISO 8601 date or date-time; without an offset it is UTC.`,
    ...pattern(MOMENT_PATTERN, 'must be an ISO 8601 date or date-time'),
    examples: [example]
  })
