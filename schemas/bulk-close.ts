import { Type } from 'typebox'
import { NDJSON } from '../src/media-types.ts'
import { words } from './common.ts'
import { TRIMMED, recordId } from './patterns.ts'
import { ok } from './responses.ts'
import { CloseUsageRecordBody } from './usage-record.ts'

const OUTCOMES = ['closed', 'refused', 'unknown'] as const
/** Why a record is not closed, or not known to be closed. */
export const CLOSE_CODES = [
  'BILLING_CONFLICT',
  'NOT_CLOSED',
  'NOT_FOUND',
  'CONNECT_REJECTED',
  'DUPLICATE_ID',
  'OUTCOME_UNKNOWN',
  'CONNECT_FORBIDDEN',
  'UPSTREAM_CREDENTIAL',
  'UPSTREAM_THROTTLED',
  'UPSTREAM_UNREACHABLE',
  'OVERLOADED',
  'DRAINING'
] as const

const billing = {
  externalBillingId: {
    type: 'string',
    ...TRIMMED,
    maxLength: 255,
    description: 'Id of the invoice or billing run.',
    examples: ['INV-2026-004711']
  },
  externalBillingNote: {
    type: ['string', 'null'],
    maxLength: 255,
    description: 'A remark on the billing; null is the same as absent.',
    examples: ['October run']
  }
}

export const RecordOutcome = Type.Object(
  {
    id: Type.String({ description: 'Id of the record.' }),
    index: Type.Integer({ minimum: 0, description: 'Its place in the request, from 0.' }),
    outcome: words(
      'CloseOutcome',
      '`closed`: closed with the billing id given. `refused`: not closed by this request. `unknown`: Connect ' +
      'does not show what happened.',
      OUTCOMES
    ),
    already: Type.Optional(
      Type.Literal(true, {
        type: 'boolean',
        description:
          'Of a record that was closed with this billing id before this request sent it. Absent where it was closed ' +
          'now, or where nobody can tell which.'
      })
    ),
    code: Type.Optional(words('CloseCode', 'Why a record is not closed.', CLOSE_CODES)),
    message: Type.Optional(Type.String({ description: "The same in words, Connect's own where it gave any." }))
  },
  {
    $id: 'RecordOutcome',
    additionalProperties: false,
    description: 'What became of one record.',
    examples: [
      {
        id: 'UR-2026-09-1512-0016-0001-3524',
        index: 0,
        outcome: 'refused',
        code: 'BILLING_CONFLICT',
        message: 'The record is closed with the billing id INV-2026-000001.'
      }
    ]
  }
)

export const CloseSummary = Type.Object(
  {
    requested: Type.Integer({ minimum: 0, description: 'Records that came in.' }),
    closed: Type.Integer({ minimum: 0, description: 'Closed, now or before, with the billing id given.' }),
    refused: Type.Integer({ minimum: 0, description: 'Not closed, or closed with another billing id.' }),
    unknown: Type.Integer({ minimum: 0, description: 'Nobody can tell; send the request again.' }),
    hasMore: Type.Optional(
      Type.Literal(true, {
        type: 'boolean',
        description:
          'When closing a usage file: approved records may be left, because more kept turning up or Connect could ' +
          'not be asked again. With `requested` 0, the list of them could not be read after the answer had begun. ' +
          'Send the request again.'
      })
    )
  },
  {
    $id: 'CloseSummary',
    additionalProperties: false,
    description: 'Outcomes counted: `closed`, `refused` and `unknown` add up to `requested`.'
  }
)

export const CloseResult = Type.Object({
  failures: Type.Array(Type.Ref('RecordOutcome'), { description: 'Every record that was not closed.' }),
  summary: Type.Ref('CloseSummary')
}, { $id: 'CloseResult', additionalProperties: false, description: 'Outcome of closing many records.' })

const RESULT_EXAMPLE = {
  failures: [
    {
      id: 'UR-2026-09-1512-0016-0002-0428',
      index: 1,
      outcome: 'refused',
      code: 'CONNECT_REJECTED',
      message: 'Record is not approved.'
    }
  ],
  summary: { requested: 2, closed: 1, refused: 1, unknown: 0 }
}
const LINES_EXAMPLE =
  '{"id":"UR-2026-09-1512-0016-0001-3524","index":0,"outcome":"closed"}\n' +
  '{"summary":{"requested":1,"closed":1,"refused":0,"unknown":0}}\n'

const LINE = {
  title: 'CloseLine',
  description: 'One line: the outcome of a record, or the summary, which is the last line.',
  anyOf: [
    Type.Ref('RecordOutcome'),
    {
      title: 'CloseSummaryLine',
      type: 'object',
      required: ['summary'],
      additionalProperties: false,
      description: 'The last line.',
      properties: { summary: Type.Ref('CloseSummary') }
    }
  ]
}

const json = ok(Type.Ref('CloseResult'), 'Every record has an outcome. Streamed: read it to the end.', RESULT_EXAMPLE)
export const closeAnswer = {
  ...json,
  content: {
    ...json.content,
    [NDJSON]: {
      schema: {
        type: 'string',
        contentMediaType: NDJSON,
        contentSchema: LINE,
        description: 'One `RecordOutcome` a line as it becomes known, then a line with the `summary`. ' +
          'Spaces may stand before the JSON of a line: they keep the connection open while Connect works.'
      },
      example: LINES_EXAMPLE
    }
  }
}

/**
 * The request body of closeUsageRecords for the OpenAPI document. Its examples are inside the schemas, because the
 * plugin @fastify/swagger drops other members of the media type of a request.
 */
export const closeRecordsBody = {
  description: 'The records, as one JSON object or one record a line.',
  content: {
    'application/json': {
      schema: {
        title: 'CloseUsageRecords',
        description: 'The records to close.',
        type: 'object',
        required: ['records'],
        additionalProperties: false,
        properties: {
          records: {
            type: 'array',
            minItems: 1,
            description: 'The records, any number of them.',
            items: {
              title: 'CloseRecord',
              description: 'A record to close.',
              type: 'object',
              required: ['id'],
              additionalProperties: false,
              properties: {
                id: recordId,
                ...billing
              }
            }
          },
          externalBillingId: { ...billing.externalBillingId, description: 'For records without one of their own.' },
          externalBillingNote: { ...billing.externalBillingNote, description: 'For records without one of their own.' }
        },
        examples: [
          {
            records: [
              { id: 'UR-2026-09-1512-0016-0001-3524' },
              { id: 'UR-2026-09-1512-0016-0002-0428', externalBillingNote: 'Corrected' }
            ],
            externalBillingId: 'INV-2026-004711'
          }
        ]
      }
    },
    [NDJSON]: {
      schema: {
        type: 'string',
        contentMediaType: NDJSON,
        contentSchema: {
          title: 'CloseRecordLine',
          description: 'A record to close.',
          type: 'object',
          required: ['id', 'externalBillingId'],
          additionalProperties: false,
          properties: { id: recordId, ...billing }
        },
        description: 'Each line is a JSON object: a record to close.',
        examples: ['{"id":"UR-2026-09-1512-0016-0001-3524","externalBillingId":"INV-2026-004711"}\n']
      }
    }
  }
}

export const closeFileBody = {
  description: 'How the records were billed.',
  content: {
    'application/json': {
      schema: CloseUsageRecordBody
    }
  }
}
