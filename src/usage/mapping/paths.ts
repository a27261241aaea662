export const filePath = (id: string): string => `/v1/usage-files/${encodeURIComponent(id)}`
export const chunkPath = (id: string): string => `/v1/usage-chunks/${encodeURIComponent(id)}`
export const reconciliationPath = (id: string): string => `/v1/reconciliations/${encodeURIComponent(id)}`
export const rulePath = (productId: string, id: string): string =>
  `/v1/products/${encodeURIComponent(productId)}/usage-rules/${encodeURIComponent(id)}`
