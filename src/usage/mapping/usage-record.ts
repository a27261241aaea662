import { ITEM_TYPES, PRECISIONS, RECORD_STATUSES, type UsageRecord } from '../../../schemas/usage-record.ts'
import { USAGE_SCHEMAS } from '../../../schemas/common.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError } from '../../errors/app-error.ts'
import {
  decimal,
  fieldsOf,
  identifier,
  integer,
  itemsOf,
  oneOf,
  precision,
  reference,
  requiredId,
  rowErrors,
  text,
  time,
  type Fields,
  type Reference
} from './normalize.ts'

export function toUsageRecord (record: Connect.UsageRecord): UsageRecord {
  const given = record as Fields
  const file = fieldsOf(given['usagefile'])
  return {
    id: requiredId(given, 'usage record'),
    fileId: identifier(file?.['id']),
    fileName: text(file?.['name']),
    productId: identifier(given['product_id']),
    item: itemOf(given),
    asset: assetOf(given),
    category: categoryOf(given['category']),
    startDate: time(given['start_date']),
    endDate: time(given['end_date'], 'end'),
    quantity: decimal(given['usage']),
    amount: decimal(given['amount']),
    tier: integer(given['tier']),
    multiplier: integer(given['multiplier']),
    currency: identifier(file?.['currency']),
    schema: oneOf(USAGE_SCHEMAS, file?.['schema']),
    status: statusOf(record),
    externalBillingId: identifier(given['external_billing_id']),
    externalBillingNote: text(given['external_billing_note']),
    closedAt: time(given['closed_at']),
    closedBy: closerOf(given['closed_by']),
    params: paramsOf(given['params']),
    errors: rowErrors(given['error_codes'], given['error_details'])
  }
}

/**
 * Reads a record for a sum over the records of the file `fileId`. Throws UPSTREAM_INVALID for a record that does not
 * show this file, and for an amount or a quantity that is no number: the sum would be wrong. A missing or empty amount
 * or quantity is no fault.
 */
export function toCountedRecord (record: Connect.UsageRecord, fileId: string): UsageRecord {
  const counted = toUsageRecord(record)
  if (counted.fileId !== fileId) throw new AppError('UPSTREAM_INVALID', 'Connect listed records of another usage file.')
  const { amount, usage } = record as Fields
  if (isUnreadable(amount, counted.amount) || isUnreadable(usage, counted.quantity)) {
    throw new AppError('UPSTREAM_INVALID', `The record ${counted.id} has an amount or a quantity that is no number.`)
  }
  return counted
}

function isUnreadable (given: unknown, read: string | null): boolean {
  return read === null && given !== null && given !== undefined && given !== ''
}

/** Gives the status of a record, or of a row of a bulk close. Null when it is none of the known ones. */
export function statusOf ({ status }: { readonly status?: unknown }): UsageRecord['status'] {
  return oneOf(RECORD_STATUSES, status)
}

export function itemOf (given: Fields): UsageRecord['item'] {
  const item = fieldsOf(given['item'])
  return {
    id: identifier(item?.['id'] ?? given['item_id']),
    localId: identifier(item?.['local_id'] ?? given['resource_local_id']),
    name: text(item?.['name']),
    unit: text(item?.['unit']),
    mpn: text(item?.['mpn']),
    precision: oneOf(PRECISIONS, precision(item?.['precision'])),
    type: oneOf(ITEM_TYPES, item?.['type'])
  }
}

export function assetOf (given: Fields): UsageRecord['asset'] {
  const asset = fieldsOf(given['asset'])
  return {
    id: identifier(asset?.['id'] ?? given['asset_id']),
    externalId: identifier(asset?.['external_id'] ?? given['asset_external_id']),
    externalUid: identifier(asset?.['external_uid'] ?? given['asset_external_uid']),
    reconId: identifier(asset?.['recon_id'] ?? given['asset_recon_id'])
  }
}

/** A text is taken as both id and name of the category, which are the same in real records. */
function categoryOf (value: unknown): Reference | null {
  if (typeof value === 'string') return value === '' ? null : { id: value, name: value }
  return reference(value)
}

function closerOf (value: unknown): string | null {
  const fields = fieldsOf(value)
  return fields === null ? identifier(value) : identifier(fields['id']) ?? text(fields['name'])
}

function paramsOf (value: unknown): UsageRecord['params'] {
  return itemsOf(value).flatMap((item) => {
    const param = fieldsOf(item)
    return param === null ? [] : [{ name: text(param['parameter_name']), value: text(param['parameter_value']) }]
  })
}
