import type { TemplatesApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { route } from '../http/route.ts'

/** The workbook template of a product: operation 33. */
export function templates (caller: Caller): TemplatesApi {
  return {
    get: (productId, ctx) => caller.get('templates.get', route`/usage/products/${productId}/template`, ctx)
  }
}
