import { Decimal } from '../decimal.ts'
import type { Random } from '../random.ts'
import { toSeconds } from '../time.ts'
import type { CatalogItem } from '../workbooks/types.ts'
import type { RecordStatus, UsageFile, UsageRecord } from '../state/types.ts'

const decimals: Readonly<Record<CatalogItem['precision'], number>> =
  { Integer: 0, 'Decimal(1)': 1, 'Decimal(2)': 2, 'Decimal(4)': 4, 'Decimal(8)': 8 }

function quantityOf (item: CatalogItem, random: Random): Decimal {
  const whole = 1 + random.below(item.precision === 'Integer' ? 60 : 900)
  const places = decimals[item.precision]
  return new Decimal(places === 0 ? String(whole) : `${whole}.${random.digits(places)}`)
}

const notes = [null, null, null, 'Monthly consumption', 'Includes overage', 'Promotional rate']

interface Row { index: number, createdAt: string, categories: readonly string[] }

/** Gives the record of one row of a file that the sandbox starts with. It is valid and not decided yet. */
export function seedRecord (file: UsageFile, { index, createdAt, categories }: Row, random: Random): UsageRecord {
  const { product, assets } = file.contract
  const perItem = product.schema === 'tr' ? 3 : 1
  const turn = Math.floor(index / perItem)
  const item = product.items[turn % product.items.length]
  const asset = assets[Math.floor(turn / product.items.length) % assets.length]
  if (!item || !asset) throw new Error('a seeded contract has items and assets')
  const from = Date.parse(file.period.from)
  const days = Math.max(1, Math.floor((Date.parse(file.period.to) - from) / 86_400_000))
  const start = from + random.below(days) * 86_400_000
  return {
    id: `UR-${createdAt.slice(0, 7)}-${file.id.slice(-9)}-${String(index).padStart(4, '0')}-${random.digits(4)}`,
    recordId: `${file.id}_record_${index + 1}`,
    note: random.pick(notes),
    row: index + 2,
    file,
    chunk: null,
    item,
    asset,
    categoryId: categories.length === 0 ? null : random.pick(categories),
    tier: product.schema === 'tr' ? index % 3 : null,
    quantity: quantityOf(item, random),
    amount:
      product.schema === 'qt'
        ? null
        : new Decimal(`${random.below(900)}.${random.digits(random.pick([1, 2, 2, 4, 8]))}`),
    start: toSeconds(start),
    end: toSeconds(start + 86_399_000),
    params: product.id === 'PRD-700-100-200' ? [{ name: 'v.invoice_number', value: `G${random.digits(9)}` }] : [],
    status: 'valid',
    errorCodes: null,
    errorDetails: null,
    billingId: null,
    billingNote: null,
    closedAt: null,
    closedBy: null,
    createdAt
  }
}

/** Makes a record invalid: in an even row its item is unknown, in an odd row its asset. */
export function spoil (record: UsageRecord): void {
  record.status = 'invalid'
  if (record.row % 2 === 0) {
    record.item = null
    record.errorCodes = 'USG_011'
    record.errorDetails = 'Unknown MPN'
  } else {
    record.asset = null
    record.errorCodes = 'USG_013'
    record.errorDetails = 'Unknown asset: none has asset.id "AS-0000-0000-0000"'
  }
}

export function decide (record: UsageRecord, status: RecordStatus, billing: { id: string, at: string } | null): void {
  record.status = status
  if (!billing) return
  record.billingId = billing.id
  record.billingNote = 'Billed with the monthly run'
  record.closedAt = billing.at
  record.closedBy = 'SU-400-500-600'
}
