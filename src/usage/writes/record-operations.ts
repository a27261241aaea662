import type { UpdateUsageRecordBody } from '../../../schemas/usage-record-input.ts'
import type { UsageRecord } from '../../../schemas/usage-record.ts'
import type * as Connect from '../../connect/types.ts'
import { fieldsOf, text } from '../mapping/normalize.ts'
import { statusOf, toUsageRecord } from '../mapping/usage-record.ts'
import { notShown } from './confirm-success.ts'
import type { SimpleWrite } from './engine.ts'

interface DecisionInput { readonly recordId: string, readonly decision: UpdateUsageRecordBody['status'] }

export const DECIDE_RECORD: SimpleWrite<DecisionInput, Connect.UsageRecord, UsageRecord> = {
  operationId: 'updateUsageRecord',
  toldBy: 'status of the record',
  nextRequestSends: 'when it is as before',
  resend: 'a failure',
  readsFirst: false,
  explainsLostRefusals: false,
  read: async ({ connect, input, context }) => await connect.usageRecords.get(input.recordId, context),
  send: async ({ connect, input }, context) =>
    await connect.usageRecords.update(input.recordId, { status: input.decision }, context),
  snapshot: record => ({ status: text(record.status) }),
  shows: (record, { input }) => {
    const status = statusOf(record)
    return status === null ? null : status === input.decision
  },
  // An approved record may have been closed since, so `closed` does not deny an approval. An unknown status proves
  // nothing.
  denies: (record, { input: { decision } }) => {
    const status = statusOf(record)
    return status !== null && status !== decision && !(decision === 'approved' && status === 'closed')
  },
  // A closed record stays closed, and an invalid record waits for the next upload. The file of a record may forbid a
  // decision, too; that is not checked here.
  obstacle: record => {
    const status = statusOf(record)
    if (status !== 'closed' && status !== 'invalid') return null
    return { detail: `The record is ${status}: it cannot be decided on.`, extra: { currentStatus: status } }
  },
  isWhole: (answer, { input }) =>
    answer.id === input.recordId && statusOf(answer) === input.decision && fieldsOf(answer.usagefile) !== null,
  show: toUsageRecord,
  showUnread: (answer, { input }) => {
    if (answer === null || statusOf(answer) === null) throw notShown()
    return toUsageRecord({ ...answer, id: input.recordId })
  }
}
