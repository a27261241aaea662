import type { Account, UsageFile } from './state/types.ts'

/**
 * Gives the path of the uploaded workbook of a usage file. All functions here give paths as Connect's storage has them.
 * A signed link to a path gives the workbook as it is at the time of the download, not of the signature.
 */
export const uploadedPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/uploaded/${file.id}.xlsx`
/**
 * Gives the path of the processed workbook that a role gets. The folder `processed-provider` is invented: Connect's
 * name for it is not known.
 */
export const processedPath = (file: UsageFile, role: Account['role']): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/${role === 'vendor' ? 'processed' : 'processed-provider'}/` +
  `${file.id}-PROCESSED.xlsx`
export const reconciliationPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/reconciliation/${file.id}-RECONCILIATION.xlsx`
export const templatePath = (productId: string): string =>
  `/storage/usage/${productId}/template/TEMPLATE-${productId}.xlsx`
