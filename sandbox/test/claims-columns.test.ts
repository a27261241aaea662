import { readXlsx, writeXlsx } from 'hucre/xlsx'
import t from 'tap'
import { asVendor, startSandbox } from './helper.ts'
import type { Call } from './helper.ts'
import {
  backupVault, columns, goodRow, header, quantityService, recordsOf, solutionsBundle, uploadBytes, uploadRows,
  voiceSuite
} from './stories.ts'

/** What an upload holds, tried as a vendor does: the status of the file tells. */
type Cell = string | number | null

const needed = columns.slice(0, 8)
const day = ['2026-10-01 00:00:00', '2026-10-01 23:59:59', 'asset.id']
const seats = { id: 'seats', name: 'Seats', description: null }

const statusOf = async (vendor: Call, file: object, names: string[], row: Cell[]): Promise<string> =>
  (await uploadRows(vendor, file, names, [row])).status

t.test('domain 1.1: a tier is 0, 1 or 2, and a tiered file needs it in each row', async t => {
  const vendor = asVendor(await startSandbox(t))
  const names = [...needed, 'amount', 'tier']
  const row = (tier: Cell): Cell[] =>
    [`R${tier}`, 'item.mpn', 'VS-NUMBERS', '5', ...day, 'AS-5203-3000-0001', '5', tier]
  const { id, status } = await uploadRows(vendor, voiceSuite, names, [row('0'), row(1), row('2')])
  t.equal(status, 'ready')
  t.same((await recordsOf(vendor, id)).map(({ tier }) => tier), [0, 1, 2])
  for (const tier of ['3', '-1', '0.5', 'T0', null]) {
    t.equal(await statusOf(vendor, voiceSuite, names, row(tier)), 'invalid', String(tier))
  }
  t.equal(await statusOf(vendor, voiceSuite, names.slice(0, 9), row('0').slice(0, 9)), 'invalid', 'without the column')
})

t.test('domain 1.2: a quantity file has no amount; the other schemas need one in each row', async t => {
  const vendor = asVendor(await startSandbox(t))
  const withAmount = [...needed, 'amount']
  const quantity = ['R1', 'item.mpn', 'MPN-C-PPU', '45', ...day, 'AS-8126-3704-2566']
  t.equal(await statusOf(vendor, quantityService, needed, quantity), 'ready')
  const given = await uploadRows(vendor, quantityService, withAmount, [[...quantity, '7']])
  t.equal(given.status, 'ready')
  t.equal((await recordsOf(vendor, given.id))[0]?.amount, undefined, 'an amount is not used')
  const rated: [object, Cell[], string][] = [
    [header, goodRow(1).slice(0, 8), 'cr'],
    [backupVault, ['R1', 'item.mpn', 'BV-DEVICE', '5', ...day, 'AS-4102-2000-0001'], 'pr']
  ]
  for (const [file, row, schema] of rated) {
    const whole = await uploadRows(vendor, file, withAmount, [[...row, '1.5']])
    t.match(whole, { status: 'ready', schema }, `${schema} needs no tier`)
    t.equal(await statusOf(vendor, file, withAmount, [...row, null]), 'invalid', `${schema} without an amount`)
    t.equal(await statusOf(vendor, file, needed, row), 'invalid', `${schema} without the column`)
  }
})

t.test('domain 1.2: a schema is lower case in the API, upper case in products and workbooks', async t => {
  const vendor = asVendor(await startSandbox(t))
  const general = async (uri: string): Promise<Map<unknown, unknown>> => {
    const { sheets } = await readXlsx(new Uint8Array(await (await fetch(uri)).arrayBuffer()), { sheets: ['general'] })
    return new Map(sheets[0]?.rows.map(([name, value]) => [name, value]))
  }
  const rated = await uploadRows(vendor, header, [...needed, 'amount'], [goodRow(1).toSpliced(8, 1)])
  t.equal(rated.schema, 'cr')
  const sheet = await general(rated.processed_file_uri)
  t.same([sheet.get('usage_schema'), sheet.get('currency')], ['CR', 'USD'])
  const { text } = await vendor('GET', '/products/PRD-276-377-545')
  t.match(text, '"schema":"CR"')
  const quantity = await uploadRows(vendor, quantityService, needed,
    [['R1', 'item.mpn', 'MPN-C-PPU', '45', ...day, 'AS-8126-3704-2566']])
  t.equal(quantity.currency, undefined)
  const ofQuantity = await general(quantity.processed_file_uri)
  t.same([ofQuantity.get('usage_schema'), ofQuantity.has('currency')], ['QT', false])
})

