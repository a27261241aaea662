import type { RulesApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

/** Usage rules of a product: operations 34 to 38. */
export function rules (caller: Caller): RulesApi {
  const one = (productId: string, ruleId: string) => objectRoute`/products/${productId}/usage/rules/${ruleId}`
  return {
    list: (productId, query, ctx) => caller.list('rules.list', route`/products/${productId}/usage/rules`, query, ctx),
    create: (productId, body, ctx) =>
      caller.write('rules.create', 'POST', route`/products/${productId}/usage/rules`, body, ctx),
    get: (productId, ruleId, ctx) => caller.get('rules.get', one(productId, ruleId), ctx),
    update: (productId, ruleId, body, ctx) => caller.write('rules.update', 'PUT', one(productId, ruleId), body, ctx),
    async delete (productId, ruleId, ctx) {
      await caller.write('rules.delete', 'DELETE', one(productId, ruleId), undefined, ctx)
      return null
    }
  }
}
