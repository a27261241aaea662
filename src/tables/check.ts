import {
  PROBLEMS_MAX, type CheckCode, type Severity, type UsageCheck, type UsageProblem
} from '../../schemas/usage-check.ts'
import { SeenIds } from '../limits/seen-ids.ts'
import { checkRow, type RowRules } from './check-row.ts'
import { isKnownColumn, usageColumns, type UsageSchemaWord } from './columns.ts'
import { ExactSum } from './decimal.ts'
import type { Table, TableRow } from './table.ts'

export interface CheckOptions {
  schema: UsageSchemaWord
  /** The period of the file, as a workbook writes times; null when it is not known. */
  period: RowRules['period']
  /** Whether the rows come from cells: CSV and XLSX. */
  hasCells: boolean
  /** Is given every problem, also those that the result does not hold, in batches. */
  onProblems?: (problems: readonly UsageProblem[]) => void | Promise<void>
}

/** The most items and categories of which the check keeps count. */
const DISTINCT_MAX = 10_000
/** The name of the first column in CloudBlue's template of 2019. */
const FORMER_RECORD_ID = 'usage_record_id'
const VALUE_CHARS = 200

type Counts = UsageCheck['byCode'][number]

/**
 * Checks the rows of a table, from the first to the last, against what is known of Connect. The memory does not grow
 * with the rows, but for 16 bytes of each record id. Throws what the table throws.
 */
export async function checkTable (table: Table, options: CheckOptions): Promise<UsageCheck> {
  const run = new CheckRun(table, options)
  if (options.hasCells) run.checkHeader()
  for await (const batch of table.rows) {
    for (const row of batch) run.takeRow(row)
    await run.flush()
  }
  if (!options.hasCells) run.checkHeader()
  const result = run.finish()
  await run.flush()
  return result
}

class CheckRun {
  readonly #table: Table
  readonly #options: CheckOptions
  readonly #required: readonly string[]
  readonly #seen = new SeenIds()
  readonly #problems: UsageProblem[] = []
  #unsent: UsageProblem[] = []
  readonly #byCode = new Map<string, Counts>()
  readonly #categories = new Map<string, { first: TableRow, rows: number }>()
  readonly #items = new Map<string, { quantity: ExactSum, rows: number }>()
  readonly #amount = new ExactSum()
  #rules: RowRules
  #rows = 0
  #invalid = 0
  #found = 0
  #hasHeaderError = false
  #hasError = false

  constructor (table: Table, options: CheckOptions) {
    this.#table = table
    this.#options = options
    this.#required = usageColumns(options.schema).filter(({ required }) => required).map(({ name }) => name)
    this.#rules = { schema: options.schema, period: options.period, required: this.#required }
  }

