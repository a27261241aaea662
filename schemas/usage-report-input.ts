import type { Static } from 'typebox'
import { Type } from 'typebox'
import { TRIMMED } from './patterns.ts'
import { querystring } from './paging.ts'
import { assetsQuery, ROW_EXAMPLE, rowsQuery, usageRows } from './rows-input.ts'
import { CREATE_EXAMPLE, CreateUsageFileBody } from './usage-file-input.ts'

const { externalId: _inThePath, ...example } = CREATE_EXAMPLE
export const PUBLISH_EXAMPLE = example

export const PublishUsageReportBody = Type.Object(
  (({ externalId: _inPath, ...fields }) => fields)(CreateUsageFileBody.properties),
  {
    title: 'PublishUsageReport',
    additionalProperties: false,
    description: 'The header of the usage file, where it has to be created; null is the same as absent.',
    examples: [PUBLISH_EXAMPLE]
  }
)
export type PublishUsageReportBody = Static<typeof PublishUsageReportBody>

export const UsageReportParams = Type.Object({
  externalId: Type.String({
    ...TRIMMED,
    maxLength: 200,
    description: 'Your own id of the report. One usage file has it.',
    examples: ['acme-2026-10']
  })
}, { additionalProperties: false })

export const PublishUsageReportQuery = querystring({
  ...rowsQuery,
  ...assetsQuery,
  submit: Type.Optional(
    Type.Enum(['true', 'false'], {
      type: 'string',
      description: '`true` submits the file when it is ready; that needs the scope `usage:submit`. Default: `false`.',
      examples: ['true']
    })
  )
})

/** The request body of publishUsageReport for the OpenAPI document: a form, or JSON. */
export const reportBody = {
  description:
    'The header of the report and its rows. A form has the field `report` (JSON), then the field `file` with an XLSX ' +
    'workbook, CSV, NDJSON or JSON; JSON has `report`, `rows` and `categories`.',
  content: {
    'multipart/form-data': {
      schema: {
        title: 'UsageReportForm',
        description: 'A form. The field `report` comes before the file.',
        type: 'object',
        required: ['report', 'file'],
        additionalProperties: false,
        properties: {
          report: { type: 'string', description: 'The header as JSON.', examples: [JSON.stringify(PUBLISH_EXAMPLE)] },
          file: {
            type: 'string',
            format: 'binary',
            description: 'The workbook (.xlsx), or the rows (.csv, .ndjson, .json). The last part of the form.'
          }
        }
      }
    },
    'application/json': {
      schema: {
        title: 'UsageReportRows',
        type: 'object',
        additionalProperties: false,
        required: ['report', 'rows'],
        description: 'The header of a report, and its rows.',
        properties: { report: PublishUsageReportBody, ...usageRows },
        examples: [{ report: PUBLISH_EXAMPLE, rows: [ROW_EXAMPLE], categories: [] }]
      }
    }
  }
}
