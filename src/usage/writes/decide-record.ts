import type { UpdateUsageRecordBody } from '../../../schemas/usage-record-input.ts'
import { RECORD_STATUSES, type UsageRecord } from '../../../schemas/usage-record.ts'
import type * as Connect from '../../connect/types.ts'
import { confirmWrite, notShown } from './confirm-write.ts'
import { fieldsOf, oneOf, text } from '../mapping/normalize.ts'
import { sendWrite, type Obstacle, type Write } from './send-write.ts'
import { toUsageRecord } from '../mapping/usage-record.ts'

export interface DecideRecordSteps extends Pick<Write<Connect.UsageRecord>, 'act' | 'read' | 'attempt'> {
  id: string
  decision: UpdateUsageRecordBody['status']
}

/** Approves or rejects one record and gives it as it is afterwards. */
export async function decideRecord ({ id, decision, ...write }: DecideRecordSteps): Promise<UsageRecord> {
  const { read } = write
  const isDone = (record: Connect.UsageRecord): boolean => statusOf(record) === decision
  const answer = await sendWrite({
    ...write,
    isResendable: true,
    isDone,
    obstacle,
    trace: record => ({ status: text(record.status) })
  })
  const isWhole = answer !== null && answer.id === id && isDone(answer) && fieldsOf(answer.usagefile) !== null
  const record = await confirmWrite({
    whole: isWhole ? answer : null,
    answer,
    read,
    isUndone: record => isOtherwise(record, decision)
  })
  if (record !== null) return toUsageRecord(record)
  if (answer === null || statusOf(answer) === null) throw notShown()
  return toUsageRecord({ ...answer, id })
}

/** What was approved may have been closed since. */
function isOtherwise (record: Connect.UsageRecord, decision: UpdateUsageRecordBody['status']): boolean {
  const status = statusOf(record)
  return status !== null && status !== decision && !(decision === 'approved' && status === 'closed')
}

/** What is closed stays so, and what is invalid is replaced by the next upload; on the rest the file has a say, too. */
function obstacle (record: Connect.UsageRecord): Obstacle | null {
  const status = statusOf(record)
  if (status !== 'closed' && status !== 'invalid') return null
  return { detail: `The record is ${status}: it cannot be decided on.`, extra: { currentStatus: status } }
}

function statusOf (record: Connect.UsageRecord): UsageRecord['status'] {
  return oneOf(RECORD_STATUSES, record.status)
}