  /** Checks the names of the columns. In CSV and XLSX a column that is missing is one problem, not one of every row. */
  checkHeader (): void {
    const { columns } = this.#table
    const has = (name: string): boolean =>
      columns.includes(name) || (name === 'record_id' && columns.includes(FORMER_RECORD_ID))
    if (this.#options.hasCells) {
      for (const name of this.#required.filter(one => !has(one))) {
        this.#report(1, null, name, 'COLUMN_MISSING', 'error', `The column ${name} is missing.`, null)
      }
      this.#rules = { ...this.#rules, required: this.#required.filter(has) }
    }
    for (const name of columns.filter(one => one !== '' && !isKnownColumn(one))) {
      const isFormer = name === FORMER_RECORD_ID
      this.#report(
        1, null, name, 'COLUMN_UNKNOWN', isFormer ? 'warning' : 'error',
        isFormer
          ? 'usage_record_id is the name of record_id in the template of 2019.'
          : `No workbook of usage has the column ${JSON.stringify(clip(name))}. Columns of your own begin with v.`, name
      )
    }
    this.#hasHeaderError = this.#hasError && this.#rows === 0
    if (!this.#options.hasCells) {
      this.#hasHeaderError = [...this.#byCode.values()].some(one => one.code === 'COLUMN_UNKNOWN')
    }
  }

  takeRow (row: TableRow): void {
    const { number } = row
    const former = row.cells[FORMER_RECORD_ID]
    const cells = former === undefined ? row.cells : { record_id: former, ...row.cells }
    const recordId = cells['record_id'] ?? null
    let isInvalid = false
    this.#rows += 1
    const report = (code: CheckCode, severity: Severity, column: string | null, message: string): void => {
      isInvalid ||= severity === 'error'
      this.#report(number, recordId, column, code, severity, message, column === null ? null : cells[column] ?? null)
    }
    const earlier = recordId === null ? null : this.#seen.add(recordId, number)
    if (earlier !== null) {
      report('DUPLICATE_RECORD_ID', 'error', 'record_id', `Row ${earlier} has the same record_id.`)
    }
    const { quantity, amount } = checkRow(cells, this.#rules, report)
    if (amount !== null) this.#amount.add(amount)
    const item = cells['item_search_value']
    if (item !== undefined) {
      const total = upTo(this.#items, clip(item), () => ({ quantity: new ExactSum(), rows: 0 }))
      if (total !== null) total.rows += 1
      if (quantity !== null) total?.quantity.add(quantity)
    }
    const category = cells['category_id']
    if (category !== undefined) {
      const known = upTo(this.#categories, clip(category), () => ({ first: row, rows: 0 }))
      if (known !== null) known.rows += 1
    }
    if (isInvalid) this.#invalid += 1
  }

  /** Hands the problems on that were found since the last call. */
  async flush (): Promise<void> {
    const found = this.#unsent
    this.#unsent = []
    if (found.length > 0) await this.#options.onProblems?.(found)
  }

  finish (): UsageCheck {
    if (this.#rows === 0) this.#report(null, null, null, 'VALUE_MISSING', 'warning', 'There are no rows.', null)
    const hasCategories = this.#checkCategories()
    const invalid = this.#hasHeaderError ? this.#rows : this.#invalid
    return {
      valid: !this.#hasError,
      rows: { total: this.#rows, valid: this.#rows - invalid, invalid },
      totals: {
        amount: this.#options.schema === 'qt' ? null : this.#amount.toString(),
        quantityByItem: [...this.#items].map(([item, { quantity, rows }]) =>
          ({ item, quantity: quantity.toString(), rows }))
      },
      problems: this.#problems,
      byCode: [...this.#byCode.values()],
      truncated: this.#found > this.#problems.length,
      checks: [
        { name: 'structure', status: 'done', reason: null },
        { name: 'values', status: 'done', reason: null },
        { name: 'items', status: 'skipped', reason: 'Items are not looked up by this version.' },
        { name: 'assets', status: 'skipped', reason: 'Subscriptions are not looked up by this version.' },
        hasCategories
          ? { name: 'categories', status: 'done', reason: null }
          : { name: 'categories', status: 'skipped', reason: 'The rows came without categories.' }
      ]
    }
  }

  /** Reports each category that is not declared, at its first row. Gives whether there was anything to compare. */
  #checkCategories (): boolean {
    const declared = new Set(this.#table.categories().map(category => clip(category['category_id'] ?? '')))
    if (declared.size === 0) return this.#categories.size === 0
    for (const [id, { first, rows }] of this.#categories) {
      if (declared.has(id)) continue
      const recordId = first.cells['record_id'] ?? null
      this.#report(
        first.number, recordId, 'category_id', 'CATEGORY_UNKNOWN', 'warning',
        `The categories do not hold this one. ${rows === 1 ? 'One row has' : `${rows} rows have`} it.`, id
      )
    }
    return true
  }

  #report (
    row: number | null, recordId: string | null, column: string | null, code: CheckCode, severity: Severity,
    message: string, value: string | null
  ): void {
    this.#found += 1
    this.#hasError ||= severity === 'error'
    const key = `${code} ${severity}`
    const counts = this.#byCode.get(key)
    if (counts === undefined) this.#byCode.set(key, { code, severity, count: 1, firstRow: row })
    else counts.count += 1
    const isKept = this.#problems.length < PROBLEMS_MAX
    if (!isKept && this.#options.onProblems === undefined) return
    const problem = {
      row, column, cell: this.#cellOf(row, column), recordId: recordId === null ? null : clip(recordId), code, severity,
      message, value: value === null ? null : clip(value)
    }
    if (isKept) this.#problems.push(problem)
    if (this.#options.onProblems !== undefined) this.#unsent.push(problem)
  }

  #cellOf (row: number | null, column: string | null): string | null {
    const at = column === null ? -1 : this.#table.columns.indexOf(column)
    return !this.#options.hasCells || row === null || at === -1 ? null : `${letters(at)}${row}`
  }
}

/** Gives the value of a key, made if need be; null when the map is full. */
function upTo<Value> (map: Map<string, Value>, key: string, make: () => Value): Value | null {
  const known = map.get(key)
  if (known !== undefined) return known
  if (map.size >= DISTINCT_MAX) return null
  const made = make()
  map.set(key, made)
  return made
}

function clip (text: string): string {
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS - 1)}…` : text
}

/** Gives the letters of a column: A for 0, AA for 26. */
function letters (index: number): string {
  const last = String.fromCharCode(65 + index % 26)
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}
