import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Readable } from 'node:stream'
import { Decimal, counter, nullable, text } from './common.ts'
import { recordStatus, USAGE_RECORD_EXAMPLE, UsageRecord } from './usage-record.ts'

export const USAGE_TOTALS_EXAMPLE = {
  currency: 'EUR',
  records: 3,
  byStatus: [{ status: 'approved', records: 2, amount: '2409.00' }, { status: 'closed', records: 1, amount: '0.10' }],
  byItem: [{ item: USAGE_RECORD_EXAMPLE.item, records: 3, quantity: '1488.5000', amount: '2409.10' }]
}

const amount = Decimal('The sum of the amounts; null where no record has one.', '2409.10')

export const UsageFileTotals = Type.Object(
  {
    currency: text('ISO 4217 code of the amounts.'),
    records: counter('All records of the file.'),
    byStatus: Type.Array(
      Type.Object(
        {
          status: nullable({
            ...recordStatus, description: 'The status; null for records with a status that this service does not know.'
          }),
          records: counter('Records in this status.'),
          amount
        },
        { title: 'UsageStatusTotal', additionalProperties: false, description: 'The records in one status.' }
      ),
      { description: 'The records by status, for statuses that have records.' }
    ),
    byItem: Type.Array(
      Type.Object(
        {
          item: UsageRecord.properties.item,
          records: counter('Records of this item.'),
          quantity: Decimal('The sum of the quantities; null where no record has one.', '1488.5000'),
          amount
        },
        { title: 'UsageItemSum', additionalProperties: false, description: 'The records of one item.' }
      ),
      { description: 'The records by item, in the order of the first record of each.' }
    )
  },
  {
    $id: 'UsageFileTotals',
    additionalProperties: false,
    description: 'Exact sums over all records of a usage file.',
    examples: [USAGE_TOTALS_EXAMPLE]
  }
)
export type UsageFileTotals = Static<typeof UsageFileTotals>
/**
 * The response body with the totals: an object, or a stream of its JSON text when the response begins before all
 * records have been read.
 */
export const UsageFileTotalsRef = Type.Unsafe<UsageFileTotals | Readable>(Type.Ref('UsageFileTotals'))
