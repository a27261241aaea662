import { checkUsageWorkbook } from '../../sandbox/src/workbooks/check-usage-workbook.ts'
import type { CatalogItem } from '../../sandbox/src/workbooks/types.ts'
import { asset, catalog, goodRow, item, items } from '../../sandbox/test/workbooks/fixtures/catalog.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import { withLookUps } from '../../src/http/with-look-ups.ts'
import { checkTable, type Checked } from '../../src/tables/check.ts'
import { typeOfColumn, type UsageSchemaWord } from '../../src/tables/columns.ts'
import type { LookedUp } from '../../src/tables/references.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import { randomFrom } from '../uploads/wire.ts'
import { fakeLookUps } from '../usage/fake-catalogue.ts'
import { join, tableOf } from './helper.ts'
import { readWorkbook } from './workbook-of.ts'

type Row = Record<string, string>

/** What the product of a table takes. Half of the products take new items. */
interface Product { takesNewItems: boolean, takesReservation: boolean, requiredFields: string[] }

const SCHEMAS: readonly UsageSchemaWord[] = ['qt', 'pr', 'cr', 'tr']
/** Seats are booked beforehand. */
const ITEMS = items.map(one => one.mpn === 'FB-SEATS' ? { ...one, type: 'Reservation' as const } : one)
const PERIOD = { from: '2026-10-01 00:00:00', to: '2026-10-31 23:59:59' }
/** Connect would take this value for an operator, so it is not looked up. */
const NOT_ASKED = 'empty()'
/** Values that change a good row, by column. An empty text is no value. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  record_id: ['', 'r-1', 'ü', 'x'.repeat(300)],
  item_search_criteria: ['', 'item.mpn', 'item.id', 'ITEM.MPN', 'item.local_id', 'item.global_id'],
  item_search_value: [
    '', 'FB-VM-HOURS', 'FB-SEATS', 'fb-seats', 'FB-SEATS ', 'FB-NEW', 'FB-NEW', 'FB-OLD', 'PRD-276-377-545-0003',
    'PRD_276_377_545_0003', NOT_ASKED, '*', 'ü"'
  ],
  quantity: [
    '', '0', '-0', '-1', '-0.00000001', 'many', '1,5', '1e3', '1E-3', '.5', '5.', '+1', '0.12345678', '007', '1 000',
    '0x10', 'Infinity', '9007199254740993', '1.50', '10000000000000000', 'NaN'
  ],
  start_time_utc: [
    '', '2026-02-30 00:00:00', '2026-10-01', '2026-10-01T00:00:00Z', '2026-10-01 24:00:00', '2026-10-1 00:00:00',
    '2026-10-01 9:00:00', '01.10.2026 00:00:00', '2026-11-01 00:00:00', '2026-10-01 00:00:60', '2024-02-29 00:00:00'
  ],
  end_time_utc: ['', '2026-09-30 00:00:00', '2025-10-31 00:00:00', 'soon', '2026-10-31 23:59'],
  asset_search_criteria: ['', 'asset.id', 'asset.external_id', 'parameter.', 'parameter.account_id', 'account'],
  asset_search_value: ['', 'AS-5501-1000-0002', 'AS-5501-1000-0009', 'fb-1001', 'fb-1009', 'as-5501-1000-0001'],
  amount: ['', '0', '-1.5', 'free', '10000000000000000', '10000000000000001', '1e16', '1e17', '0.1234567890123456789'],
  tier: ['', '0', '1', '2', '3', '-1', '1.5', '2.0', 'T1'],
  category_id: ['storage'],
  'v.note': ['x'.repeat(255), 'x'.repeat(256), '😀'.repeat(255), '😀'.repeat(256)],
  record_note: ['x'.repeat(2_000), '<b>', '®'],
  item_precision: ['Integer', 'decimal(4)', 'exact'],
  usage_record_id: ['r-9'],
  unknown_column: ['x'],
  asset_recon_id: ['a']
}
const DESCRIPTIONS: readonly Row[] = [
  { item_name: 'New', item_unit: 'Unit', item_mpn: 'FB-NEW', item_precision: 'Decimal(2)' },
  { item_name: 'New', item_unit: 'Unit', item_mpn: 'FB-NEW', item_precision: 'Integer' },
  { item_name: 'Seats', item_unit: 'Unit', item_mpn: 'FB-SEATS', item_precision: 'Decimal(8)' },
  { item_name: 'New', item_unit: 'Unit', item_mpn: 'FB-NEW' }
]

/**
 * Makes `tables` tables of good rows with some changes, and checks each as this service and as the sandbox does. Gives
 * the disagreements: a row with an `error` that the sandbox takes, and a row that the sandbox refuses and in which the
 * check finds nothing.
 */
