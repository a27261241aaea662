import { TRIMMED } from '../../schemas/patterns.ts'
import type { CheckCode, UsageCheck } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import { BillingErrors } from './billing-errors.ts'
import { typeOfColumn } from './columns.ts'
import { withTable, type Conversion } from './convert.ts'
import { parseDecimal } from './decimal.ts'
import { RowStore } from './row-store.ts'
import { ScratchFile } from './scratch-file.ts'
import { withFile, writeFile, type SharedFile } from './shared-file.ts'
import { noTable, overLimit, quote, type Cells, type Table, type TableRow } from './table.ts'
import { cellFault } from './xlsx/cell-text.ts'
import { openZip } from './xlsx/open-zip.ts'
import { patchSheet } from './xlsx/patch-sheet.ts'
import { readCellContext } from './xlsx/read-xlsx.ts'
import { readWorkbookParts, sheetPath } from './xlsx/workbook-parts.ts'
import { writeZip } from './xlsx/write-zip.ts'

const RECORD_ID = 'record_id'
const BILLING = ['external_billing_id', 'external_billing_note'] as const
/** The most characters of a billing id and of a note, as in the other operations that close records. */
const BILLING_MAX_CHARS = 255
const IS_TRIMMED = new RegExp(TRIMMED.pattern, 'u')

/** `input`: rows with billing ids. `workbook`: one of Connect, with records. `output`: gets the filled workbook. */
export interface FillTask extends Pick<Conversion, 'input' | 'from' | 'reading'> {
  workbook: SharedFile
  /** A temporary file that holds the rows while the workbook is read. */
  scratch: SharedFile
  output: SharedFile
  maxBytes: number
}

/** `bytes`: the length of the filled workbook. Null when `check` has errors: the output must not be used then. */
export interface Filled { check: UsageCheck, bytes: number | null }

/**
 * Fills billing ids and notes into a copy of Connect's workbook: those of each given row into the row of the sheet
 * `records` with the same `record_id`. Adds these two columns if they are missing. Other cells keep their values. Makes
 * blocking calls. Throws 400, 413 or 422 for given rows that are no table, UPSTREAM_INVALID for a workbook that cannot
 * be read, and 413 over a limit.
 */
export async function fillBilling (task: FillTask): Promise<Filled> {
  return await withFile(task.scratch, 'r+', async scratch => {
    const errors = new BillingErrors()
    const given = new RowStore(new ScratchFile(scratch))
    const { columns, count, billed } = await withFile(task.input, 'r', async fd =>
      await withTable(fd, task, async open => await takeRows(await open(), given, errors)))
    if (!columns.includes(RECORD_ID)) reportMissing(errors, RECORD_ID)
    if (!BILLING.some(name => columns.includes(name))) reportMissing(errors, BILLING[0])
    // Connect would report success for a reconciliation without any billing id, although nothing is closed.
    else if (billed === 0) reportUnbilled(errors)
    const bytes = await writeFilled(task, columns, given, errors)
    for (const { number, cells } of given.unused()) {
      errors.add({
        row: number,
        column: RECORD_ID,
        recordId: cells[RECORD_ID] ?? null,
        code: 'RECORD_UNKNOWN',
        message: 'The workbook of Connect has no record with this record_id.',
        value: cells[RECORD_ID] ?? null
      })
    }
    return { check: errors.toCheck(count), bytes: errors.isEmpty ? bytes : null }
  })
}

async function writeFilled (
  { workbook, output, maxBytes }: FillTask, columns: readonly string[], given: RowStore, errors: BillingErrors
): Promise<number> {
  try {
    return await withFile(workbook, 'r', async from =>
      await withFile(output, 'r+', async to => await writeFile(to, fillWorkbook(from, columns, given, errors), {
        before: size => {
          if (size > maxBytes) throw overLimit(`The filled workbook has more than ${maxBytes} bytes.`)
        },
        after: () => {}
      })))
  } catch (error) {
    // The given rows have been read before, so an AppError is a fault of Connect's workbook. BODY_TOO_LARGE is thrown
    // as it is: the workbook or the result is too large.
    if (!(error instanceof AppError) || error.code === 'BODY_TOO_LARGE') throw error
    throw new AppError('UPSTREAM_INVALID', `The file that Connect gave is no table: ${error.message}`, { cause: error })
  }
}

function reportMissing (errors: BillingErrors, column: string): void {
  const message = `The column ${column} is missing.`
  errors.add({ row: 1, column, recordId: null, code: 'COLUMN_MISSING', message, value: null })
}

function reportUnbilled (errors: BillingErrors): void {
  const message = `No row has an ${BILLING[0]}: nothing would be closed.`
  errors.add({ row: 1, column: BILLING[0], recordId: null, code: 'VALUE_MISSING', message, value: null })
}

