import type { CheckCode, Severity, UsageCheck, UsageProblem } from '../../schemas/usage-check.ts'
import { SeenIds } from '../limits/seen-ids.ts'
import { checkRow, type ReportProblem, type RowRules } from './check-row.ts'
import { isKnownColumn, usageColumns, type UsageSchemaWord } from './columns.ts'
import { ExactSum } from './decimal.ts'
import { clip, Problems } from './problems.ts'
import { ReferenceCheck, ReferenceList, type LookedUp, type References } from './references.ts'
import type { Table, TableRow } from './table.ts'
import { columnLetters } from './xlsx/cell-addresses.ts'

export interface CheckOptions {
  schema: UsageSchemaWord
  /** The period in which times should be, as two times `YYYY-MM-DD hh:mm:ss` in UTC. Null: no period is compared. */
  period: RowRules['period']
  /** Whether the table has cells with names such as `D7`, and a header before its rows: true for CSV and XLSX. */
  hasCells: boolean
  /** What Connect has, such as the items that the rows name. Null or absent: the rows are not compared with it. */
  lookedUp?: LookedUp | null
  /** Is called with all problems, in batches. The result itself has only the first 1,000. */
  onProblems?: (problems: readonly UsageProblem[]) => void | Promise<void>
}

/** At most so many items get a total, and at most so many categories are checked: the first ones in the rows. */
const DISTINCT_MAX = 10_000
/** The name that the column `record_id` has in CloudBlue's template of 2019. */
const FORMER_RECORD_ID = 'usage_record_id'
const NOT_ASKED = 'Connect was not asked.'

export interface Checked { check: UsageCheck, references: References }

/** `table` has the same rows as the source. To read a row from `table` checks the row. */
export interface CheckedTable {
  table: Table
  /** Whether no error has been found so far. Warnings do not count. */
  isValid: () => boolean
  /** To be called when all rows have been read. */
  finish: () => Promise<Checked>
}

/** Each row is checked when `table` of the result is read. The record ids take some 40 bytes of memory each. */
export function checked (table: Table, options: CheckOptions): CheckedTable {
  const run = new CheckRun(table, options)
  if (options.hasCells) run.checkHeader()
  return {
    table: {
      get columns () { return table.columns },
      categories: table.categories,
      rows: (async function * () {
        for await (const batch of table.rows) {
          for (const row of batch) run.takeRow(row)
          await run.flush()
          yield batch
        }
      })()
    },
    isValid: () => run.isValid,
    finish: async () => {
      if (!options.hasCells) run.checkHeader()
      const check = run.finish()
      await run.flush()
      return { check, references: run.references.toReferences() }
    }
  }
}

export async function checkTable (source: Table, options: CheckOptions): Promise<Checked> {
  const { table, finish } = checked(source, options)
  for await (const _batch of table.rows) void _batch
  return await finish()
}

class CheckRun {
  readonly references = new ReferenceList()
  readonly #table: Table
  readonly #options: CheckOptions
  readonly #required: readonly string[]
  readonly #seen = new SeenIds()
  readonly #problems: Problems
  #unsent: UsageProblem[] = []
  readonly #categories = new Map<string, { first: TableRow, rows: number }>()
  readonly #items = new Map<string, { quantity: ExactSum, rows: number }>()
  readonly #amount = new ExactSum()
  readonly #referenceCheck: ReferenceCheck | null
  #rules: RowRules
  #rows = 0
  #invalid = 0
  #hasHeaderError = false

  constructor (table: Table, options: CheckOptions) {
    this.#table = table
    this.#options = options
    this.#required = usageColumns(options.schema).filter(({ required }) => required).map(({ name }) => name)
    this.#rules = { schema: options.schema, period: options.period, required: this.#required }
    this.#problems = new Problems(options.onProblems === undefined
      ? null
      : problem => { this.#unsent.push(problem) })
    const { lookedUp } = options
    this.#referenceCheck = lookedUp == null ? null : new ReferenceCheck(lookedUp, name => !this.#isMissing(name))
  }

  get isValid (): boolean {
    return !this.#problems.hasError
  }

  /**
   * Reports unknown columns and, of a CSV or a workbook, missing ones. So a required column that is missing there is
   * reported once, and not for each row.
   */
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
    for (const name of this.#options.lookedUp?.requiredColumns.filter(one => this.#isMissing(one)) ?? []) {
      this.#report(1, null, name, 'COLUMN_MISSING', 'warning', `The product needs ${name} in every row.`, null)
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
    this.#hasHeaderError = this.#options.hasCells
      ? this.#problems.hasError
      : this.#problems.has('COLUMN_UNKNOWN', 'error')
  }

  #isMissing (name: string): boolean {
    return this.#options.hasCells && !this.#table.columns.includes(name)
  }

  takeRow (row: TableRow): void {
    const { number } = row
    const former = row.cells[FORMER_RECORD_ID]
    const cells = former === undefined ? row.cells : { record_id: former, ...row.cells }
    const recordId = cells['record_id'] ?? null
    let isInvalid = false
    this.#rows += 1
    const report: ReportProblem = (code, severity, column, message) => {
      isInvalid ||= severity === 'error'
      this.#report(number, recordId, column, code, severity, message, cells[column] ?? null)
    }
    const earlier = recordId === null ? null : this.#seen.add(recordId, number)
    if (earlier !== null) {
      report('DUPLICATE_RECORD_ID', 'error', 'record_id', `Row ${earlier} has the same record_id.`)
    }
    const { quantity, amount } = checkRow(cells, this.#rules, report)
    this.references.add(cells, quantity)
    this.#referenceCheck?.checkRow(cells, quantity, report)
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
      ...this.#problems.summary(),
      rows: { total: this.#rows, valid: this.#rows - invalid, invalid },
      totals: {
        amount: this.#options.schema === 'qt' ? null : this.#amount.toString(),
        quantityByItem: [...this.#items].map(([item, { quantity, rows }]) =>
          ({ item, quantity: quantity.toString(), rows }))
      },
      checks: [
        { name: 'structure', status: 'done', reason: null },
        { name: 'values', status: 'done', reason: null },
        { name: 'items', status: 'skipped', reason: NOT_ASKED },
        { name: 'assets', status: 'skipped', reason: NOT_ASKED },
        hasCategories
          ? { name: 'categories', status: 'done', reason: null }
          : { name: 'categories', status: 'skipped', reason: 'The rows came without categories.' }
      ]
    }
  }

  /** Reports undeclared categories of rows. False when rows have categories, but the table declares none to compare. */
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
    this.#problems.add({ row, column, cell: this.#cellOf(row, column), recordId, code, severity, message, value })
  }

  #cellOf (row: number | null, column: string | null): string | null {
    const at = column === null ? -1 : this.#table.columns.indexOf(column)
    return !this.#options.hasCells || row === null || at === -1 ? null : `${columnLetters(at)}${row}`
  }
}

/** Gives the value of the key. For a new key makes a value; gives null instead when the map is full. */
function upTo<Value> (map: Map<string, Value>, key: string, make: () => Value): Value | null {
  const known = map.get(key)
  if (known !== undefined) return known
  if (map.size >= DISTINCT_MAX) return null
  const made = make()
  map.set(key, made)
  return made
}
