import type { CloseUsageRecordBody } from '../../../schemas/usage-record.ts'
import type * as Connect from '../../connect/types.ts'
import { NOT_SHOWN, redactText } from '../../connect/redact.ts'
import { AppError } from '../../errors/app-error.ts'
import { confirmSuccess, notShown } from './confirm-success.ts'
import { fieldsOf, identifier } from '../mapping/normalize.ts'
import { statusOf } from '../mapping/usage-record.ts'
import { sendAndReadBack, type Resend } from './send-and-read-back.ts'
import { present } from './present.ts'

export interface CloseRecordSteps {
  billing: CloseUsageRecordBody
  read: () => Promise<Connect.UsageRecord>
  /** Called a second time only if Connect answered the first send with a failure and the status is still as before. */
  send: (body: Connect.BillingBody, again: Resend) => Promise<Connect.UsageRecord | null>
}

/**
 * Closes one record with a billing id, once, and gives the record. For a record that is closed with that billing id
 * already, sends nothing. Throws BILLING_CONFLICT for a record that is closed with another billing id. Throws
 * OUTCOME_UNKNOWN when Connect does not show whether, or with which billing id, the record is closed, or may still
 * close it. A closed record that is shown to have no billing id is a conflict before the send and after a refusal of
 * the first send, otherwise OUTCOME_UNKNOWN.
 */
export async function closeRecord ({ billing, read, send }: CloseRecordSteps): Promise<Connect.UsageRecord> {
  const { externalBillingId } = billing
  const body = billingBody(billing)
  const before = await read()
  // Perhaps Connect takes a second close, so nothing is sent for a record that may be closed already.
  const closed = closedWith(before, externalBillingId)
  if (closed === undefined) throw hidden(before)
  if (closed !== null) return closed
  let seen: Connect.UsageRecord | null = null
  const readAgain = async (wasRefused: boolean): Promise<{ record: Connect.UsageRecord } | null | undefined> => {
    seen = await read()
    // After a send of unknown outcome, that send or somebody else may have closed a record that has no billing id.
    if (!wasRefused && isClosed(seen) && identifier(seen.external_billing_id) === null) return undefined
    const record = closedWith(seen, externalBillingId)
    return record === null || record === undefined ? record : { record }
  }
  const { record } = await sendAndReadBack<{ record: Connect.UsageRecord | null }>(
    async again => ({ record: await send(body, again) }),
    async () => await readAgain(false),
    {
      // Somebody else may have closed the record after this request read it, so it is read again after a refusal.
      readRefused: async () => await readAgain(true),
      // Perhaps Connect takes a second close. After a reset of the connection, Connect may still work on the first one.
      // So the close is sent again only after a failure that Connect answered.
      mayResend: failed => failed === 'answered' && seen !== null && statusOf(seen) === statusOf(before)
    }
  )
  const isWhole = record !== null && record.id === before.id && isClosed(record) && fieldsOf(record.usagefile) !== null
  const denies = (record: Connect.UsageRecord): boolean => isOtherwise(record, externalBillingId)
  // An answer without a record counts as `{}`. This does not show `closed`, so it does not prove a success if the
  // record cannot be read.
  const found = await confirmSuccess({ whole: isWhole ? record : null, answer: record ?? {}, read, denies })
  if (found !== null) return found
  // The answer shows the close. But an answer without the id of this record may be about another record.
  if (record === null || record.id !== before.id) throw notShown()
  return { ...before, ...record }
}

/** Whether a record denies a success. Throws BILLING_CONFLICT for a record that is closed with another billing id. */
function isOtherwise (record: Connect.UsageRecord, billingId: string): boolean {
  return !isClosed(record) || identifier(record.external_billing_id) === null || !closedWith(record, billingId)
}

export function billingBody ({ externalBillingId, externalBillingNote }: CloseUsageRecordBody): Connect.BillingBody {
  return { external_billing_id: externalBillingId, ...present('external_billing_note', externalBillingNote) }
}

/**
 * Gives the record if it is closed with this billing id; null if it has another known status than `closed`; undefined
 * if Connect does not show whether, or with which billing id, it is closed. Otherwise throws BILLING_CONFLICT.
 */
function closedWith (record: Connect.UsageRecord, billingId: string): Connect.UsageRecord | null | undefined {
  const status = statusOf(record)
  if (status === null) return undefined
  if (status !== 'closed') return null
  if (record.external_billing_id === undefined) return undefined
  const found = identifier(record.external_billing_id)
  if (found === billingId) return record
  const shown = found === null ? null : redactText(found, 255) || NOT_SHOWN
  const how = shown === null ? 'without a billing id' : `with the billing id ${shown}`
  throw new AppError('BILLING_CONFLICT', `The record is closed ${how}.`, { extra: { externalBillingId: shown } })
}

function hidden (record: Connect.UsageRecord): AppError {
  const known = isClosed(record)
    ? 'The record is closed, and Connect does not show with which billing id.'
    : 'Connect does not show whether the record is closed.'
  return new AppError('OUTCOME_UNKNOWN', `${known} Nothing was sent. Read the object before you repeat the request.`)
}

function isClosed (record: Connect.UsageRecord): boolean {
  return statusOf(record) === 'closed'
}
