import { RqlError } from '../rql/ast.ts'
import type { Expression } from '../rql/ast.ts'
import { date, number, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import { compile } from '../rql/evaluate.ts'
import type { Test } from '../rql/evaluate.ts'
import { parseExpression } from '../rql/parse.ts'
import type { RuleAction, UsageFile, UsageRecord, UsageRule } from './types.ts'

/** What the rules decide; records and files that no rule decides are not named. */
export interface Verdict {
  records: Map<UsageRecord, 'approved' | 'rejected'>
  file: RuleAction | null
}

interface ReadRule { rule: UsageRule, action: RuleAction, holds: Test<UsageRecord> }

/**
 * What an expression can ask of a record. Sources tell neither language nor names: RQL, with the names of records and
 * sheets.
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
 * Takes all usage rules in order of gravity; gives what the active ones of the file's product and provider decide.
 * A record is decided by the first rule of record scope that is for its item and whose expression holds; the file by
 * the first of file scope whose expression holds for every record. `manual` ends the search and decides nothing.
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

/** An expression that cannot be read leaves its records to a person: no later rule may decide what this one was for. */
function read (rule: UsageRule): ReadRule {
  try {
    const expression = parseExpression(rule.rule?.trim() ?? '')
    if (expression !== null && !isCondition(expression)) throw new RqlError('Not a condition.')
    return { rule, action: rule.action, holds: expression === null ? () => true : compile(fields, expression) }
  } catch (error) {
    // RangeError: brackets nested deeper than the stack.
    if (!(error instanceof RqlError) && !(error instanceof RangeError)) throw error
    return { rule, action: 'manual', holds: () => true }
  }
}

/** Ordering, selecting and searching are for lists. */
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
