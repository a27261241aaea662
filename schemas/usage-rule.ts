import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Time, nullable, text, words } from './common.ts'
import { anyOfEnum, anyOfIds, pagingQuery, querystring } from './paging.ts'
import { TRIMMED, idOf, itemId, productId } from './patterns.ts'

export const RULE_ACTIONS = ['accept', 'reject', 'manual'] as const
export const RULE_SCOPES = ['record', 'file'] as const
export const RULE_STATUSES = ['active', 'deleted'] as const

export const USAGE_RULE_EXAMPLE = {
  id: 'UIR-276-377-001',
  itemId: 'PRD-276-377-545-0002',
  itemName: 'Virtual machine, small',
  productId: 'PRD-276-377-545',
  action: 'accept',
  scope: 'record',
  rule: 'lt(amount,1000)',
  status: 'active',
  createdAt: '2026-09-01T08:00:00Z',
  updatedAt: '2026-09-14T11:20:05Z'
}

/** The example of a 409 response in the OpenAPI document, for changes of rules. */
export const RULE_NOT_ALLOWED = {
  409: {
    description: 'The rule is deleted.',
    code: 'ACTION_NOT_ALLOWED',
    detail: 'The rule is deleted.',
    more: {
      currentStatus: 'deleted',
      connect: { status: 400, errorCode: 'USG_100', errors: ['Usage rule is already deleted.'] }
    }
  }
} as const

const ruleAction = words(
  'UsageRuleAction',
  'What the rule does with usage that fits it: `accept`, `reject`, or `manual`, which leaves the decision to a person.',
  RULE_ACTIONS
)
const ruleScope = words(
  'UsageRuleScope', '`record`: the rule decides on single records. `file`: it decides on the whole file.', RULE_SCOPES
)
export const ruleStatus = words('UsageRuleStatus', 'Whether Connect uses the rule.', RULE_STATUSES)

export const UsageRule = Type.Object(
  {
    id: Type.String({ description: 'Id of the rule.', examples: ['UIR-276-377-001'] }),
    itemId: text('Id of the item it is about; null when it is about all of them.'),
    itemName: text('Name of that item.'),
    productId: Type.String({ description: 'Id of the product.', examples: ['PRD-276-377-545'] }),
    action: nullable(ruleAction),
    scope: nullable(ruleScope),
    rule: text("The condition, in Connect's language of rules.", { examples: ['lt(amount,1000)'] }),
    status: nullable(ruleStatus),
    createdAt: Time('When it was made.'),
    updatedAt: Time('When it was changed last.')
  },
  {
    $id: 'UsageRule',
    additionalProperties: false,
    description: "A provider's rule that decides on reported usage without a person.",
    examples: [USAGE_RULE_EXAMPLE]
  }
)
export type UsageRule = Static<typeof UsageRule>
export const UsageRuleRef = Type.Unsafe<UsageRule>(Type.Ref('UsageRule'))

/** The pattern of the id of a rule. No public document shows such an id, so every id in Connect's form is allowed. */
const RULE_ID = '^[A-Z]{2,4}(-[0-9]{1,12}){1,8}$'

export const UsageRuleParams = Type.Object({
  productId,
  ruleId: idOf('rule', RULE_ID, 'UIR-276-377-001')
}, { additionalProperties: false })

export const ListUsageRulesQuery = querystring({
  id: anyOfIds('Ids of rules.', idOf('rule', RULE_ID, 'UIR-276-377-001')),
  itemId: anyOfIds('Ids of items.', itemId),
  itemName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: "Text anywhere in the item's name, in any case.",
      examples: ['machine']
    })
  ),
  action: anyOfEnum(ruleAction, 'Actions.'),
  scope: anyOfEnum(ruleScope, 'Scopes.'),
  status: anyOfEnum(ruleStatus, 'Statuses.'),
  ...pagingQuery
})
export type ListUsageRulesQuery = Static<typeof ListUsageRulesQuery>

const inputs = {
  itemId: Type.String({
    ...TRIMMED,
    maxLength: 100,
    description: 'Id of the item it is about.',
    examples: ['PRD-276-377-545-0002']
  }),
  action: { ...ruleAction, examples: ['accept'] },
  rule: Type.String({
    minLength: 1,
    maxLength: 2000,
    description: "The condition, in Connect's language of rules.",
    examples: ['lt(amount,1000)']
  }),
  status: { ...ruleStatus, examples: ['active'] }
}

export const CREATE_RULE_EXAMPLE = { itemId: 'PRD-276-377-545-0002', action: 'accept', rule: 'lt(amount,1000)' }

export const CreateUsageRuleBody = Type.Object({
  itemId: inputs.itemId,
  action: inputs.action,
  rule: inputs.rule,
  status: Type.Optional({ ...inputs.status, default: 'active' as const })
}, {
  title: 'CreateUsageRule',
  additionalProperties: false,
  description: 'The new rule.',
  examples: [CREATE_RULE_EXAMPLE]
})
export type CreateUsageRuleBody = Static<typeof CreateUsageRuleBody>

export const UPDATE_RULE_EXAMPLE = { rule: 'lt(amount,500)', afterRuleId: 'UIR-276-377-002' }

export const UpdateUsageRuleBody = Type.Object(
  {
    itemId: Type.Optional(inputs.itemId),
    action: Type.Optional(inputs.action),
    rule: Type.Optional(nullable(inputs.rule)),
    status: Type.Optional(inputs.status),
    afterRuleId: Type.Optional(idOf('rule to stand behind', RULE_ID, 'UIR-276-377-002'))
  },
  {
    title: 'UpdateUsageRule',
    additionalProperties: false,
    minProperties: 1,
    description: 'What to change: null clears, what is absent stays.',
    examples: [UPDATE_RULE_EXAMPLE]
  }
)
export type UpdateUsageRuleBody = Static<typeof UpdateUsageRuleBody>
