import { ReferenceList } from '../../src/tables/references.ts'
import t from 'tap'
import type { UsageCheck, UsageProblem } from '../../schemas/usage-check.ts'
import { checkTable, type CheckOptions } from '../../src/tables/check.ts'
import { inUsageOrder, usageColumns } from '../../src/tables/columns.ts'
import { ExactSum, decimalsOf, parseDecimal } from '../../src/tables/decimal.ts'
import type { Cells, Table } from '../../src/tables/table.ts'

const PERIOD = { from: '2026-10-01 00:00:00', to: '2026-10-31 23:59:59' }
const OPTIONS: CheckOptions = { schema: 'cr', period: PERIOD, hasCells: true }
const COLUMNS = usageColumns('tr').map(({ name }) => name).filter(name => !name.startsWith('v.'))

/** A row that no rule refuses. A cell without a value is absent. */
function row (more: Record<string, string | undefined> = {}, id = 'r-1'): Cells {
  const cells = {
    record_id: id,
    item_search_criteria: 'item.mpn',
    item_search_value: 'VM-SMALL',
    quantity: '4.0000',
    start_time_utc: '2026-10-01 00:00:00',
    end_time_utc: '2026-10-31 23:59:59',
    asset_search_criteria: 'parameter.subscription_id',
    asset_search_value: 'abc',
    amount: '12.50',
    ...more
  }
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== undefined)) as Cells
}

function table (rows: Cells[], columns: readonly string[] = COLUMNS, categories: Cells[] = []): Table {
  const numbered = rows.map((cells, at) => ({ number: at + 2, cells }))
  return { columns, rows: (async function * () { yield numbered })(), categories: () => categories }
}

async function check (table: Table, options: CheckOptions): Promise<UsageCheck> {
  return (await checkTable(table, options)).check
}

async function problemsOf (cells: Cells, options: Partial<CheckOptions> = {}): Promise<Partial<UsageProblem>[]> {
  const { problems } = await check(table([cells]), { ...OPTIONS, ...options })
  return problems.map(({ code, severity, column }) => ({ code, severity, column }))
}

t.test('a good table is valid, with its totals', async (t) => {
  const large = { item_search_value: 'VM-LARGE', quantity: '0.00000001', amount: '9007199254740993.01' }
  const rows = [row(), row(large, 'r-2')]
  t.same(await check(table([...rows, row({ quantity: '1' }, 'r-3')]), OPTIONS), {
    valid: true,
    rows: { total: 3, valid: 3, invalid: 0 },
    totals: {
      amount: '9007199254741018.01',
      quantityByItem: [
        { item: 'VM-SMALL', quantity: '5.0000', rows: 2 }, { item: 'VM-LARGE', quantity: '0.00000001', rows: 1 }
      ]
    },
    problems: [],
    byCode: [],
    truncated: false,
    checks: [
      { name: 'structure', status: 'done', reason: null },
      { name: 'values', status: 'done', reason: null },
      { name: 'items', status: 'skipped', reason: 'Connect was not asked.' },
      { name: 'assets', status: 'skipped', reason: 'Connect was not asked.' },
      { name: 'categories', status: 'done', reason: null }
    ]
  })
})

