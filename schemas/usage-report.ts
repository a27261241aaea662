import type { Static } from 'typebox'
import { Type } from 'typebox'
import { words } from './common.ts'
import { USAGE_CHECK_EXAMPLE, UsageCheckRef } from './usage-check.ts'
import { fileExample, UsageFileRef } from './usage-file.ts'
import type { Sample } from './problem.ts'
import { reportSteps } from './report-step.ts'

export const REPORT_STATES = [
  'processing', 'invalid', 'ready', 'submitted', 'rejected', 'accepted', 'closed'
] as const
export type ReportState = typeof REPORT_STATES[number]

export const UsageReport = Type.Object(
  {
    externalId: Type.String({ description: 'Your own id of the report.', examples: ['acme-2026-10'] }),
    state: words('UsageReportState', 'How far a report has come.', REPORT_STATES, {
      description:
        '`processing`: Connect is still at work, send the same request again. `invalid`: Connect found errors in the ' +
        'rows. `ready`: may be submitted. `submitted`: waits for the provider. Else what the provider has done.'
    }),
    file: UsageFileRef,
    check: UsageCheckRef,
    steps: reportSteps('The steps, in their order. With `processing`, those that have not ended are absent.')
  },
  {
    $id: 'UsageReport',
    additionalProperties: false,
    description: 'A report and its usage file.'
  }
)
export type UsageReport = Static<typeof UsageReport>
export const UsageReportRef = Type.Unsafe<UsageReport>(Type.Ref('UsageReport'))

export function reportExample (state: 'processing' | 'submitted'): UsageReport {
  const isDone = state === 'submitted'
  return {
    externalId: 'acme-2026-10',
    state,
    file: fileExample(isDone ? 'pending' : 'processing', []) as UsageReport['file'],
    check: {
      ...USAGE_CHECK_EXAMPLE, valid: true, rows: { total: 1, valid: 1, invalid: 0 }, problems: [], byCode: []
    } as unknown as UsageReport['check'],
    steps: [
      { step: 'check', outcome: 'done' },
      { step: 'create', outcome: 'done' },
      { step: 'upload', outcome: 'done' },
      ...(isDone ? [{ step: 'wait', outcome: 'done' } as const, { step: 'submit', outcome: 'done' } as const] : [])
    ]
  }
}

/** The example of a 409 response of publishUsageReport in the OpenAPI document. */
export const IN_FLIGHT: Sample = {
  description:
    'Another request for the report is under way, or an earlier one with other rows is still in doubt ' +
    '(`REPORT_IN_FLIGHT`); the file was submitted with other rows, or is for another product or contract ' +
    '(`REPORT_DIFFERS`); or several files have the external id (`REPORT_AMBIGUOUS`).',
  code: 'REPORT_IN_FLIGHT',
  detail: 'Another request for this report is under way. Send yours again when that is over.'
}
