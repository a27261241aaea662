import { checkUsageWorkbook } from '../../sandbox/src/workbooks/check-usage-workbook.ts'
import { catalog, goodRow, item } from '../../sandbox/test/workbooks/fixtures/catalog.ts'
import type { UsageProblem } from '../../schemas/usage-check.ts'
import { checkTable } from '../../src/tables/check.ts'
import { typeOfColumn, type UsageSchemaWord } from '../../src/tables/columns.ts'
import { writeXlsx } from '../../src/tables/xlsx/write-xlsx.ts'
import { randomFrom } from '../uploads/wire.ts'
import { join, tableOf } from './helper.ts'
import { readWorkbook } from './workbook-of.ts'

type Row = Record<string, string>

const SCHEMAS: readonly UsageSchemaWord[] = ['qt', 'pr', 'cr', 'tr']
const PERIOD = { from: '2026-10-01 00:00:00', to: '2026-10-31 23:59:59' }
/** Values that change a good row, by column. An empty text is no value. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  record_id: ['', 'r-1', 'ü', 'x'.repeat(300)],
  item_search_criteria: ['', 'item.mpn', 'item.id', 'ITEM.MPN', 'item.local_id'],
  item_search_value: [''],
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
  asset_search_value: [''],
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
    const { columns, rows } = makeTable(schema, random)
    const [ours, theirs] = [await rowsOfCheck(columns, rows, schema), await rowsOfSandbox(columns, rows, schema)]
    for (const number of rows.map((_, index) => index + 2)) {
      const problems = ours.filter(({ row }) => row === number || row === 1)
      const hasError = problems.some(({ severity }) => severity === 'error')
      const reason = theirs.get(number) ?? theirs.get(1)
      const what = `${schema}, table ${at} of seed ${seed}, ${JSON.stringify(rows[number - 2])}`
      if (hasError && reason === undefined) found.push(`only the check refuses ${what}: ${JSON.stringify(problems)}`)
      if (problems.length === 0 && reason !== undefined) found.push(`only the sandbox refuses ${what}: ${reason}`)
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

/** Gives the problems that the check finds in the workbook of the rows. */
async function rowsOfCheck (
  columns: readonly string[], rows: readonly Row[], schema: UsageSchemaWord
): Promise<readonly UsageProblem[]> {
  const read = await readWorkbook(await workbook(columns, rows))
  const table = {
    columns: read.columns,
    categories: () => read.categories,
    rows: (async function * () { yield read.rows })()
  }
  return (await checkTable(table, { schema, period: PERIOD, hasCells: true })).problems
}

/** Gives the first reason of the sandbox for each row that it refuses; row 1 stands for the whole file. */
async function rowsOfSandbox (
  columns: readonly string[], rows: readonly Row[], schema: UsageSchemaWord
): Promise<ReadonlyMap<number, string>> {
  const anyItem = item(2, 'FB-STORAGE-GB', 'Object storage', 'GB', 'Decimal(8)')
  const anyAsset = { id: 'AS-5501-1000-0001', externalId: '', externalUid: '', reconId: null }
  const checked = await checkUsageWorkbook(await workbook(columns, rows), catalog({
    schema, late: true, future: true, findItem: () => anyItem, findAsset: () => anyAsset
  }))
  if (checked.fileError !== null) return new Map([[1, checked.fileError]])
  return new Map(checked.rows.flatMap(({ row, errors: [first] }): [number, string][] =>
    first === undefined ? [] : [[row, `${first.code} ${first.column ?? ''} ${first.message}`]]))
}

function pick<Value> (values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)]!
}
