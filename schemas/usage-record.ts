import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Decimal, Moment, Time, UsageSchema, errors, nullable, reference, schemaWord, text, words } from './common.ts'
import { anyOf, anyOfEnum, anyOfIds, pagingQuery, querystring, sortQuery } from './paging.ts'
import { TRIMMED, assetId, fileId, hubId, itemId, productId, recordId } from './patterns.ts'

export const RECORD_STATUSES = ['valid', 'invalid', 'approved', 'rejected', 'closed'] as const
export const PRECISIONS = ['integer', 'decimal(1)', 'decimal(2)', 'decimal(4)', 'decimal(8)'] as const
export const ITEM_TYPES = ['reservation', 'ppu'] as const
export const RECORD_SORTS = ['createdAt', 'status', 'startDate'] as const

export const recordStatus = words(
  'UsageRecordStatus',
  '`valid`, `invalid`: Connect has checked the row. `approved`, `rejected`: the provider has decided. ' +
  '`closed`: billed.',
  RECORD_STATUSES
)
export const itemType = words('ItemType', '`reservation`: booked beforehand. `ppu`: paid per use.', ITEM_TYPES)

export const USAGE_RECORD_EXAMPLE = {
  id: 'UR-2026-09-1512-0016-0001-3524',
  fileId: 'UF-2026-09-1512-0016',
  fileName: 'Cloud usage October',
  productId: 'PRD-276-377-545',
  item: {
    id: 'PRD-276-377-545-0002',
    localId: 'PRD_276_377_545_0002',
    name: 'Virtual machine, small',
    unit: 'Hours',
    mpn: 'VM-S',
    precision: 'decimal(4)',
    type: 'ppu'
  },
  asset: {
    id: 'AS-5501-1000-0001',
    externalId: '2009295',
    externalUid: 'ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11',
    reconId: null
  },
  category: { id: 'compute', name: 'Compute' },
  startDate: '2026-10-01T00:00:00Z',
  endDate: '2026-10-31T23:59:59Z',
  quantity: '744.0000',
  amount: '1204.50000000',
  tier: null,
  multiplier: 10000,
  currency: 'EUR',
  schema: 'cr',
  status: 'approved',
  externalBillingId: null,
  externalBillingNote: null,
  closedAt: null,
  closedBy: null,
  params: [{ name: 'v.invoice_number', value: 'INV-881' }],
  errors: []
}

export const CLOSED_RECORD_EXAMPLE = {
  ...USAGE_RECORD_EXAMPLE,
  status: 'closed',
  externalBillingId: 'INV-2026-004711',
  externalBillingNote: 'October run',
  closedAt: '2026-11-05T08:30:00Z',
  closedBy: 'SU-400-500-600'
}

