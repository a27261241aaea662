import type { Account, UsageFile } from './state/types.ts'

/** Paths as in Connect's storage. A link gives the workbook of the time of its download, not of its signing. */
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
