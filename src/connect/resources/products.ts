import type { RulesApi, TemplatesApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

export function templates (requester: ConnectRequester): TemplatesApi {
  return {
    get: (productId, ctx) => requester.get('templates.get', route`/usage/products/${productId}/template`, ctx)
  }
}

export function rules (requester: ConnectRequester): RulesApi {
  const all = (productId: string) => route`/products/${productId}/usage/rules`
  const one = (productId: string, ruleId: string) => objectRoute`/products/${productId}/usage/rules/${ruleId}`
  return {
    list: (productId, query, ctx) => requester.list('rules.list', all(productId), query, ctx),
    create: (productId, body, ctx) => requester.write('rules.create', 'POST', all(productId), body, ctx),
    get: (productId, ruleId, ctx) => requester.get('rules.get', one(productId, ruleId), ctx),
    update: (productId, ruleId, body, ctx) => requester.write('rules.update', 'PUT', one(productId, ruleId), body, ctx),
    async delete (productId, ruleId, ctx) {
      await requester.write('rules.delete', 'DELETE', one(productId, ruleId), undefined, ctx)
      return null
    }
  }
}
