import { header } from '../../sandbox/test/stories.ts'

/** The header of a usage file. */
export const draft = {
  name: 'Usage of October', productId: header.product.id, contractId: header.contract.id, period: header.period
}

/** A row that Connect takes. */
export const rowOf = (n: number) => ({
  record_id: `r-${n}`,
  item_search_criteria: 'item.mpn',
  item_search_value: 'FB-SEATS',
  quantity: '5',
  amount: '10.50',
  start_time_utc: '2026-10-01 00:00:00',
  end_time_utc: '2026-10-01 23:59:59',
  asset_search_criteria: 'asset.id',
  asset_search_value: 'AS-5501-1000-0001'
})
