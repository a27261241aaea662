import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Moment, nullable } from './common.ts'
import { NOT_BLANK, TRIMMED } from './patterns.ts'

const PeriodInput = Type.Object({
  from: Moment('The beginning of the period.'),
  to: Moment('The end of the period. A date without a time includes the whole day.', '2026-10-31')
}, { title: 'PeriodInput', additionalProperties: false, description: 'The time that the report covers.' })

const inputs = {
  currency: Type.String({
    ...TRIMMED,
    maxLength: 20,
    description: 'The ISO 4217 code of the amounts. When absent: the currency of the marketplace.',
    examples: ['EUR']
  }),
  description: Type.String({
    maxLength: 200,
    description: 'Description of the file.',
    examples: ['All subscriptions']
  }),
  note: Type.String({
    maxLength: 200,
    description: 'A note for the vendor; providers do not see the note.',
    examples: ['Second try']
  }),
  externalId: Type.String({
    ...TRIMMED,
    maxLength: 200,
    description:
      'Your own id of the report, best a unique one: when the answer of Connect is lost, the service finds the new ' +
      'file by this id.',
    examples: ['acme-2026-10']
  })
}

export const CREATE_EXAMPLE = {
  name: 'Cloud usage October', productId: 'PRD-276-377-545', contractId: 'CRD-10000-20000-30000',
  period: { from: '2026-10-01', to: '2026-10-31' }, currency: 'EUR', externalId: 'acme-2026-10'
}

export const CreateUsageFileBody = Type.Object(
  {
    name: Type.String({
      ...TRIMMED,
      maxLength: 100,
      description: 'Name of the file.',
      examples: ['Cloud usage October']
    }),
    productId: Type.String({
      ...TRIMMED,
      maxLength: 100,
      description: 'Id of the product used: see `listUsageContracts`.',
      examples: ['PRD-276-377-545']
    }),
    contractId: Type.String({
      ...TRIMMED,
      maxLength: 100,
      description: 'Id of the distribution contract; it determines provider and marketplace.',
      examples: ['CRD-10000-20000-30000']
    }),
    period: PeriodInput,
    currency: Type.Optional(nullable(inputs.currency)),
    description: Type.Optional(nullable(inputs.description)),
    note: Type.Optional(nullable(inputs.note)),
    externalId: Type.Optional(nullable(inputs.externalId))
  },
  {
    title: 'CreateUsageFile',
    additionalProperties: false,
    description: 'The header of the new file; null is the same as absent.',
    examples: [CREATE_EXAMPLE]
  }
)
export type CreateUsageFileBody = Static<typeof CreateUsageFileBody>

export const UPDATE_EXAMPLE = { description: 'All subscriptions but two', note: null }

export const UpdateUsageFileBody = Type.Object(
  {
    description: Type.Optional(nullable(inputs.description)),
    note: Type.Optional(nullable(inputs.note)),
    period: Type.Optional(PeriodInput),
    currency: Type.Optional(nullable(inputs.currency)),
    externalId: Type.Optional(nullable(inputs.externalId))
  },
  {
    title: 'UpdateUsageFile',
    additionalProperties: false,
    minProperties: 1,
    description: 'The fields to change. null removes a value; a field that is absent does not change.',
    examples: [UPDATE_EXAMPLE]
  }
)
export type UpdateUsageFileBody = Static<typeof UpdateUsageFileBody>

export const RejectUsageFileBody = Type.Object(
  {
    note: Type.String({
      ...NOT_BLANK,
      maxLength: 200,
      description: 'The reason, for the vendor to read.',
      examples: ['Row 14 reports a subscription that ended in September.']
    })
  },
  {
    title: 'RejectUsageFile',
    additionalProperties: false,
    description: 'Why the file is rejected.',
    examples: [{ note: 'Row 14 reports a subscription that ended in September.' }]
  }
)

/** The request body of acceptUsageFile. It may be absent: then it counts as null, which the schema allows. */
export const AcceptUsageFileBody = nullable(
  Type.Object(
    {
      note: Type.Optional(
        nullable(
          Type.String({
            maxLength: 200,
            description: 'A note on the decision; null is the same as absent.',
            examples: ['Checked against the October invoices.']
          })
        )
      )
    },
    {
      title: 'AcceptUsageFile',
      additionalProperties: false,
      description: 'A note on the decision. The whole body may be left out.',
      examples: [{ note: 'Checked against the October invoices.' }]
    }
  )
)
