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

export interface CheckTask extends Pick<Conversion, 'input' | 'from' | 'reading'>,
  Pick<CheckOptions, 'schema' | 'period' | 'lookedUp'> {
  /** The file for all problems, one line of JSON for each. Null: only the result has problems, the first 1,000. */
  problems: SharedFile | null
}

export interface PrepareTask extends Omit<CheckTask, 'problems'> {
  output: SharedFile
  /** Null when the rows are only checked. */
  writing: Writing | null
  isDigested?: boolean
  /** True: the rows are written also when the check finds errors, if the form can hold their texts. */
  isReport: boolean
}

/** `bytes`: the length of the written table; null: do not use `output`. `digest`: null without `isDigested`. */
export interface Prepared extends Checked { bytes: number | null, digest: string | null }

/**
 * Checks the rows of a file. Makes blocking calls. Throws 400, 413 or 422 for a file that is no table or is over a
 * limit, and 413 when the problems take more than 1 GiB.
 */
export async function checkFile (task: CheckTask): Promise<Checked> {
  const { problems } = task
  return await withFile(task.input, 'r', async input =>
    await withTable(input, task, async open => {
      if (problems === null) return await checkTable(await open(), optionsOf(task))
      return await withFile(problems, 'r+', async output => {
        const table = await open()
        // The file may have the problems of an earlier check of the same rows.
        ftruncateSync(output)
        const lines = new ScratchFile(output)
        const onProblems = (found: readonly UsageProblem[]): void => { lines.append(toLines(found)) }
        return await checkTable(table, { ...optionsOf(task), onProblems })
      })
    }))
}

/**
 * Checks the rows. With `writing`, also writes them in that form, with the columns in Connect's order. When `bytes` of
 * the result is null, the output must not be used: it may have a part of a table. Makes blocking calls. Throws 400, 413
 * or 422 when the file cannot be read as a table or the table cannot be written.
 */
export async function prepareFile (task: PrepareTask): Promise<Prepared> {
  const { writing, isReport } = task
  const options = optionsOf(task)
  // Tables in CSV and XLSX name their columns before their rows. So one reading is enough to check and write the rows.
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
    // No workbook can hold one of the texts. If that text is in a row, the check reports it, too.
    if (!valid && error instanceof AppError && error.code === 'VALIDATION_FAILED') return first
    throw error
  }
}

/**
 * Opens the table for `work`, and adds to the result of `work` the digest, or null without `isDigested`. `work` must
 * read all rows, because only then is the digest complete.
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

/** Gives the batches before the batch with the first error. Reads the later batches, too, so that they are checked. */
async function * whileValid (rows: Table['rows'], isValid: () => boolean): AsyncGenerator<readonly TableRow[]> {
  for await (const batch of rows) if (isValid()) yield batch
}

function optionsOf ({ schema, period, lookedUp, from }: Omit<CheckTask, 'problems'>): CheckOptions {
  return { schema, period, lookedUp: lookedUp ?? null, hasCells: from === 'csv' || from === 'xlsx' }
}

function inOrder ({ columns, categories }: Table): Pick<Table, 'columns' | 'categories'> {
  const ordered = categories().map(category =>
    Object.fromEntries(inUsageOrder(Object.keys(category), 'categories').map(name => [name, category[name] ?? ''])))
  return { columns: inUsageOrder(columns.filter(name => name !== ''), 'records'), categories: () => ordered }
}
