import { ftruncateSync } from 'node:fs'
import type { UsageProblem } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import { checked, checkTable, type Checked, type CheckOptions } from './check.ts'
import { inUsageOrder } from './columns.ts'
import { withTable, writeTable, type Conversion, type Writing } from './convert.ts'
import { digested } from './digest.ts'
import { ScratchFile } from './scratch-file.ts'
import { withFile, type SharedFile } from './shared-file.ts'
import { toLines, type Table, type TableRow } from './table.ts'

/** The task of checking the rows in a file, as plain data for a worker thread. */
export interface CheckTask extends Pick<Conversion, 'input' | 'from' | 'reading'>,
  Pick<CheckOptions, 'schema' | 'period' | 'lookedUp'> {
  /**
   * The file that gets all problems, one line of JSON for each. Null: only the result tells problems, the first 1,000.
   */
  problems: SharedFile | null
}

/** The task of checking the rows in a file and writing them in another form, as plain data for a worker thread. */
export interface PrepareTask extends Omit<CheckTask, 'problems'> {
  output: SharedFile
  /** How the rows are written, for example in which form; null when the rows are only checked. */
  writing: Writing | null
  isDigested?: boolean
  /** Whether the rows are written even if some of them have errors. */
  isReport: boolean
}

/**
 * What `Checked` has, and two members more. `bytes`: the length of the table that was written, in bytes; null when
 * there is no table to use (see `prepareFile`). `digest`: the hash that `digested` gives; null without `isDigested`.
 */
export interface Prepared extends Checked { bytes: number | null, digest: string | null }

/**
 * Checks the rows in a file, and writes all problems to the file `problems` if there is one. Makes blocking calls.
 * Throws what the reader of the table throws, and 413 when the problems take more than 1 GiB.
 */
export async function checkFile (task: CheckTask): Promise<Checked> {
  const { problems } = task
  return await withFile(task.input, 'r', async input =>
    await withTable(input, task, async open => {
      if (problems === null) return await checkTable(await open(), optionsOf(task))
      return await withFile(problems, 'r+', async output => {
        const table = await open()
        // The file may have the problems of an earlier check of the same rows. They are removed.
        ftruncateSync(output)
        const lines = new ScratchFile(output)
        const onProblems = (found: readonly UsageProblem[]): void => { lines.append(toLines(found)) }
        return await checkTable(table, { ...optionsOf(task), onProblems })
      })
    }))
}

/**
 * Checks the rows in a file and writes them in another form, with the columns of usage in Connect's order. Gives null
 * as `bytes` when `writing` is null; when the check has an error and `isReport` is not set; and when the check has an
 * error and the form cannot hold a text of the rows. The output may then have a part of a table, which must not be
 * used. Makes blocking calls. Throws what the reader of the table and `writeTable` throw.
 */
export async function prepareFile (task: PrepareTask): Promise<Prepared> {
  const { writing, isReport } = task
  const options = optionsOf(task)
  // CSV and XLSX name their columns before their rows, so that their rows can be checked and written in one reading.
  if (writing !== null && !isReport && options.hasCells) {
    return await readOnce(task, async table => {
      const { isValid, finish, table: source } = checked(table, options)
      const bytes = await write(task, writing, { ...inOrder(source), rows: whileValid(source.rows, isValid) })
      const result = await finish()
      return { ...result, bytes: result.check.valid ? bytes : null }
    })
  }
  const { ordered, ...first } = await readOnce(task, async table =>
    ({ ...await checkTable(table, options), bytes: null, ordered: inOrder(table) }))
  const { valid } = first.check
  if (writing === null || (!valid && !isReport)) return first
  try {
    // The rows of an opened workbook can be read only once, so the file is opened a second time.
    return await readOnce({ ...task, isDigested: false }, async ({ rows }) =>
      ({ ...first, bytes: await write(task, writing, { ...ordered, rows }) }))
  } catch (error) {
    // A text that no workbook can hold is one of the errors that the check reports. So the check is given, not this
    // error.
    if (!valid && error instanceof AppError && error.code === 'VALIDATION_FAILED') return first
    throw error
  }
}

/**
 * Opens the table of the task and calls `work` with it, which must read all rows. Gives the result of `work` with the
 * digest of the table; null as the digest without `isDigested`.
 */
async function readOnce<Result extends object> (
  task: PrepareTask, work: (table: Table) => Promise<Result>
): Promise<Result & { digest: string | null }> {
  return await withFile(task.input, 'r', async input => await withTable(input, task, async open => {
    const opened = await open()
    const { table, digest } = task.isDigested === true ? digested(opened) : { table: opened, digest: () => null }
    const result = await work(table)
    return { digest: digest(), ...result }
  }))
}

async function write ({ output }: PrepareTask, writing: Writing, table: Table): Promise<number> {
  const { bytes } = await withFile(output, 'r+', async fd => await writeTable(table, fd, writing))
  return bytes
}

/**
 * Gives the batches before the first one that has an error; none when the header has one. Still reads the later
 * batches, so that they are checked.
 */
async function * whileValid (rows: Table['rows'], isValid: () => boolean): AsyncGenerator<readonly TableRow[]> {
  for await (const batch of rows) if (isValid()) yield batch
}

function optionsOf ({ schema, period, lookedUp, from }: Omit<CheckTask, 'problems'>): CheckOptions {
  return { schema, period, lookedUp: lookedUp ?? null, hasCells: from === 'csv' || from === 'xlsx' }
}

/**
 * Gives the columns and the categories of a table with the columns of usage in Connect's order. Columns without a name
 * are left out.
 */
function inOrder ({ columns, categories }: Table): Pick<Table, 'columns' | 'categories'> {
  const ordered = categories().map(category =>
    Object.fromEntries(inUsageOrder(Object.keys(category)).map(name => [name, category[name] ?? ''])))
  return { columns: inUsageOrder(columns.filter(name => name !== '')), categories: () => ordered }
}
