import t from 'tap'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import type { CatalogueApi } from '../../src/connect/api.ts'
import { ConnectResponseError, ConnectTimeoutError } from '../../src/connect/errors.ts'
import { withLookUps } from '../../src/http/with-look-ups.ts'
import { checkTable, type Checked } from '../../src/tables/check.ts'
import type { LookedUp } from '../../src/tables/references.ts'
import type { Cells } from '../../src/tables/table.ts'
import { lookUpsIn, type LookUps } from '../../src/usage/look-ups.ts'
import { tableOf } from '../tables/helper.ts'
import { CONTEXT, fakeCatalogue, type FakeCatalogue } from './fake-catalogue.ts'

const CATALOGUE: FakeCatalogue = {
  items: [
    { id: 'PRD-1-0001', local_id: 'PRD_1_0001', mpn: 'HOURS', precision: 'decimal(2)' },
    { id: 'PRD-1-0002', local_id: 'PRD_1_0002', mpn: 'SEATS', precision: 'integer' },
    { id: 'PRD-1-0003', local_id: 'PRD_1_0003', mpn: 'NOTHING', precision: null }
  ],
  assets: [
    { id: 'AS-1', params: [{ id: 'account', value: 'one' }, { id: 'other', value: 'two' }] },
    { id: 'AS-2', params: [{ id: 'account', value: 'two' }] }
  ],
  isDynamic: true
}
const DESCRIPTION = { item_name: 'New', item_unit: 'Unit', item_mpn: 'NEW', item_precision: 'Decimal(1)' }
const TARGET = { operation: 'catalogue.items', method: 'GET', path: '/products/PRD-1/items' }

function row (id: string, value: string, more: Cells = {}): Cells {
  return {
    record_id: id,
    item_search_criteria: 'item.mpn',
    item_search_value: value,
    quantity: '1',
    start_time_utc: '2026-10-01 00:00:00',
    end_time_utc: '2026-10-31 23:59:59',
    asset_search_criteria: 'asset.id',
    asset_search_value: 'AS-1',
    ...more
  }
}

/** Checks rows with look-ups. `checks` counts how often the rows were checked. */
async function check (rows: readonly Cells[], lookUps: LookUps | null): Promise<UsageCheck & { times: number }> {
  const columns = [...new Set(rows.flatMap(cells => Object.keys(cells)))]
  let times = 0
  const checkWith = async (lookedUp: LookedUp | null): Promise<Checked> => {
    times += 1
    return await checkTable(tableOf(columns, rows), { schema: 'qt', period: null, hasCells: true, lookedUp })
  }
  const found = await withLookUps(await checkWith(null), lookUps, checkWith, new AbortController().signal)
  return { ...found, times }
}

function lookUps (changes: Partial<FakeCatalogue> = {}, options = { hasAssets: true }): LookUps {
  return lookUpsIn({
    connect: fakeCatalogue({ ...CATALOGUE, ...changes }), productId: 'PRD-1', context: CONTEXT, ...options
  })
}

/** Look-ups that fail as `fail` does for items. */
function failing (fail: CatalogueApi['items']): LookUps {
  const { catalogue } = fakeCatalogue(CATALOGUE)
  const connect = { catalogue: { ...catalogue, items: fail } }
  return lookUpsIn({ connect, productId: 'PRD-1', context: CONTEXT, hasAssets: true })
}

const told = ({ problems }: UsageCheck): string[] =>
  problems.map(({ cell, code, severity, value }) => [cell, code, severity, value].join(' '))
const parts = ({ checks }: UsageCheck): string[] => checks.map(({ name, status }) => `${name} ${status}`)

