import { writeSync } from 'node:fs'
import type { UsageCheck, UsageProblem } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import { checkTable, type CheckOptions } from './check.ts'
import { inUsageOrder } from './columns.ts'
import { withTable, writeTable, type Conversion, type Writing } from './convert.ts'
import { withFile, type SharedFile } from './shared-file.ts'
import type { Cells, Table } from './table.ts'

/** One check of rows, as plain data: it goes to a worker thread. */
export interface CheckTask extends Pick<Conversion, 'input' | 'from' | 'reading'>,
  Pick<CheckOptions, 'schema' | 'period'> {
  /** Gets every problem, as one line of JSON. Null when only the problems in the result are wanted. */
  problems: SharedFile | null
}

/** Rows that are checked and written in another form. */
export interface PrepareTask extends Omit<CheckTask, 'problems'> {
  output: SharedFile
  writing: Writing
  /** Whether rows with errors are written, too. */
  isReport: boolean
}

/** `bytes` is the length of the table that was written; null when the rows have errors and nothing was written. */
export interface Prepared { check: UsageCheck, bytes: number | null }

/** Checks the rows in a file, with blocking calls. Throws what the reader of the table throws. */
export async function checkFile (task: CheckTask): Promise<UsageCheck> {
  const { problems } = task
  return await withFile(task.input, 'r', async input =>
    await withTable(input, task, async open => {
      if (problems === null) return await checkTable(await open(), optionsOf(task))
      return await withFile(problems, 'r+', async output => {
        const table = await open()
        return await checkTable(table, { ...optionsOf(task), onProblems: found => { appendLines(output, found) } })
      })
    }))
}

/**
 * Checks the rows in a file, then writes them in another form, with the columns of usage in Connect's order. Rows with
 * errors are written only with `isReport`, and only when the form can hold them. Throws what the reader and the writer
 * of the table throw.
 */
export async function prepareFile (task: PrepareTask): Promise<Prepared> {
  const { output, writing, isReport } = task
  const read = async <Result>(work: (open: () => Promise<Table>) => Promise<Result>): Promise<Result> =>
    await withFile(task.input, 'r', async input => await withTable(input, task, work))
  const { check, columns, categories } = await read(async open => {
    const table = await open()
    const check = await checkTable(table, optionsOf(task))
    return {
      check,
      columns: inUsageOrder(table.columns.filter(name => name !== '')),
      categories: table.categories().map(inOrder)
    }
  })
  if (!check.valid && !isReport) return { check, bytes: null }
  const table = { columns, categories: () => categories }
  try {
    // A workbook can be opened once, so the file is opened again.
    const { bytes } = await read(async open => {
      const { rows } = await open()
      return await withFile(output, 'r+', async fd => await writeTable({ ...table, rows }, fd, writing))
    })
    return { check, bytes }
  } catch (error) {
    // The check has told already what no workbook can hold.
    if (!check.valid && error instanceof AppError && error.code === 'VALIDATION_FAILED') return { check, bytes: null }
    throw error
  }
}

function optionsOf ({ schema, period, from }: Omit<CheckTask, 'problems'>): CheckOptions {
  return { schema, period, hasCells: from === 'csv' || from === 'xlsx' }
}

/** Gives a category with its columns in one order, whatever the order in the source. */
function inOrder (category: Cells): Cells {
  return Object.fromEntries(inUsageOrder(Object.keys(category)).map(name => [name, category[name] ?? '']))
}

function appendLines (fd: number, problems: readonly UsageProblem[]): void {
  const lines = Buffer.from(problems.map(problem => `${JSON.stringify(problem)}\n`).join(''))
  for (let at = 0; at < lines.length;) at += writeSync(fd, lines, at)
}
