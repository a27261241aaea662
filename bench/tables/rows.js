/** The table that all contenders write and read: 16 columns of usage, made anew from the number of the row. */
export const COLUMNS = [
  'record_id', 'record_note', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc',
  'end_time_utc', 'asset_search_criteria', 'asset_search_value', 'category_id', 'amount', 'v.invoice_number',
  'v.region', 'v.resource_id', 'v.meter', 'v.order'
]
export const NUMBERS = ['quantity', 'amount']

/** The texts of row `n`, from 0. `tables/write-libxlsxwriter.c` writes the same. */
export function rowOf (n) {
  const day = String(1 + n % 28).padStart(2, '0')
  return [
    `rec-${String(n).padStart(8, '0')}`,
    `Usage of day ${day}`,
    'item.mpn',
    `FB-METER-${String(n % 40).padStart(2, '0')}`,
    `${n % 744}.${String(n % 100).padStart(2, '0')}`,
    `2026-10-${day} 00:00:00`,
    `2026-10-${day} 23:59:59`,
    'asset.id',
    `AS-5501-1000-${String(n % 10_000).padStart(4, '0')}`,
    `category-${n % 5}`,
    `${n % 1000}.${String(n % 10_000).padStart(4, '0')}`,
    `INV-2026-10-${String(n % 5_000).padStart(6, '0')}`,
    'us-east-1',
    `vm-${String(n * 7919 % 1_000_003).padStart(7, '0')}`,
    'hours',
    `${n}`
  ]
}

const ROWS_AT_ONCE = 1_000

export function * csvOf (count) {
  yield `${COLUMNS.join(',')}\r\n`
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    let text = ''
    for (let n = from; n < Math.min(count, from + ROWS_AT_ONCE); n += 1) text += `${rowOf(n).join(',')}\r\n`
    yield text
  }
}
