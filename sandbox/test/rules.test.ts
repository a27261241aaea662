import t from 'tap'
import type { UsageFile } from '../src/state/types.ts'
import { judgeByRules } from '../src/state/rule-verdict.ts'
import { asProvider, asVendor, startSandbox, until } from './helper.ts'
import type { Call, StartedSandbox } from './helper.ts'
import { ready } from './stories.ts'

const rules = '/products/PRD-276-377-545/usage/rules'
const [hours, storage, seats] = ['PRD-276-377-545-0001', 'PRD-276-377-545-0002', 'PRD-276-377-545-0003'] as const

const row = (id: string, mpn: string, quantity: string, amount: string): string[] => [id, 'item.mpn', mpn, quantity,
  '2026-10-01 00:00:00', '2026-10-01 23:59:59', 'asset.id', 'AS-5501-1000-0001', 'seats', amount]

/**
 * Of the seeded rules one accepts hours below an amount of 1000: when this row is approved, the rules have been asked.
 */
const marker = row('marker', 'FB-VM-HOURS', '1', '1')

interface Parties { sandbox: StartedSandbox, vendor: Call, provider: Call }

async function parties (t: Parameters<typeof startSandbox>[0]): Promise<Parties> {
  const sandbox = await startSandbox(t)
  return { sandbox, vendor: asVendor(sandbox), provider: asProvider(sandbox) }
}

/** Submits rows besides the marker, and waits until the rules have been asked. */
async function submit ({ vendor }: Parties, rows: string[][]): Promise<string> {
  const id = await ready(vendor, [...rows, marker])
  await vendor('POST', `/usage/files/${id}/submit`, {})
  await until(
    () => vendor('GET', `/usage/records?usagefile.id=${id}&item.id=${hours}`),
    ({ list }) => list.some(one => one.status !== 'valid')
  )
  return id
}

const statuses = async ({ provider }: Parties, id: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await provider('GET', `/usage/records?usagefile.id=${id}`)).list.map(one => [
      `${one.item.mpn} ${one.usage}`,
      one.status
    ])
  )

t.test('domain 1: a rule of record scope decides the records of its item, and not the file', async (t) => {
  const all = await parties(t)
  const { vendor, provider } = all
  const id = await submit(all, [
    row('a', 'FB-VM-HOURS', '2', '1000'),
    row('b', 'FB-SEATS', '10001', '5'),
    row('c', 'FB-SEATS', '10000', '5'),
    row('d', 'FB-STORAGE-GB', '3', '5')
  ])
  t.same(await statuses(all, id), {
    'FB-VM-HOURS 1': 'approved',
    'FB-VM-HOURS 2': 'valid',
    'FB-SEATS 10001': 'rejected',
    'FB-SEATS 10000': 'valid',
    'FB-STORAGE-GB 3': 'valid'
  })
  t.match((await provider('GET', `/usage/files/${id}`)).json, {
    status: 'pending',
    stats: { pending: 3, accepted: 1 },
    acceptance_note: undefined
  })
  const early = (await vendor('GET', `/usage/records?usagefile.id=${id}&status=approved`)).list[0]?.id ?? ''
  t.equal(
    (await provider('POST', `/usage/records/${early}/close`, { external_billing_id: 'B' })).status,
    400,
    'approved is not yet accepted'
  )

  await provider('POST', `/usage/files/${id}/accept`, { acceptance_note: 'seen' })
  t.equal((await statuses(all, id))['FB-SEATS 10001'], 'rejected', 'accepting the file leaves what a rule rejected')
  t.match((await provider('GET', `/usage/files/${id}`)).json, {
    status: 'accepted',
    stats: { accepted: 4 },
    acceptance_note: 'seen'
  })
  t.match((await provider('GET', `/usage/chunks?usagefile.id=${id}`)).list, [{ stats: { uploaded: 5, accepted: 4 } }])
  t.equal((await provider('POST', `/usage/records/${early}/close`, { external_billing_id: 'B' })).status, 200)
  t.same(Object.entries(all.sandbox.summary().effects[early] ?? {}), [
    ['approved', 1],
    ['closeAttempts', 2],
    ['closed', 1]
  ])
})