/** Checks the rows, and stores those with a record id. `billed` is the number of rows with a billing id. */
async function takeRows (
  table: Table, given: RowStore, errors: BillingErrors
): Promise<{ columns: readonly string[], count: number, billed: number }> {
  let count = 0
  let billed = 0
  for await (const batch of table.rows) {
    for (const row of batch) {
      takeRow(row, given, errors)
      if (row.cells[BILLING[0]] !== undefined) billed += 1
    }
    count += batch.length
    given.flush()
  }
  return { columns: table.columns, count, billed }
}

function takeRow (row: TableRow, given: RowStore, errors: BillingErrors): void {
  const { number, cells } = row
  const recordId = cells[RECORD_ID] ?? null
  const report = (code: CheckCode, column: string, message: string): void => {
    errors.add({ row: number, column, recordId, code, message, value: cells[column] ?? null })
  }
  for (const name of BILLING) {
    const text = cells[name]
    if (text === undefined) continue
    const fault = cellFault(text)
    if (fault !== null) report('CHARACTER_FORBIDDEN', name, `${name} ${fault}.`)
    if ([...text].length > BILLING_MAX_CHARS) {
      report('TEXT_TOO_LONG', name, `${name} has more than ${BILLING_MAX_CHARS} characters.`)
    }
    if (name === BILLING[0] && !IS_TRIMMED.test(text)) {
      report('VALUE_INVALID', name, `${name} ${TRIMMED['x-pattern-message']}.`)
    }
  }
  if (cells[BILLING[0]] === undefined && cells[BILLING[1]] !== undefined) {
    report('VALUE_MISSING', BILLING[0], `The row has a note, but no ${BILLING[0]}.`)
  }
  if (recordId === null) return report('VALUE_MISSING', RECORD_ID, 'The row has no record_id.')
  const earlier = given.add(recordId, row)
  if (earlier !== null) report('DUPLICATE_RECORD_ID', RECORD_ID, `Row ${earlier} has the same record_id.`)
}

async function * fillWorkbook (
  fd: number, columns: readonly string[], given: RowStore, errors: BillingErrors
): AsyncGenerator<Buffer, void, void> {
  const archive = await openZip(fd)
  const parts = await readWorkbookParts(archive)
  const path = sheetPath(parts, 'records')
  if (path === null) throw noTable('The workbook has no sheet "records".')
  const { context, close } = await readCellContext(archive, parts)
  const patch = {
    columns: BILLING,
    header: (names: readonly string[]) => {
      const known = [...names, ...BILLING]
      reportUnknown(columns.filter(name => name !== '' && !known.includes(name)), errors)
    },
    row: (row: TableRow) => patchOf(row, given, errors)
  }
  try {
    yield * writeZip(archive.packed().map(entry => entry.path === path
      ? { name: entry.name.toString(), content: patchSheet(archive.read(path), context, patch) }
      : entry))
  } finally {
    close()
  }
}

function reportUnknown (columns: readonly string[], errors: BillingErrors): void {
  for (const column of columns) {
    errors.add({
      row: 1,
      column,
      recordId: null,
      code: 'COLUMN_UNKNOWN',
      message: `The workbook of Connect has no column ${quote(column)}.`,
      value: column
    })
  }
}

/** Gives new texts by column for a row of Connect; null if no given row has its `record_id`. Also reports errors. */
function patchOf (row: TableRow, given: RowStore, errors: BillingErrors): ReadonlyMap<string, string> | null {
  const recordId = row.cells[RECORD_ID]
  const found = recordId === undefined ? null : given.take(recordId)
  if (recordId === undefined || found === null) return null
  if (found.usedBefore) {
    errors.add({
      row: found.row.number,
      column: RECORD_ID,
      recordId,
      code: 'DUPLICATE_RECORD_ID',
      message: 'The workbook of Connect has several records with this record_id.',
      value: recordId
    })
  }
  const { number, cells } = found.row
  for (const [column, value] of Object.entries(cells)) {
    if (BILLING.some(name => name === column) || isSame(column, value, row.cells)) continue
    errors.add({
      row: number,
      column,
      recordId,
      code: 'VALUE_CHANGED',
      message: `A reconciliation does not change ${quote(column)}. The workbook of Connect has another value.`,
      value
    })
  }
  return new Map(BILLING.flatMap(name => cells[name] === undefined ? [] : [[name, cells[name]]]))
}

function isSame (column: string, value: string, cells: Cells): boolean {
  const there = cells[column]
  if (there === value) return true
  if (there === undefined || typeOfColumn(column) !== 'number') return false
  const [one, other] = [parseDecimal(value), parseDecimal(there)]
  if (one === null || other === null) return false
  return one.units * 10n ** BigInt(other.scale) === other.units * 10n ** BigInt(one.scale)
}
