import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Moment, Period, iconReference, nullable, reference, words } from './common.ts'
import { anyOfIds, pagingQuery, querystring } from './paging.ts'
import { contractId, productId } from './patterns.ts'
import { USAGE_FILE_EXAMPLE, fileStatus } from './usage-file.ts'

const { product, contract, marketplace } = USAGE_FILE_EXAMPLE

export const USAGE_COVERAGE_EXAMPLE = {
  product,
  contract,
  marketplace,
  cadence: 'daily-or-monthly',
  lastReport: {
    fileId: 'UF-2026-09-1512-0016',
    status: 'accepted',
    period: { from: '2026-09-01T00:00:00Z', to: '2026-09-30T23:59:59Z' }
  },
  gaps: [{ from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' }],
  pending: [{
    fileId: 'UF-2026-10-3295-0244',
    status: 'draft',
    period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' }
  }]
}

const report = (title: string, description: string) => Type.Object(
  {
    fileId: Type.String({ description: 'Id of the usage file.' }),
    status: nullable(fileStatus),
    period: Period
  },
  { title, additionalProperties: false, description }
)

const gapEnd = (description: string, example: string) =>
  Type.String({ description: `${description} ISO 8601 in UTC.`, pattern: 'Z$', examples: [example] })

export const UsageCoverage = Type.Object(
  {
    product: iconReference('The product.'),
    contract: reference('The distribution contract.'),
    marketplace: iconReference('Where the product is sold.'),
    cadence: nullable(words(
      'UsageCadence',
      '`daily`: usage of items that are booked beforehand is reported every day. `daily-or-monthly`: usage that is ' +
      'paid per use is reported every day or once a month.',
      ['daily', 'daily-or-monthly'],
      {
        description:
          "How often Connect recommends to report; null when Connect does not show the product's capabilities."
      }
    )),
    lastReport: nullable(report(
      'LastUsageReport', 'Of the usage files that are submitted, accepted or closed, the one whose period ends last.'
    )),
    gaps: Type.Array(
      Type.Object(
        {
          from: gapEnd('The first moment.', '2026-10-01T00:00:00Z'),
          to: gapEnd('The last moment.', '2026-10-31T23:59:59Z')
        },
        { title: 'UsageGap', additionalProperties: false, description: 'A time that no report covers.' }
      ),
      {
        description:
          'The times that no submitted, accepted or closed usage file covers, in order; none after now. Two periods ' +
          'with at most one second between them have no gap.'
      }
    ),
    pending: Type.Array(
      report('PendingUsageReport', 'A usage file that is not submitted, or that is rejected.'),
      {
        description:
          'The usage files of this time that cover nothing yet: those that are not submitted (such as `draft` and ' +
          '`invalid`), and rejected ones.'
      }
    )
  },
  {
    $id: 'UsageCoverage',
    additionalProperties: false,
    description: 'What was reported and what is missing, of a product under a contract.',
    examples: [USAGE_COVERAGE_EXAMPLE]
  }
)
export type UsageCoverage = Static<typeof UsageCoverage>
export const UsageCoverageRef = Type.Unsafe<UsageCoverage>(Type.Ref('UsageCoverage'))

export const UsageCoverageQuery = querystring({
  from: Moment('The beginning of the time to look at.', '2026-10-01'),
  to: Type.Optional(
    Moment('The end of that time. A date without a time includes the whole day. Default: now.', '2026-10-31')
  ),
  productId: anyOfIds('Ids of products.', productId),
  contractId: anyOfIds('Ids of distribution contracts.', contractId),
  ...pagingQuery
})
export type UsageCoverageQuery = Static<typeof UsageCoverageQuery>
