import { toSheetTime } from '../time.ts'
import type { Chunk, UsageFile } from './types.ts'

type Line = readonly [string, string]

function describe (file: UsageFile): { report: Line[], period: Line[], product: Line[], parties: Line[] } {
  const { product, provider, marketplace } = file.contract
  const currency: Line[] = file.currency === null ? [] : [['currency', file.currency]]
  return {
    report: [
      ['report_name', file.name],
      ['report_note', file.note ?? ''],
      ['report_id', file.id]
    ],
    period: [
      ['report_start_time_utc', toSheetTime(file.period.from)],
      ['report_end_time_utc', toSheetTime(file.period.to)]
    ],
    product: [
      ['usage_schema', product.schema.toUpperCase()],
      ...currency,
      ['product_id', product.id],
      ['product_name', product.name],
      ['marketplace_id', marketplace.id],
      ['marketplace_name', marketplace.name]
    ],
    parties: [
      ['vendor_account_id', product.vendor.id],
      ['vendor_account_name', product.vendor.name],
      ['provider_account_id', provider.id],
      ['provider_account_name', provider.name],
      ['distribution_contract_id', file.contract.id],
      ['distribution_contract_name', file.contract.name]
    ]
  }
}

/** Stores the present state of a file. Its processed workbook shows this state until the next call. */
export function refreshProcessed (file: UsageFile): void {
  const { report, period, product, parties } = describe(file)
  const { invalid } = file.counts
  file.processed = {
    general: [
      ...report,
      // Genuine workbooks have the result of the check here, not the status of the file.
      ['status', invalid > 0 || file.records.length === 0 ? 'invalid' : 'valid'],
      ...period,
      ['valid_records', String(file.records.length - invalid)],
      ['invalid_records', String(invalid)],
      ...product,
      ...parties
    ],
    status: file.status,
    recordStatuses: file.records.map(({ status }) => status)
  }
}

export function chunkGeneral (chunk: Chunk): Line[] {
  const { report, period, product, parties } = describe(chunk.file)
  return [...report, ...period, ...product, ['hub_id', chunk.hub.id], ['hub_name', chunk.hub.name], ...parties]
}
