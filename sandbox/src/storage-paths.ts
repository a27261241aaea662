import type { Account, UsageFile } from './state/types.ts'

/**
 * The paths of stored files, as Connect's storage has them. A signed link to a path gives the file that is stored there
 * at the time of the download.
 */
export const uploadedPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/uploaded/${file.id}.xlsx`
/** The folder of the provider's processed workbook is invented: Connect's name for it is not known. */
export const processedPath = (file: UsageFile, role: Account['role']): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/${role === 'vendor' ? 'processed' : 'processed-provider'}/` +
  `${file.id}-PROCESSED.xlsx`
export const reconciliationPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/reconciliation/${file.id}-RECONCILIATION.xlsx`
export const templatePath = (productId: string): string =>
  `/storage/usage/${productId}/template/TEMPLATE-${productId}.xlsx`
