import { badRequest, notFound, wrongState } from '../connect-error.ts'
import { eventBy } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { requireRole, seesRule } from './access.ts'
import { asObject, idField, textField } from './header.ts'
import type { Body } from './header.ts'
import { addEffect, newRuleId } from './store.ts'
import type { Account, Actor, Product, RuleAction, UsageRule } from './types.ts'

const actions: readonly RuleAction[] = ['accept', 'reject', 'manual']

export function findRule (sandbox: Sandbox, account: Account, product: Product, id: string): UsageRule {
  const rule = sandbox.store.rules.find((one) => one.id === id && one.product === product)
  if (!rule || !seesRule(account, rule)) throw notFound('Usage rule')
  return rule
}

interface RuleFields {
  action?: RuleAction
  rule?: string | null
  status?: 'active' | 'deleted'
  item?: UsageRule['item']
}

function readFields (product: Product, body: Body): RuleFields {
  const fields: RuleFields = {}
  const rule = textField(body, 'rule', 2000)
  if (rule !== undefined) fields.rule = rule
  if (body['action'] !== undefined) {
    const action = actions.find((one) => one === body['action'])
    if (!action) throw badRequest('action: Not a valid choice.')
    fields.action = action
  }
  const status = body['status']
  if (status !== undefined) {
    if (status !== 'active' && status !== 'deleted') throw badRequest('status: Not a valid choice.')
    fields.status = status
  }
  const itemId = idField(body, 'item')
  if (itemId !== undefined) {
    const item = product.items.find((one) => one.id === itemId)
    if (!item) throw badRequest(`item: ${itemId} does not exist.`)
    fields.item = item
  }
  return fields
}

/**
 * Published requests to Connect have no scope. So a rule with an item is for records of this item, a rule without one
 * for the whole file. The expression is not parsed here, because no source tells its language.
 */
export function createRule (sandbox: Sandbox, actor: Actor, product: Product, input: unknown): UsageRule {
  requireRole(actor, 'provider')
  const fields = readFields(product, asObject(input))
  if (!fields.action) throw badRequest('action: This field is required.')
  const created = eventBy(sandbox, actor)
  const rule: UsageRule = {
    id: newRuleId(sandbox.store),
    product,
    provider: actor.account,
    item: fields.item ?? null,
    action: fields.action,
    scope: fields.item ? 'record' : 'file',
    rule: fields.rule ?? null,
    status: fields.status ?? 'active',
    created,
    updated: created
  }
  sandbox.store.rules.push(rule)
  addEffect(sandbox.store, rule.id, 'created')
  return rule
}

export function updateRule (sandbox: Sandbox, actor: Actor, rule: UsageRule, input: unknown): void {
  requireRole(actor, 'provider')
  const body = asObject(input)
  const fields = readFields(rule.product, body)
  const move = body['gravity'] === undefined ? null : gravity(sandbox, actor, rule, body['gravity'])
  Object.assign(rule, fields)
  if (fields.item) rule.scope = 'record'
  rule.updated = eventBy(sandbox, actor)
  if (move) move()
  addEffect(sandbox.store, rule.id, 'updated')
}

/** Gives the function that moves a rule directly behind the rule `after`, or to the first place without `after`. */
function gravity (sandbox: Sandbox, actor: Actor, rule: UsageRule, input: unknown): () => void {
  const after = textField(asObject(input), 'after', 100)
  if (after === undefined) throw badRequest('gravity: after is required.')
  const target = after ? findRule(sandbox, actor.account, rule.product, after) : null
  if (target === rule) throw badRequest('gravity: A rule cannot follow itself.')
  return () => {
    const { rules } = sandbox.store
    rules.splice(rules.indexOf(rule), 1)
    rules.splice(target ? rules.indexOf(target) + 1 : 0, 0, rule)
  }
}

/** Gives a rule the status `deleted`, which Connect's list of statuses has. The rule can still be read. */
export function deleteRule (sandbox: Sandbox, actor: Actor, rule: UsageRule): void {
  requireRole(actor, 'provider')
  if (rule.status === 'deleted') throw wrongState('Usage rule is already deleted.')
  rule.status = 'deleted'
  rule.updated = eventBy(sandbox, actor)
  addEffect(sandbox.store, rule.id, 'deleted')
}
