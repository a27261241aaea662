import { Decimal } from '../decimal.ts'
import { writeJson } from '../http/json.ts'
import type { UsageRecord } from '../state/types.ts'
import { assetView, fileReference, itemView } from './common.ts'
import type { View } from './common.ts'

const zero = new Decimal('0')
const decimals: Readonly<Record<string, number>> =
  { Integer: 0, 'Decimal(1)': 1, 'Decimal(2)': 2, 'Decimal(4)': 4, 'Decimal(8)': 8 }

/** With `isExact` (the option `exactNumbers`) `amount` and `usage` keep all digits. Else they are floating-point. */
export function recordView (record: UsageRecord, isExact: boolean): View {
  const { item, asset, file, amount } = record
  const quantity = record.quantity ?? zero
  const absent = file.nulls ? null : undefined
  const category = file.categories.find((one) => one.id === record.categoryId)
  return {
    id: record.id,
    start_date: record.start ?? undefined,
    end_date: record.end ?? undefined,
    product_id: file.contract.product.id,
    external_billing_id: record.billingId ?? undefined,
    external_billing_note: record.billingNote ?? undefined,
    item: item ? itemView(item) : undefined,
    asset: asset ? assetView(asset) : undefined,
    category: record.categoryId === null
      ? undefined
      : { id: record.categoryId, name: category?.name ?? record.categoryId },
    tier: record.tier ?? absent,
    amount: isExact ? amount ?? absent : amount?.toFloat() ?? absent,
    multiplier: 10 ** (decimals[item?.precision ?? 'Integer'] ?? 0),
    usage: isExact ? quantity : quantity.toFloat(),
    status: record.status,
    closed_at: record.closedAt ?? absent,
    closed_by: record.closedBy ?? absent,
    params: record.params.map(({ name, value }) => ({ parameter_name: name, parameter_value: value })),
    item_id: item?.id,
    asset_id: asset?.id,
    usagefile: fileReference(file),
    resource_local_id: item?.localId,
    asset_external_id: asset?.externalId,
    asset_external_uid: asset?.externalUid,
    error_codes: record.errorCodes ?? undefined,
    error_details: record.errorDetails ?? undefined
  }
}

interface Rendered { bytes: Buffer, parts: readonly unknown[] }

/**
 * The most records whose JSON is stored: two of the largest pages, because a client that repeats a bulk close reads the
 * same page several times.
 */
const MAX_RENDERED = 2000
const rendered = new Map<UsageRecord, Rendered>()

/** Gives the JSON of a record in UTF-8, and stores it for the next time. `parts` are the values that can change. */
export function recordBytes (record: UsageRecord, isExact: boolean): Buffer {
  const { status, billingId, billingNote, closedAt, file: { currency } } = record
  const parts = [status, billingId, billingNote, closedAt, currency]
  const known = rendered.get(record)
  if (known?.parts.every((part, index) => part === parts[index])) return known.bytes
  const bytes = Buffer.from(writeJson(recordView(record, isExact)))
  rendered.set(record, { bytes, parts })
  const [oldest] = rendered.keys()
  if (oldest !== undefined && rendered.size > MAX_RENDERED) rendered.delete(oldest)
  return bytes
}