t.test('items and subscriptions that Connect does not have are errors of their rows', async (t) => {
  const found = await check([
    row('r-1', 'HOURS', { quantity: '1.25' }),
    row('r-2', 'HOUR'),
    row('r-3', 'PRD-1-0002', { item_search_criteria: 'item.global_id', asset_search_value: 'AS-9' }),
    row('r-4', 'PRD_1_0009', { item_search_criteria: 'item.local_id' }),
    row('r-5', 'NOTHING', { asset_search_criteria: 'parameter.account', asset_search_value: 'two', quantity: '0.123' }),
    row('r-6', 'SEATS', { asset_search_criteria: 'parameter.account', asset_search_value: 'three', quantity: '2.0' }),
    row('r-7', 'HOUR')
  ], lookUps())
  t.same(told(found), [
    'C3 ITEM_UNKNOWN error HOUR', 'H4 ASSET_UNKNOWN error AS-9', 'C5 ITEM_UNKNOWN error PRD_1_0009',
    'H7 ASSET_UNKNOWN error three', 'C8 ITEM_UNKNOWN error HOUR'
  ])
  t.same(found.rows, { total: 7, valid: 2, invalid: 5 })
  t.same(parts(found), ['structure done', 'values done', 'items done', 'assets done', 'categories done'])
  t.equal(found.times, 2)
})

t.test('rows of which Connect has all are checked once', async (t) => {
  const { times, valid, checks } = await check([row('r-1', 'HOURS'), row('r-2', 'SEATS')], lookUps())
  t.equal(times, 1)
  t.equal(valid, true)
  t.match(checks[2], { status: 'done', reason: null })
})

t.test('a quantity with more decimals than its item takes is a warning', async (t) => {
  const found = await check(
    [row('r-1', 'SEATS', { quantity: '1.50' }), row('r-2', 'HOURS', { quantity: '1.125' })], lookUps()
  )
  t.same(told(found), ['D2 PRECISION_EXCEEDED warning 1.50', 'D3 PRECISION_EXCEEDED warning 1.125'])
  t.equal(found.valid, true)
})

t.test('an item that rows describe is no error', async (t) => {
  const rows = [
    row('r-1', 'NEW'), row('r-2', 'NEW', DESCRIPTION), row('r-3', 'NEW', { ...DESCRIPTION, quantity: '0.25' }),
    row('r-4', 'OTHER', { ...DESCRIPTION, item_precision: '' })
  ].map(cells => Object.fromEntries(Object.entries(cells).filter(([, text]) => text !== '')))
  const whatIf = async (isDynamic: boolean | null): Promise<string[]> => told(await check(rows, lookUps({ isDynamic })))
  const always = ['C2 ITEM_UNKNOWN warning NEW', 'L5 VALUE_MISSING warning ', 'C5 ITEM_UNKNOWN error OTHER']
  const notSure = ['C3 ITEM_UNKNOWN warning NEW', 'C4 ITEM_UNKNOWN warning NEW']
  const tooFine = 'D4 PRECISION_EXCEEDED warning 0.25'
  t.same((await whatIf(true)).sort(), [...always, tooFine].sort())
  t.same((await whatIf(false)).sort(), [...always, ...notSure, tooFine].sort())
  t.same((await whatIf(null)).sort(), [...always, ...notSure, tooFine].sort())
})

t.test('items of a type that the product does not take, and columns that it needs, are warnings', async (t) => {
  const items = CATALOGUE.items.map(one => ({ ...one, type: one.mpn === 'SEATS' ? 'Reservation' : 'PPU' }))
  const product = { items, takesReservation: false, requiredFields: ['invoice', 'v.region'] }
  const found = await check([
    row('r-1', 'HOURS', { 'v.region': 'eu' }), row('r-2', 'SEATS')
  ], lookUps(product))
  t.same(found.problems.map(({ row, column, code, severity }) => [row, column, code, severity].join(' ')), [
    '1 v.invoice COLUMN_MISSING warning',
    '3 v.region VALUE_MISSING warning',
    '3 item_search_value VALUE_INVALID warning'
  ])
  t.ok(found.valid)
  const full = row('r-1', 'HOURS', { 'v.region': 'eu', 'v.invoice': '1' })
  t.same(told(await check([full], lookUps(product))), [])
})

