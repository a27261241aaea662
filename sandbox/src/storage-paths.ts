import type { Account, UsageFile } from './state/types.ts'

/** Blob names as Connect's storage has them; a link to one opens whatever is stored there now. */
export const uploadedPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/uploaded/${file.id}.xlsx`
/** The folder of the provider's copy is the sandbox's own. */
export const processedPath = (file: UsageFile, role: Account['role']): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/${role === 'vendor' ? 'processed' : 'processed-provider'}/` +
  `${file.id}-PROCESSED.xlsx`
export const reconciliationPath = (file: UsageFile): string =>
  `/storage/usage/${file.contract.product.id}/${file.id}/reconciliation/${file.id}-RECONCILIATION.xlsx`
export const templatePath = (productId: string): string =>
  `/storage/usage/${productId}/template/TEMPLATE-${productId}.xlsx`
