import type { Account, UsageFile } from './state/types.ts'

/** The paths are those of Connect's storage. A link to one gives the workbook as it is at the time of the download. */
export const uploadedPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/uploaded/${file.id}.xlsx`
/** The folder `processed-provider` is invented: Connect's name for it is not known. */
export const processedPath = (file: UsageFile, role: Account['role']): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/${role === 'vendor' ? 'processed' : 'processed-provider'}/` +
  `${file.id}-PROCESSED.xlsx`
export const reconciliationPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/reconciliation/${file.id}-RECONCILIATION.xlsx`
export const templatePath = (productId: string): string =>
  `/storage/usage/${productId}/template/TEMPLATE-${productId}.xlsx`
