import type { UsageFile, UsageRecord } from '@connect-usage-bff/client'
import { decimal, money } from '../format.ts'
import type { useSession } from '../session.tsx'
import { BILLING_INPUTS, toBilling } from './billing.ts'
import type { OneAction } from './one-action.tsx'

type Session = Pick<ReturnType<typeof useSession>, 'caller' | 'may'>
type FileStatus = UsageFile['status']

const DECIDABLE: readonly FileStatus[] = ['pending', 'accepted']
const BILLABLE: readonly FileStatus[] = ['accepted', 'closed']

/** Whether the caller can have actions on records: only a provider, in some statuses of the file, with a scope. */
export function hasRecordActions ({ status }: UsageFile, { caller, may }: Session): boolean {
  if (caller.account.role !== 'provider') return false
  return (DECIDABLE.includes(status) && may('usage:decide')) || (BILLABLE.includes(status) && may('usage:close'))
}

/** Gives the actions that the caller may do on a record of the file now; closing comes first. */
export function recordActions (record: UsageRecord, file: UsageFile, session: Session): readonly OneAction[] {
  if (!hasRecordActions(file, session)) return []
  const { status } = record
  const actions: OneAction[] = []
  if (status === 'approved' && BILLABLE.includes(file.status) && session.may('usage:close')) actions.push(close(record))
  if (!DECIDABLE.includes(file.status) || !session.may('usage:decide')) return actions
  if (status === 'valid' || status === 'rejected') actions.push(decide(record, 'approved'))
  if (status === 'valid' || status === 'approved') actions.push(decide(record, 'rejected'))
  return actions
}

function close (record: UsageRecord): OneAction {
  return {
    name: 'close',
    label: 'Close',
    explain: `The record is closed with your billing id: ${whatOf(record)}. It stays closed, with this id.`,
    inputs: BILLING_INPUTS,
    send: async (client, values, idempotencyKey) => await client.POST('/v1/usage-records/{recordId}/close', {
      params: { path: { recordId: record.id } }, body: toBilling(values), idempotencyKey
    })
  }
}

function decide (record: UsageRecord, status: 'approved' | 'rejected'): OneAction {
  const isRejection = status === 'rejected'
  return {
    name: isRejection ? 'reject' : 'approve',
    label: isRejection ? 'Reject' : 'Approve',
    ...(isRejection && { isDanger: true as const }),
    explain: isRejection
      ? `The record is not billed: ${whatOf(record)}. It can be approved later, until its file is closed.`
      : `The record can be billed: ${whatOf(record)}.`,
    send: async (client, _values, idempotencyKey) => await client.PATCH('/v1/usage-records/{recordId}', {
      params: { path: { recordId: record.id } }, body: { status }, idempotencyKey
    })
  }
}

function whatOf ({ item, quantity, amount, currency }: UsageRecord): string {
  const parts = [item.name ?? item.mpn ?? item.id, `${decimal(quantity)} ${item.unit ?? ''}`.trim(),
    amount === null ? null : money(amount, currency)]
  return parts.filter(part => part !== null).join(', ')
}