export async function findDisagreements (tables: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed)
  const found: string[] = []
  for (let at = 0; at < tables; at += 1) {
    const schema = pick(SCHEMAS, random)
    const product = {
      takesNewItems: random() < 0.5,
      takesReservation: random() < 0.8,
      requiredFields: random() < 0.1 ? ['note'] : []
    }
    const { columns, rows } = makeTable(schema, random)
    const ours = await check(columns, rows, schema, product)
    const theirs = await rowsOfSandbox(columns, rows, schema, product)
    for (const number of rows.map((_, index) => index + 2)) {
      const problems = ours.problems.filter(({ row }) => row === number || row === 1)
      const hasError = problems.some(({ severity }) => severity === 'error')
      const reason = theirs.get(number) ?? theirs.get(1)
      const row = JSON.stringify(rows[number - 2])
      const what = `${schema}, ${JSON.stringify(product)}, table ${at} of seed ${seed}, ${row}`
      if (hasError && reason === undefined) found.push(`only the check refuses ${what}: ${JSON.stringify(problems)}`)
      const isSkipped = rows[number - 2]?.['item_search_value'] === NOT_ASKED &&
        ours.checks.some(({ name, status }) => name === 'items' && status === 'skipped')
      if (problems.length > 0 || reason === undefined || isSkipped) continue
      found.push(`only the sandbox refuses ${what}: ${reason}`)
    }
  }
  return found
}

function makeTable (schema: UsageSchemaWord, random: () => number): { columns: string[], rows: Row[] } {
  const names = Object.keys(CHANGES)
  const rows = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, index) => {
    const row: Row = {
      ...goodRow as Row, record_id: `r-${index + 1}`, ...(schema === 'tr' && { tier: '0' })
    }
    if (random() < 0.1) Object.assign(row, pick(DESCRIPTIONS, random))
    for (let left = Math.floor(random() * 3); left > 0; left -= 1) {
      const name = pick(names, random)
      // Both make a fault of the whole file, so they are rare.
      if (/^u/.test(name) && random() < 0.9) continue
      row[name] = pick(CHANGES[name] ?? [''], random)
    }
    return Object.fromEntries(Object.entries(row).filter(([, text]) => text !== ''))
  })
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  // Some tables lack a column.
  if (random() < 0.1) columns.splice(Math.floor(random() * columns.length), 1)
  const kept = rows.map(row => Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name))))
  return { columns, rows: kept }
}

async function workbook (columns: readonly string[], rows: readonly Row[]): Promise<Buffer> {
  return await join(writeXlsx(tableOf(columns, rows), typeOfColumn))
}

/** Checks the workbook of the rows, with look-ups. */
async function check (
  columns: readonly string[], rows: readonly Row[], schema: UsageSchemaWord, product: Product
): Promise<UsageCheck> {
  const read = await readWorkbook(await workbook(columns, rows))
  const checkWith = async (lookedUp: LookedUp | null): Promise<Checked> => await checkTable({
    columns: read.columns,
    categories: () => read.categories,
    rows: (async function * () { yield read.rows })()
  }, { schema, period: PERIOD, hasCells: true, lookedUp })
  const assets = [1, 2, 3, 4].map(number => ({
    id: asset(number).id, params: [{ id: 'account_id', value: `fb-100${number}` }]
  }))
  const catalogue = {
    items: ITEMS.map(({ localId, precision, ...rest }) =>
      ({ ...rest, local_id: localId, precision: precision.toLowerCase() })),
    assets,
    isDynamic: product.takesNewItems,
    takesReservation: product.takesReservation,
    requiredFields: product.requiredFields
  }
  const { signal } = new AbortController()
  return await withLookUps(await checkWith(null), fakeLookUps(catalogue), checkWith, signal)
}

/** Gives the first reason of the sandbox for each row that it refuses; row 1 stands for the whole file. */
async function rowsOfSandbox (
  columns: readonly string[], rows: readonly Row[], schema: UsageSchemaWord, product: Product
): Promise<ReadonlyMap<number, string>> {
  const known = [...ITEMS]
  const keys = { 'item.mpn': 'mpn', 'item.global_id': 'id', 'item.local_id': 'localId' } as const
  const checked = await checkUsageWorkbook(await workbook(columns, rows), catalog({
    schema,
    late: true,
    future: true,
    takes: { PPU: true, Reservation: product.takesReservation },
    dynamicItems: product.takesNewItems,
    requiredCustomFields: product.requiredFields,
    findItem: (criteria, value) => known.find(one => one[keys[criteria as keyof typeof keys]] === value),
    addItem: ({ mpn, name, unit, precision }) => {
      const added: CatalogItem = { ...item(known.length + 1, mpn, name, unit, precision), dynamic: true }
      known.push(added)
      return added
    }
  }))
  if (checked.fileError !== null) return new Map([[1, checked.fileError]])
  return new Map(checked.rows.flatMap(({ row, errors: [first] }): [number, string][] =>
    first === undefined ? [] : [[row, `${first.code} ${first.column ?? ''} ${first.message}`]]))
}

function pick<Value> (values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!
}
