import { choice, searchable, sortable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { UsageRule } from '../state/types.ts'

export const ruleCollection: Collection<UsageRule> = {
  fields: {
    id: text((rule) => rule.id, searchable),
    action: choice(['accept', 'reject', 'manual'], (rule) => rule.action, searchable),
    'item.id': text((rule) => rule.item?.id, sortable),
    'item.name': text((rule) => rule.item?.name, searchable),
    rule: text((rule) => rule.rule, searchable),
    scope: choice(['record', 'file'], (rule) => rule.scope, searchable),
    status: choice(['active', 'deleted'], (rule) => rule.status, searchable)
  }
}
