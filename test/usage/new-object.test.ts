import t from 'tap'
import type { UsageRule } from '../../src/connect/types.ts'
import { createReconciliation } from '../../src/usage/writes/create-reconciliation.ts'
import { createRule } from '../../src/usage/writes/create-rule.ts'
import { newObject } from '../../src/usage/writes/compare.ts'
import { timeout } from './failures.ts'

t.test('the one new object that fits is the created one; else nothing is known', async (t) => {
  const before = new Set(['a'])
  const fits = ({ id }: { id: string }): boolean => id.startsWith('o')
  const of = (...ids: string[]) => newObject(ids.map(id => ({ id })), before, fits)
  t.equal(of('a'), null, 'none is new')
  t.same(of('a', 'ours'), { id: 'ours' })
  t.same(of('ours', 'b'), { id: 'ours' }, 'beside somebody else\'s')
  t.equal(of('a', 'b'), undefined, 'one that does not fit may be ours, changed')
  t.equal(of('ours', 'or-this'), undefined, 'two that fit')
})

const GIVEN = { itemId: 'PRD-1-0001', action: 'accept' as const, rule: 'lt(amount, 1000)' }
const RULE: UsageRule = {
  id: 'UIR-1',
  item: { id: 'PRD-1-0001' },
  action: 'accept',
  rule: 'lt(amount, 1000)',
  status: 'active'
}

async function create (answer: UsageRule | Error, after: UsageRule[], earlier: { isOver: boolean } | null = null) {
  let creates = 0
  const attempt = {
    isKept: true,
    note: () => {},
    earlier: earlier === null ? null : { sentAt: new Date(), before: { ids: '' }, ...earlier }
  }
  const outcome = await createRule({
    productId: 'PRD-1', given: GIVEN, attempt,
    list: async () => {
      const items = creates === 0 && earlier === null ? [] : after
      return { items, total: items.length }
    },
    create: async () => {
      creates += 1
      if (answer instanceof Error) throw answer
      return answer
    },
    read: async () => RULE
  }).catch((error: unknown) => error)
  return { outcome, creates }
}

t.test('a rule whose text Connect changes is not sent again', async (t) => {
  const changed = { ...RULE, rule: 'lt(amount,1000)' }
  t.match(await create(RULE, [changed], { isOver: true }), { outcome: { code: 'OUTCOME_UNKNOWN' }, creates: 0 })
  t.match(await create(timeout(), [changed]), { outcome: { code: 'OUTCOME_UNKNOWN' }, creates: 1 })
  t.match(await create(RULE, [RULE], { isOver: true }), { outcome: { id: 'UIR-1' }, creates: 0 })
  t.match(await create(RULE, [], { isOver: true }), { outcome: { id: 'UIR-1' }, creates: 1 }, 'nothing came')
})

t.test('an answer with another rule is not the created rule', async (t) => {
  const stranger = { ...RULE, id: 'UIR-9' }
  for (const other of [
    { ...stranger, item: { id: 'PRD-1-0002' } },
    { ...stranger, rule: 'gt(amount,1)' },
    { ...stranger, action: 'reject' }
  ]) {
    t.match(await create(other, [RULE]), { outcome: { id: 'UIR-1' } }, JSON.stringify(other))
    t.match(await create(other, []), { outcome: { code: 'OUTCOME_UNKNOWN' }, creates: 1 })
  }
})

t.test('an answer with another reconciliation is not the created one', async (t) => {
  const answer = (uploaded: string | null, chunk: string | null = null) =>
    ({ id: 'RCF-1', status: 'uploaded', notes: { uploaded }, partusagefile: { id: chunk }, events: {} })
  const make = async (
    shown: ReturnType<typeof answer>, note: string | null, chunkId: string | null = null
  ): Promise<unknown> => await createReconciliation({
    sent: { note, chunkId }, create: async () => shown, read: async () => shown
  }).catch((error: unknown) => error)
  t.match(await make(answer('October'), 'October'), { id: 'RCF-1' })
  t.match(await make({ ...answer('October'), id: 'UF-1' }, 'October'), { code: 'OUTCOME_UNKNOWN' }, 'the id of a file')
  t.match(await make(answer(null), 'October'), { id: 'RCF-1' }, 'not shown')
  t.match(await make(answer('by hand'), null), { id: 'RCF-1' }, 'none was sent')
  t.match(await make(answer('November'), 'October'), { code: 'OUTCOME_UNKNOWN' })
  t.match(await make(answer(null, 'UFC-1'), null, 'UFC-1'), { id: 'RCF-1', chunkId: 'UFC-1' })
  t.match(await make(answer(null), null, 'UFC-1'), { id: 'RCF-1' }, 'the chunk is not shown')
  t.match(await make(answer(null, 'UFC-2'), null), { id: 'RCF-1' }, 'a workbook names its chunk itself')
  t.match(await make(answer(null, 'UFC-2'), null, 'UFC-1'), { code: 'OUTCOME_UNKNOWN' }, 'rows of another chunk')
})
