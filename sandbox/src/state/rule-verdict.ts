import { RqlError } from '../rql/ast.ts'
import type { Expression } from '../rql/ast.ts'
import { date, number, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import { compile } from '../rql/evaluate.ts'
import type { Test } from '../rql/evaluate.ts'
import { parseExpression } from '../rql/parse.ts'
import type { RuleAction, UsageFile, UsageRecord, UsageRule } from './types.ts'

/** `records` has only those that a rule accepts or rejects. `file` is null when no rule decides the file. */
export interface Verdict {
  records: Map<UsageRecord, 'approved' | 'rejected'>
  file: RuleAction | null
}

interface ReadRule { rule: UsageRule, action: RuleAction, holds: Test<UsageRecord> }

/**
 * The fields of a record that the expression of a rule can name. No source tells the language of such expressions. Here
 * it is RQL, and the names are those in the JSON of records and in workbooks.
 */
const fields: Collection<UsageRecord> = {
  fields: {
    amount: number((record) => record.amount?.text),
    quantity: number((record) => record.quantity?.text),
    usage: number((record) => record.quantity?.text),
    tier: number((record) => record.tier === null ? null : String(record.tier)),
    category: text((record) => record.categoryId),
    'item.id': text((record) => record.item?.id),
    'item.mpn': text((record) => record.item?.mpn),
    'asset.id': text((record) => record.asset?.id),
    start_date: date((record) => record.start),
    end_date: date((record) => record.end)
  }
}

/**
 * `rules` are in the order in which they count. Only active ones for the file's product and provider apply. Of the
 * record rules for its item, the first whose expression holds decides a valid record. Of the file rules, the first
 * whose expression holds for every record decides the file.
 */
export function judgeByRules (rules: readonly UsageRule[], file: UsageFile): Verdict {
  const { product, provider } = file.contract
  const active = rules
    .filter((rule) => rule.status === 'active' && rule.product === product && rule.provider === provider)
    .map(read)
  const ofRecords = active.filter(({ rule }) => rule.scope === 'record')
  const ofFiles = active.filter(({ rule }) => rule.scope === 'file')
  const records: Verdict['records'] = new Map()
  for (const record of file.records) {
    if (record.status !== 'valid') continue
    const found = ofRecords.find(({ rule, holds }) => rule.item?.id === record.item?.id && holds(record))
    if (found?.action === 'accept') records.set(record, 'approved')
    if (found?.action === 'reject') records.set(record, 'rejected')
  }
  return { records, file: ofFiles.find(({ holds }) => file.records.every(holds))?.action ?? null }
}

/** A rule whose expression cannot be read counts as `manual`: a person must decide, not a later rule. */
function read (rule: UsageRule): ReadRule {
  try {
    const expression = parseExpression(rule.rule?.trim() ?? '')
    if (expression !== null && !isCondition(expression)) throw new RqlError('Not a condition.')
    return { rule, action: rule.action, holds: expression === null ? () => true : compile(fields, expression) }
  } catch (error) {
    // RangeError comes from brackets that are nested too deep for the stack of JavaScript.
    if (!(error instanceof RqlError) && !(error instanceof RangeError)) throw error
    return { rule, action: 'manual', holds: () => true }
  }
}

/** Whether an expression is a condition on a record. Ordering, selecting and searching are not: they are for lists. */
function isCondition (expression: Expression): boolean {
  switch (expression.kind) {
    case 'and':
    case 'or': return expression.terms.every(isCondition)
    case 'not': return isCondition(expression.term)
    case 'compare': return expression.field !== 'search'
    case 'list': return true
    case 'ordering':
    case 'select': return false
  }
}