t.test('domain 4.1: only records and categories are read, sheets and columns in any order', async t => {
  const vendor = asVendor(await startSandbox(t))
  const order = [9, 3, 0, 7, 6, 5, 4, 2, 1, 8]
  const inOrder = (cells: readonly Cell[]): Cell[] => order.map(column => cells[column] ?? null)
  const categories = {
    name: 'categories', rows: [['category_id', 'category_name', 'category_description'], ['seats', 'S']]
  }
  const records = { name: 'records', rows: [inOrder(columns), inOrder(goodRow(1))] }
  const others = ['instructions', 'general', 'example'].map(name => ({ name, rows: [['#', 'anything']] }))
  const read = async (sheets: Parameters<typeof writeXlsx>[0]['sheets']): Promise<string> =>
    (await uploadBytes(vendor, header, await writeXlsx({ sheets }))).status
  t.equal(await read([...others, categories, records]), 'ready')
  t.equal(await read([records]), 'ready', 'records alone is enough')
  t.equal(await read([{ ...records, name: 'data' }]), 'invalid')
  t.equal((await uploadBytes(vendor, header, Buffer.from(columns.join()))).status, 'invalid', 'CSV is no workbook')
})

t.test('domain 4.1: what each column may hold', async t => {
  const vendor = asVendor(await startSandbox(t))
  const cases: [column: number, value: Cell, status: string][] = [
    [0, null, 'invalid'], [0, '<b>R®</b>', 'ready'],
    [1, 'item.name', 'invalid'], [2, 'NONE', 'invalid'],
    [3, '4.0000', 'ready'], [3, 4, 'ready'], [3, '0', 'ready'], [3, '-1', 'invalid'], [3, '1.5', 'invalid'],
    [3, null, 'invalid'], [3, 'ten', 'invalid'],
    [4, '2026-10-01 9:21:39', 'ready'], [4, '01/10/2026 00:00:00', 'invalid'], [4, '2026-10-01T00:00:00Z', 'invalid'],
    [5, '2026-09-01 00:00:00', 'invalid'], [6, 'asset.name', 'invalid'], [7, 'AS-0', 'invalid'],
    [8, 'none', 'invalid'], [8, null, 'ready'], [9, '10000000000000001', 'invalid']
  ]
  for (const [column, value, status] of cases) {
    const row = (goodRow(1) as Cell[]).with(column, value)
    t.equal((await uploadRows(vendor, header, columns, [row], [seats])).status, status, `${columns[column]} ${value}`)
  }
  const others = [...columns, 'record_note', 'asset_recon_id', 'v.own', 'p.own']
  t.equal(await statusOf(vendor, header, others, [...goodRow(1), 'note', 'R', 'x', 'y']), 'ready')
  t.equal(await statusOf(vendor, header, [...columns, 'v.own'], [...goodRow(1), 'x'.repeat(256)]), 'invalid')
  t.equal(await statusOf(vendor, header, [...columns, 'strange'], [...goodRow(1), 'x']), 'invalid')
  for (const [criteria, value] of [
    ['item.mpn', 'FB-SEATS'], ['item.global_id', 'PRD-276-377-545-0003'], ['item.local_id', 'PRD_276_377_545_0003']
  ] as const) {
    t.equal(await statusOf(vendor, header, columns, goodRow(1).with(1, criteria).with(2, value)), 'ready', criteria)
  }
})

t.test('domain 4.2: an item has one of five precisions, and its records the multiplier of it', async t => {
  const vendor = asVendor(await startSandbox(t))
  const names = [...needed, 'amount', 'item_name', 'item_unit', 'item_mpn', 'item_precision']
  const row = (precision: string): Cell[] =>
    ['R1', 'item.mpn', precision, '1', ...day, 'AS-1000-2000-3000', '1', 'New', 'Unit', precision, precision]
  for (const [precision, multiplier] of [
    ['Integer', 1], ['Decimal(1)', 10], ['Decimal(2)', 100], ['Decimal(4)', 1e4], ['Decimal(8)', 1e8]
  ] as const) {
    const { id } = await uploadRows(vendor, solutionsBundle, names, [row(precision)])
    t.match((await recordsOf(vendor, id))[0], { status: 'valid', multiplier, item: { precision } })
  }
  t.equal(await statusOf(vendor, solutionsBundle, names, row('decimal(4)')), 'ready', 'lower case is taken')
  t.equal(await statusOf(vendor, solutionsBundle, names, row('Decimal(3)')), 'invalid')
  const reservation = (await vendor('GET', '/products/PRD-410-220-330/items?type=Reservation')).list
  t.match(reservation, [{ precision: 'integer' }], 'reservation items are integers')
})

t.test('domain 4.1, 13: categories have names and descriptions of at most 255 characters', async t => {
  const vendor = asVendor(await startSandbox(t))
  for (const [length, status] of [[255, 'ready'], [256, 'invalid']] as const) {
    for (const name of ['name', 'description']) {
      const file = await uploadRows(vendor, header, columns, [goodRow(1)], [{ ...seats, [name]: 'n'.repeat(length) }])
      t.equal(file.status, status, `${name} ${length}`)
    }
  }
})
