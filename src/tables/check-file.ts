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

/** One check of rows, as plain data, which goes to a worker thread. */
export interface CheckTask extends Pick<Conversion, 'input' | 'from' | 'reading'>,
  Pick<CheckOptions, 'schema' | 'period' | 'lookedUp'> {
  /** Gets every problem as one line of JSON. Null when only the problems in the result are wanted. */
  problems: SharedFile | null
}

/** Rows that are checked and written in another form. */
export interface PrepareTask extends Omit<CheckTask, 'problems'> {
  output: SharedFile
  /** Null when the rows are only checked. */
  writing: Writing | null
  /** Whether the result has the digest of the rows. Default: false. */
  isDigested?: boolean
  /** Whether rows with errors are written, too. */
  isReport: boolean
}

/**
 * `bytes` is the length of the table that was written; null when nothing was written, and when rows have errors and so
 * only a part was written. `digest` is that of `digested`; null when nobody asked for it.
 */
export interface Prepared extends Checked { bytes: number | null, digest: string | null }

/** Checks the rows in a file, with blocking calls. Throws what the reader throws, and 413 for too many problems. */
export async function checkFile (task: CheckTask): Promise<Checked> {
  const { problems } = task
  return await withFile(task.input, 'r', async input =>
    await withTable(input, task, async open => {
      if (problems === null) return await checkTable(await open(), optionsOf(task))
      return await withFile(problems, 'r+', async output => {
        const table = await open()
        // An earlier check of the same rows may have written its problems here.
        ftruncateSync(output)
        const lines = new ScratchFile(output)
        const onProblems = (found: readonly UsageProblem[]): void => { lines.append(toLines(found)) }
        return await checkTable(table, { ...optionsOf(task), onProblems })
      })
    }))
}

/**
 * Checks the rows in a file and writes them in another form, with the columns of usage in Connect's order. Rows with
 * errors are written only with `isReport`, and only when the form can hold them. Throws what the reader and the writer
 * of the table throw.
 */
export async function prepareFile (task: PrepareTask): Promise<Prepared> {
  const { writing, isReport } = task
  const options = optionsOf(task)
  // CSV and XLSX name their columns before their rows. Their rows are checked and written in one reading.
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
    // A workbook can be opened once, so the file is opened again.
    return await readOnce({ ...task, isDigested: false }, async ({ rows }) =>
      ({ ...first, bytes: await write(task, writing, { ...ordered, rows }) }))
  } catch (error) {
    // The check has already reported the texts that no workbook can hold.
    if (!valid && error instanceof AppError && error.code === 'VALIDATION_FAILED') return first
    throw error
  }
}

/** Opens the table and adds its digest to what `work` gives. */
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

/** Gives the batches before the first one with an error. Reads the later batches too, so that they are checked. */
async function * whileValid (rows: Table['rows'], isValid: () => boolean): AsyncGenerator<readonly TableRow[]> {
  for await (const batch of rows) if (isValid()) yield batch
}

function optionsOf ({ schema, period, lookedUp, from }: Omit<CheckTask, 'problems'>): CheckOptions {
  return { schema, period, lookedUp: lookedUp ?? null, hasCells: from === 'csv' || from === 'xlsx' }
}

/** Gives columns and categories with the columns of usage in the order of Connect, not in the order of the source. */
function inOrder ({ columns, categories }: Table): Pick<Table, 'columns' | 'categories'> {
  const ordered = categories().map(category =>
    Object.fromEntries(inUsageOrder(Object.keys(category)).map(name => [name, category[name] ?? ''])))
  return { columns: inUsageOrder(columns.filter(name => name !== '')), categories: () => ordered }
}