t.test('distinct values are asked for, as many as a call takes, and pages are followed', async (t) => {
  const values = Array.from({ length: 250 }, (_, at) => `M-${at}`)
  const items = values.slice(0, 249).map(mpn => ({ id: mpn, mpn }))
  const { catalogue, asked } = fakeCatalogue({ ...CATALOGUE, items }, { pageSize: 40 })
  const rows = [...values, ...values].map((value, at) => row(`r-${at}`, value))
  const connect = { catalogue }
  const found = await check(rows, lookUpsIn({ connect, productId: 'PRD-1', context: CONTEXT, hasAssets: false }))
  t.same(told(found), ['C251 ITEM_UNKNOWN error M-249', 'C501 ITEM_UNKNOWN error M-249'])
  const mpns = asked.flatMap(filter => 'mpn' in filter ? [(filter.mpn as string[]).length] : [])
  t.same(mpns, [100, 100, 100, 100, 100, 100, 50, 50])
  t.equal(asked.length, 9, 'and the product once')
  t.match(found.checks[3], { name: 'assets', status: 'skipped', reason: /\?assets=true/ })
})

t.test('what cannot be looked up is skipped, with the reason', async (t) => {
  const answers = (status: number): CatalogueApi['items'] => async () => {
    const progress = { sent: 'yes' as const, bodyComplete: true, status }
    throw new ConnectResponseError(TARGET, progress, { errorCode: null, errors: [] }, null)
  }
  const cases: ReadonlyArray<[LookUps, Cells[], RegExp]> = [
    [failing(answers(403)), [row('r-1', 'X')], /does not let this account read items/],
    [failing(answers(404)), [row('r-1', 'X')], /does not show the product/],
    [failing(answers(429)), [row('r-1', 'X')], /throttling/],
    [failing(answers(500)), [row('r-1', 'X')], /answered 500/],
    [failing(async () => {
      throw new ConnectTimeoutError(TARGET, { sent: 'yes', bodyComplete: true, status: null }, 'total')
    }), [row('r-1', 'X')], /in time/],
    [failing(async () => ({ items: [], total: 5 })), [row('r-1', 'X')], /counted more objects than it listed/],
    [failing(async () => ({ items: [{ mpn: 'Y' }], total: 1_000_000 })), [row('r-1', 'X')], /too few|too many/],
    [lookUps(), Array.from({ length: 5_001 }, (_, at) => row(`r-${at}`, `M-${at}`)), /too many different items/],
    [lookUps(), Array.from({ length: 100 }, (_, at) => row(`r-${at}`, `${at}${'ü'.repeat(490)}`)), /too many/],
    [lookUps(), [row('r-1', 'HOURS'), row('r-2', '6" 5\'')], /Some were not looked up/],
    [lookUps(), [row('r-1', 'HOURS'), row('r-2', 'x'.repeat(501))], /Some were not looked up/]
  ]
  for (const [given, rows, reason] of cases) {
    const { checks, valid, problems } = await check(rows, given)
    t.match(checks[2], { name: 'items', status: 'skipped', reason })
    t.match(checks[3], { name: 'assets', status: 'done', reason: null })
    t.same(problems, [])
    t.equal(valid, true)
  }
  const partly = await check([row('r-1', 'X'), row('r-2', 'empty()')], lookUps())
  t.same(told(partly), ['C2 ITEM_UNKNOWN error X'])
  t.match(partly.checks[2], { status: 'skipped' })
  const hidden = await check(
    [row('r-1', 'HOURS', { asset_search_criteria: 'parameter.account', asset_search_value: 'one' })],
    lookUps({ assets: [{ id: 'AS-1' }] })
  )
  t.match(hidden.checks[3], { status: 'done' }, 'no subscription has the value')
  t.match((await check([row('r-1', 'X')], null)).checks[2], { status: 'skipped', reason: 'Connect was not asked.' })
})

t.test('a caller that leaves ends the look-ups', async (t) => {
  const caller = new AbortController()
  const work = failing(async (_id, _query, { signal }) => await new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new ConnectTimeoutError(TARGET, { sent: 'yes', bodyComplete: true, status: null }, 'total'))
    })
    caller.abort()
  }))
  const references = (await checkTable(tableOf([], []), { schema: 'qt', period: null, hasCells: false })).references
  const items = { list: [{ criteria: 'item.mpn', value: 'X', decimals: 0 }], leftOut: 0 }
  await t.rejects(work({ ...references, items }, caller.signal), { name: 'AbortError' })
})
