import { Type } from 'typebox'
import { words } from './common.ts'

export const REPORT_STEPS = ['check', 'create', 'upload', 'wait', 'submit'] as const
export type ReportStep = typeof REPORT_STEPS[number]

export const STEP_OUTCOMES = ['done', 'kept', 'skipped'] as const
export type StepOutcome = typeof STEP_OUTCOMES[number]

export const reportSteps = (description: string) => Type.Array(
  Type.Object(
    {
      step: words('UsageReportStep', 'A step of publishing a report.', REPORT_STEPS, { description: 'The step.' }),
      outcome: words('UsageReportOutcome', 'What a request did about a step.', STEP_OUTCOMES, {
        description:
          '`done` by this request; `kept`: Connect showed that it was done before; `skipped`: not wanted, or not ' +
          'possible in this state.'
      })
    },
    { title: 'UsageReportStepOutcome', additionalProperties: false, description: 'What became of one step.' }
  ),
  { description }
)

/** The schemas of the members that a problem of publishUsageReport may have beside those of every problem. */
export const reportMembers = {
  fileIds: Type.Optional(Type.Array(Type.String(), {
    description: 'The usage files of a report: for `REPORT_DIFFERS`, `REPORT_AMBIGUOUS`, and where steps were done.'
  })),
  steps: Type.Optional(reportSteps('What this request did of a report before the problem.'))
}