t.test('each thing that can be wrong in a row has its code and its severity', async (t) => {
  const cases: [Record<string, string | undefined>, string, string, string][] = [
    [{ record_id: undefined }, 'VALUE_MISSING', 'error', 'record_id'],
    [{ quantity: undefined }, 'VALUE_MISSING', 'error', 'quantity'],
    [{ quantity: 'many' }, 'VALUE_INVALID', 'error', 'quantity'],
    [{ quantity: '1,5' }, 'VALUE_INVALID', 'error', 'quantity'],
    [{ quantity: '-1' }, 'QUANTITY_NEGATIVE', 'error', 'quantity'],
    [{ quantity: '0.30000000000000004' }, 'PRECISION_EXCEEDED', 'warning', 'quantity'],
    [{ amount: undefined }, 'AMOUNT_MISSING', 'error', 'amount'],
    [{ amount: '-1' }, 'VALUE_INVALID', 'warning', 'amount'],
    [{ amount: '10000000000000000.01' }, 'VALUE_INVALID', 'error', 'amount'],
    [{ item_search_criteria: 'mpn' }, 'VALUE_INVALID', 'error', 'item_search_criteria'],
    [{ asset_search_criteria: 'asset' }, 'VALUE_INVALID', 'error', 'asset_search_criteria'],
    [{ asset_search_criteria: 'asset.external_id' }, 'VALUE_INVALID', 'warning', 'asset_search_criteria'],
    [{ start_time_utc: '2026-02-30 00:00:00' }, 'TIME_INVALID', 'error', 'start_time_utc'],
    [{ start_time_utc: '2026-10-05T00:00:00' }, 'TIME_INVALID', 'error', 'start_time_utc'],
    [{ start_time_utc: '2026-10-05 9:21:39' }, 'TIME_INVALID', 'warning', 'start_time_utc'],
    [{ start_time_utc: '2026-09-30 23:59:59' }, 'PERIOD_OUTSIDE', 'warning', 'start_time_utc'],
    [{ end_time_utc: '2026-11-01 00:00:00' }, 'PERIOD_OUTSIDE', 'warning', 'end_time_utc'],
    [
      { start_time_utc: '2026-10-09 00:00:00', end_time_utc: '2026-10-08 00:00:00' },
      'PERIOD_REVERSED', 'warning', 'end_time_utc'
    ],
    [{ 'v.note': 'é'.repeat(256) }, 'TEXT_TOO_LONG', 'error', 'v.note'],
    [{ record_note: 'a\u0001b' }, 'CHARACTER_FORBIDDEN', 'error', 'record_note'],
    [{ record_note: '<b>bold</b>' }, 'CHARACTER_FORBIDDEN', 'warning', 'record_note'],
    [
      { item_precision: 'Decimal(3)', item_name: 'n', item_unit: 'u', item_mpn: 'm' },
      'VALUE_INVALID', 'warning', 'item_precision'
    ],
    [{ quantity: '1e3' }, 'VALUE_INVALID', 'warning', 'quantity'],
    [{ amount: '+1' }, 'VALUE_INVALID', 'warning', 'amount']
  ]
  for (const [cells, code, severity, column] of cases) {
    t.same(await problemsOf(row(cells)), [{ code, severity, column }], JSON.stringify(cells).slice(0, 80))
  }
  for (const cells of [
    { quantity: ' 1.5 ' }, { quantity: '1.50000000000000000000' }, { 'v.note': '😀'.repeat(255) },
    { record_note: 'a < b & c' }, { record_note: 'Größe' }
  ]) t.same(await problemsOf(row(cells)), [], JSON.stringify(cells).slice(0, 80))
})

t.test('the schema decides about amount and tier', async (t) => {
  t.same(await problemsOf(row({ amount: undefined }), { schema: 'qt' }), [])
  t.same(await problemsOf(row({ tier: '7' }), { schema: 'cr' }), [], 'not used')
  t.same(await problemsOf(row({ tier: '2' }), { schema: 'tr' }), [])
  for (const [tier, severity] of [
    [undefined, 'warning'], ['3', 'warning'], ['1.5', 'error'], ['-1', 'error'], ['x', 'error']
  ]) {
    const expected = [{ code: 'TIER_INVALID', severity, column: 'tier' }]
    t.same(await problemsOf(row({ tier }), { schema: 'tr' }), expected, tier ?? 'none')
  }
  t.equal((await check(table([row()]), { ...OPTIONS, schema: 'qt' })).totals.amount, null)
  const early = row({ start_time_utc: '2019-01-01 00:00:00' })
  t.same(await problemsOf(early, { period: null }), [], 'no period, no check of it')
})

t.test('columns: one problem for the column, and all rows are invalid', async (t) => {
  const columns = [...COLUMNS.filter(name => name !== 'quantity'), 'colour']
  const without = [row({ quantity: undefined }), row({ quantity: undefined }, 'r-2')]
  const { valid, rows, problems } = await check(table(without, columns), OPTIONS)
  t.equal(valid, false)
  t.same(rows, { total: 2, valid: 0, invalid: 2 })
  t.match(problems, [
    { row: 1, column: 'quantity', cell: null, code: 'COLUMN_MISSING', severity: 'error' },
    { row: 1, column: 'colour', cell: 'Q1', code: 'COLUMN_UNKNOWN', severity: 'error' }
  ])
  t.equal(problems.length, 2)
  const former = ['usage_record_id', ...COLUMNS.filter(name => name !== 'record_id')]
  const { record_id: id = '', ...rest } = row()
  const old = await check(table([{ ...rest, usage_record_id: id }], former), OPTIONS)
  const counted = [{ code: 'COLUMN_UNKNOWN', severity: 'warning', count: 1 }]
  t.match(old, { valid: true, byCode: counted }, 'the template of 2019')
  const named = await check(table([{ ...rest, usage_record_id: id }], former), { ...OPTIONS, hasCells: false })
  t.match(named, { valid: true, rows: { total: 1, valid: 1, invalid: 0 } }, 'a warning makes no row invalid')
})

