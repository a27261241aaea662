import type { Static } from 'typebox'
import { Type } from 'typebox'
import { words } from './common.ts'

/**
 * The statuses that a caller may give to a record. Others come from actions such as an upload of the file, or a close.
 */
export const DECISIONS = ['approved', 'rejected'] as const

/** The example of a 409 response in the OpenAPI document, for a decision about a record. */
export const RECORD_NOT_ALLOWED = {
  409: {
    description: 'The record can no longer be decided on.',
    code: 'ACTION_NOT_ALLOWED',
    detail: 'The record is closed: it cannot be decided on.',
    more: {
      currentStatus: 'closed',
      connect: { status: 400, errorCode: 'USG_100', errors: ['Usage record cannot go from closed to rejected.'] }
    }
  }
} as const

export const UpdateUsageRecordBody = Type.Object(
  {
    status: words('UsageDecision', 'A decision on a record.', DECISIONS, {
      description: 'The decision on the record.',
      examples: ['rejected']
    })
  },
  {
    title: 'UpdateUsageRecord',
    additionalProperties: false,
    description: 'The decision.',
    examples: [{ status: 'rejected' }]
  }
)
export type UpdateUsageRecordBody = Static<typeof UpdateUsageRecordBody>