export const UsageRecord = Type.Object(
  {
    id: Type.String({ description: 'Id of the record.', examples: ['UR-2026-09-1512-0016-0001-3524'] }),
    fileId: text('Id of its usage file.'),
    fileName: text('Name of its usage file.'),
    productId: text('Id of the product.'),
    item: Type.Object(
      {
        id: text('Id of the item.'),
        localId: text("The vendor's id of the item."),
        name: text('Name of the item.'),
        unit: text('What is counted.'),
        mpn: text("Manufacturer's part number."),
        precision: nullable(words('ItemPrecision', 'How many decimals the quantities of an item have.', PRECISIONS)),
        type: nullable(itemType)
      },
      { title: 'UsageItem', additionalProperties: false, description: 'What was used.' }
    ),
    asset: Type.Object(
      {
        id: text('Id of the subscription.'),
        externalId: text("The hub's id of the subscription."),
        externalUid: text("The hub's unique id of the subscription."),
        reconId: text("The value that the vendor's product marks as reconciliation id; null when it has none.")
      },
      { title: 'UsageAsset', additionalProperties: false, description: 'The subscription in which it was used.' }
    ),
    category: reference('Its category.'),
    startDate: Time('Begin of the usage.', '2026-10-01T00:00:00Z'),
    endDate: Time('End of the usage.', '2026-10-31T23:59:59Z'),
    quantity: Decimal('How much was used.', '744.0000'),
    amount: Decimal('Price or cost, by the schema.'),
    tier: nullable(Type.Integer({ description: 'The tier the amount is for, for schema `tr`.' })),
    multiplier: nullable(
      Type.Integer({ description: 'By what commerce systems multiply the quantity to make it whole.' })
    ),
    currency: text('ISO 4217 code of the amount.'),
    schema: UsageSchema,
    status: nullable({
      ...recordStatus,
      description: 'Where the record stands; null when Connect sent a status that this service does not know.'
    }),
    externalBillingId: text('The billing id it was closed with.'),
    externalBillingNote: text('The billing note it was closed with.'),
    closedAt: Time('When it was closed.'),
    closedBy: text('Who closed it.'),
    params: Type.Array(
      Type.Object(
        {
          name: text('Name of the column.', { examples: ['v.invoice_number'] }),
          value: text('Its value.')
        },
        { title: 'UsageParam', additionalProperties: false, description: 'The value of a custom column.' }
      ),
      { description: "Custom columns: the vendor's begin with `v.`, the provider's with `p.`." }
    ),
    errors: errors('What is wrong with the row. More than 100 errors are one entry with shortened texts.')
  },
  {
    $id: 'UsageRecord',
    additionalProperties: false,
    description: 'One row of a usage file.',
    examples: [USAGE_RECORD_EXAMPLE]
  }
)
export type UsageRecord = Static<typeof UsageRecord>
export const UsageRecordRef = Type.Unsafe<UsageRecord>(Type.Ref('UsageRecord'))

export const UsageRecordParams = Type.Object({ recordId }, { additionalProperties: false })

export const ListUsageRecordsQuery = querystring({
  fileId: anyOfIds('Ids of usage files.', fileId),
  status: anyOfEnum(recordStatus, 'Statuses.'),
  schema: anyOfEnum(schemaWord, 'Schemas.'),
  assetId: anyOfIds('Ids of subscriptions.', assetId),
  assetExternalId: anyOf('The hub\'s ids of subscriptions.', '2009295'),
  assetExternalUid: anyOf('The hub\'s unique ids of subscriptions.', 'ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11'),
  itemId: anyOfIds('Ids of items.', itemId),
  productId: anyOfIds('Ids of products.', productId),
  hubId: anyOfIds('Ids of hubs.', hubId),
  startedAfter: Type.Optional(Moment('Usage that began at or after.')),
  startedBefore: Type.Optional(Moment('Usage that began before.', '2026-11-01')),
  endedAfter: Type.Optional(Moment('Usage that ended at or after.')),
  endedBefore: Type.Optional(Moment('Usage that ended before.', '2026-11-01')),
  createdAfter: Type.Optional(Moment('Records created at or after.')),
  createdBefore: Type.Optional(Moment('Records created before.', '2026-11-01')),
  ...sortQuery(RECORD_SORTS, '-createdAt'),
  ...pagingQuery
})
export type ListUsageRecordsQuery = Static<typeof ListUsageRecordsQuery>

export const CloseUsageRecordBody = Type.Object(
  {
    externalBillingId: Type.String({
      ...TRIMMED,
      maxLength: 255,
      description: 'Id of the invoice or billing run.',
      examples: ['INV-2026-004711']
    }),
    externalBillingNote: Type.Optional(
      nullable(
        Type.String({
          maxLength: 255,
          description: 'A remark on the billing; null is the same as absent.',
          examples: ['October run']
        })
      )
    )
  },
  {
    title: 'Billing',
    additionalProperties: false,
    description: 'How the usage was billed.',
    examples: [{ externalBillingId: 'INV-2026-004711', externalBillingNote: 'October run' }]
  }
)
export type CloseUsageRecordBody = Static<typeof CloseUsageRecordBody>