t.test('a record id that comes again, however far away', async (t) => {
  const rows = Array.from({ length: 5000 }, (_, n) => row({}, `r-${n}`))
  const { rows: counts, problems } = await check(table([...rows, row({}, 'r-7')]), OPTIONS)
  t.same(counts, { total: 5001, valid: 5000, invalid: 1 })
  t.match(problems, [{
    row: 5002, column: 'record_id', cell: 'A5002', recordId: 'r-7', code: 'DUPLICATE_RECORD_ID',
    message: 'Row 9 has the same record_id.', value: 'r-7'
  }])
})

t.test('categories are compared with those that the table declares', async (t) => {
  const rows = [row({ category_id: 'a' }), row({ category_id: 'b' }, 'r-2'), row({ category_id: 'b' }, 'r-3')]
  const declared = await check(table(rows, COLUMNS, [{ category_id: 'a' }]), OPTIONS)
  t.match(declared.problems, [{ row: 3, code: 'CATEGORY_UNKNOWN', severity: 'warning', value: 'b' }])
  t.equal(declared.problems.length, 1)
  const { checks, valid } = await check(table(rows), OPTIONS)
  t.match(checks.at(-1), { name: 'categories', status: 'skipped', reason: /without categories/ })
  t.equal(valid, true)
})

t.test('the first 1,000 problems are kept, and all are handed on', async (t) => {
  const rows = Array.from({ length: 1500 }, (_, n) => row({ quantity: '-1' }, `r-${n}`))
  const all: UsageProblem[] = []
  const { problems, truncated, byCode } = await check(
    table(rows), { ...OPTIONS, onProblems: found => { all.push(...found) } }
  )
  t.equal(problems.length, 1000)
  t.equal(truncated, true)
  t.equal(all.length, 1500)
  t.same(byCode, [{ code: 'QUANTITY_NEGATIVE', severity: 'error', count: 1500, firstRow: 2 }])
})

t.test('rows without cells: the row is told, the cell is not', async (t) => {
  const { problems } = await check(table([row({ quantity: undefined })], []), { ...OPTIONS, hasCells: false })
  t.match(problems, [{ row: 2, column: 'quantity', cell: null, code: 'VALUE_MISSING' }])
  const nothing = await check(table([]), OPTIONS)
  t.match(nothing.problems, [{ row: null, code: 'VALUE_MISSING', severity: 'warning', message: 'There are no rows.' }])
})

t.test('decimals are exact', async (t) => {
  const sum = new ExactSum()
  for (const text of ['0.1', '0.2', '-0.35', '9007199254740993', '1E-10', '2e2']) sum.add(parseDecimal(text)!)
  t.equal(sum.toString(), '9007199254741192.9500000001')
  t.equal(new ExactSum().toString(), '0')
  for (const text of ['', 'x', '1.', '.5', '1e400', '0x10', '1 000', 'NaN', '1'.repeat(61)]) {
    t.equal(parseDecimal(text), null, text)
  }
  t.equal(decimalsOf(parseDecimal('1.500')!), 1)
  t.equal(decimalsOf(parseDecimal('100')!), 0)
})

t.test('a value that is too long for a URL is not looked up, and counted', async (t) => {
  const list = new ReferenceList()
  const long = 'x'.repeat(501)
  const described = { item_name: 'n', item_unit: 'u', item_precision: 'Integer' }
  for (const cells of [
    { item_search_criteria: 'item.mpn', item_search_value: long, ...described, item_mpn: long },
    { ...described, item_mpn: long },
    { asset_search_criteria: 'asset.id', asset_search_value: long }, { ...described, item_mpn: 'x'.repeat(500) }
  ]) list.add(cells, null)
  const { items, assets, described: found } = list.toReferences()
  t.same([items.list?.length, items.leftOut, found.length], [1, 2, 1])
  t.same(assets, { list: [], leftOut: 1 })
})

t.test('the columns of both sheets have an order of their own', async (t) => {
  t.same(
    inUsageOrder(['x', 'category_description', 'a', 'category_name', 'category_id'], 'categories'),
    ['category_id', 'category_name', 'category_description', 'a', 'x']
  )
  t.same(
    inUsageOrder(['v.z', 'amount', 'v.a', 'category_id', 'record_id', 'quantity'], 'records'),
    COLUMNS.filter(name => ['record_id', 'category_id', 'quantity', 'amount'].includes(name)).concat('v.a', 'v.z')
  )
})