t.test('the first rule in order of gravity decides, and a manual rule decides nothing', async (t) => {
  const all = await parties(t)
  const { provider } = all
  const create = async (action: string, rule: string | null): Promise<string> =>
    (await provider('POST', rules, { item: { id: storage }, action, rule, status: 'active' })).json.id
  const reject = await create('reject', 'gt(quantity,5)')
  const accept = await create('accept', null)
  const manual = await create('manual', 'quantity=7')
  const outcome = async (): Promise<Record<string, string>> => {
    const { 'FB-VM-HOURS 1': _marker, ...rest } = await statuses(
      all,
      await submit(
        all,
        ['4', '6', '7'].map(quantity => row(quantity, 'FB-STORAGE-GB', quantity, '1'))
      )
    )
    return rest
  }
  t.same(await outcome(), {
    'FB-STORAGE-GB 4': 'approved',
    'FB-STORAGE-GB 6': 'rejected',
    'FB-STORAGE-GB 7': 'rejected'
  })
  await provider('PUT', `${rules}/${manual}`, { gravity: { after: null } })
  t.same(await outcome(), { 'FB-STORAGE-GB 4': 'approved', 'FB-STORAGE-GB 6': 'rejected', 'FB-STORAGE-GB 7': 'valid' })
  await provider('PUT', `${rules}/${reject}`, { gravity: { after: accept } })
  t.same(await outcome(), { 'FB-STORAGE-GB 4': 'approved', 'FB-STORAGE-GB 6': 'approved', 'FB-STORAGE-GB 7': 'valid' })
  await provider('DELETE', `${rules}/${accept}`)
  t.same(await outcome(), { 'FB-STORAGE-GB 4': 'valid', 'FB-STORAGE-GB 6': 'rejected', 'FB-STORAGE-GB 7': 'valid' })
})

t.test('a rule whose expression cannot be read leaves its records undecided', async (t) => {
  const all = await parties(t)
  await all.provider('POST', rules, { item: { id: storage }, action: 'accept', rule: null })
  for (const rule of [
    'quantity < 10',
    'gte(quantity,1)',
    'gt(quantity,ten)',
    'lt(price,1)',
    'ordering(quantity)',
    '('.repeat(1999)
  ]) {
    const { id } = (await all.provider('POST', rules, { item: { id: storage }, action: 'accept', rule })).json
    await all.provider('PUT', `${rules}/${id}`, { gravity: { after: null } })
    const file = await submit(all, [row('a', 'FB-STORAGE-GB', '4', '1')])
    t.equal((await statuses(all, file))['FB-STORAGE-GB 4'], 'valid', rule.slice(0, 20))
    await all.provider('DELETE', `${rules}/${id}`)
  }
  const file = await submit(all, [row('a', 'FB-STORAGE-GB', '4', '1')])
  t.equal((await statuses(all, file))['FB-STORAGE-GB 4'], 'approved', 'without it the next rule decides')
})

t.test(
  'a rule of file scope holds when its expression holds for every record, after those of record scope',
  async t => {
    const all = await parties(t)
    const { vendor, provider } = all
    await provider('POST', rules, { action: 'accept', rule: 'in(item.mpn,(FB-SEATS,FB-VM-HOURS)),le(amount,100)' })
    const waits = await submit(all, [row('a', 'FB-SEATS', '1', '100.01')])
    t.equal((await vendor('GET', `/usage/files/${waits}`)).json.status, 'pending')
    const passes = await submit(all, [row('a', 'FB-SEATS', '1', '100.00'), row('b', 'FB-SEATS', '20000', '1')])
    const file = (await vendor('GET', `/usage/files/${passes}`)).json
    t.match(file, { status: 'accepted', acceptance_note: 'Auto Approved' })
    t.notOk(file.events['accepted']?.by)
    t.same(await statuses(all, passes), {
      'FB-SEATS 1': 'approved',
      'FB-SEATS 20000': 'rejected',
      'FB-VM-HOURS 1': 'approved'
    })
  }
)

t.test('numbers are compared to the last digit, in every expression', async (t) => {
  const { sandbox } = await parties(t)
  const file = [...sandbox.store.files.values()].find(({ records }) =>
    records.some(({ amount }) => amount?.text === '9007199254740993.12345678')
  )
  const [rule] = sandbox.store.rules
  const record = file?.records[0]
  if (!file || !record?.item || !rule) throw new Error('the seed has all three')
  record.status = 'valid'
  const decides = (text: string, changes: Partial<typeof rule> = {}, of: UsageFile = file): boolean =>
    judgeByRules([{ ...rule, item: record.item, rule: text, ...changes }], of).records.has(record)
  t.ok(decides('gt(amount,9007199254740993.12345677)'))
  t.notOk(decides('gt(amount,9007199254740993.12345678)'))
  t.ok(decides('amount=9007199254740993.123456780'))
  t.notOk(decides('lt(amount,9007199254740993)'))
  t.ok(decides('ge(amount,-1),(lt(tier,2)|tier=null())'))
  t.notOk(decides('lt(tier,2)'), 'nothing holds for a number that is not there')
  t.ok(decides(`ge(start_date,2020-01-01),asset.id=${record.asset?.id}`))
  t.notOk(decides('', { status: 'deleted' }))
  t.notOk(decides('', { scope: 'file' }))
  t.notOk(
    decides('', { item: file.contract.product.items.find(({ id }) => id !== record.item?.id && id !== seats) ?? null })
  )
  t.notOk(
    decides('', {
      provider: [...sandbox.store.accounts.values()].find(({ id }) => id === 'PA-410-510') ?? rule.provider
    })
  )
  record.status = 'rejected'
  t.notOk(decides(''), 'what somebody has decided stays')
})
