import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { CheckQuery } from '../../schemas/usage-check-input.ts'
import { UsageProblem, type UsageCheck } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import { CSV, NDJSON, XLSX } from '../media-types.ts'
import { linesOf } from '../streaming/lines.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import type { Checked, CheckOptions } from '../tables/check.ts'
import { itemsAsCsv } from '../tables/list-columns.ts'
import type { LookedUp } from '../tables/references.ts'
import type { MarkProblemsTask } from '../tables/mark-problems.ts'
import type { TaskOwner } from '../tables/pool.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { LookUps } from '../usage/look-ups.ts'
import { chosenTableForm, varyByAccept } from './accept.ts'
import { clientSignal } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { rowsInvalid } from './prepare-rows.ts'
import { readingOf, receiveRows } from './receive-table.ts'
import { withLookUps } from './with-look-ups.ts'

const PROBLEM: TSchema = UsageProblem

/** `name` is the name of a workbook in the answer, without its extension. */
export interface CheckedRows extends Pick<CheckOptions, 'schema' | 'period'> {
  name: string
  /** Null when Connect is not asked for the items and subscriptions. */
  lookUps: LookUps | null
}

/**
 * Answers with the check of the rows in a body: as JSON with the first problems, as CSV or NDJSON with all problems, or
 * as a workbook of the rows with the problems marked. The answer begins when all rows have been read, because the body
 * may turn out to be no table.
 */
export async function sendCheck (
  request: FastifyRequest, reply: FastifyReply, { name, lookUps, ...options }: CheckedRows
): Promise<UsageCheck | Readable> {
  const { tables: { files, pool } } = request.server
  const query = request.query as CheckQuery
  varyByAccept(reply)
  const form = chosenTableForm(query.format, request.headers.accept)
  const owner = { callerId: callerOf(request).id, signal: clientSignal(reply) }
  const { form: from, file } = await receiveRows(request)
  let problems: SpooledFile | null = null
  try {
    if (form !== 'json') problems = await files.open()
    const task = {
      ...options,
      input: shareFile(file.fd),
      from,
      reading: readingOf(query, from),
      problems: problems === null ? null : shareFile(problems.fd)
    }
    const checked = await pool.run('check', task, owner)
    const checkAgain = async (lookedUp: LookedUp): Promise<Checked> =>
      await pool.run('check', { ...task, lookedUp }, owner)
    const check = await withLookUps(checked, lookUps, checkAgain, owner.signal)
    if (problems === null || form === 'json') return check
    if (form === 'xlsx') {
      const workbook = await mark(request, reply, { ...task, problems: shareFile(problems.fd) }, check, owner)
      reply.header('content-disposition', `attachment; filename="${name}.xlsx"`)
      await problems.close()
      return workbook
    }
    const stream = streamOf(problems, check, form)
    reply.type(form === 'csv' ? `${CSV}; charset=utf-8` : NDJSON)
    return stream
  } catch (error) {
    await problems?.close()
    throw error
  } finally {
    await file.close()
  }
}

async function mark (
  request: FastifyRequest, reply: FastifyReply, task: Omit<MarkProblemsTask, 'output' | 'maxBytes'>, check: UsageCheck,
  owner: TaskOwner
): Promise<Readable> {
  const { files, pool, limits } = request.server.tables
  const file = await files.open()
  try {
    const output = { output: shareFile(file.fd), maxBytes: limits.workbook.maxBytes }
    const bytes = await pool.run('markCheck', { ...task, ...output }, owner)
    reply.type(XLSX).header('content-length', String(bytes))
    const stream = Readable.from(file.read(), { objectMode: false })
    stream.once('close', () => { void file.close() })
    return stream
  } catch (error) {
    await file.close()
    // A text cannot stand in a workbook, for example because of a control character. The check names the cell.
    if (!check.valid && error instanceof AppError && error.code === 'VALIDATION_FAILED') throw rowsInvalid(check)
    throw error
  }
}

function streamOf (problems: SpooledFile, check: UsageCheck, form: 'csv' | 'ndjson'): Readable {
  const answer = form === 'csv'
    ? itemsAsCsv(problemsIn(problems), PROBLEM, { isEscaped: true, hasBom: false })
    : withSummary(problems, check)
  const stream = Readable.from(answer, { objectMode: false })
  stream.once('close', () => { void problems.close() })
  return stream
}

async function * withSummary (problems: SpooledFile, check: UsageCheck): AsyncGenerator<Buffer, void, void> {
  yield * problems.read()
  const { problems: _, ...summary } = check
  yield Buffer.from(`${JSON.stringify({ summary })}\n`)
}

async function * problemsIn (file: SpooledFile): AsyncGenerator<UsageProblem[], void, void> {
  for await (const lines of linesOf(file.read())) yield lines.map(line => JSON.parse(line) as UsageProblem)
}
