import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { CheckQuery } from '../../schemas/usage-check-input.ts'
import { UsageProblem, type UsageCheck } from '../../schemas/usage-check.ts'
import { CSV, NDJSON } from '../media-types.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import type { CheckOptions } from '../tables/check.ts'
import { itemsAsCsv } from '../tables/item-columns.ts'
import { shareFile } from '../tables/shared-file.ts'
import { chosenForm, varyByAccept } from './accept.ts'
import { clientSignal } from './client-signal.ts'
import { readingOf, receiveRows } from './receive-table.ts'

const PROBLEM: TSchema = UsageProblem

/**
 * Checks the rows in the body of a request, in a worker thread. Gives the check as JSON with its first problems, or all
 * problems as CSV or NDJSON. The problems wait in a temporary file until all rows have been read, because a body that
 * turns out to be no table is answered with a problem. Throws AppError.
 */
export async function sendCheck (
  request: FastifyRequest, reply: FastifyReply, options: Pick<CheckOptions, 'schema' | 'period'>
): Promise<UsageCheck | Readable> {
  const { tables: { files, pool } } = request.server
  const query = request.query as CheckQuery
  varyByAccept(reply)
  const form = chosenForm(query.format, request.headers.accept)
  const signal = clientSignal(reply)
  const { form: from, file } = await receiveRows(request)
  let problems: SpooledFile | null = null
  try {
    const task = { ...options, input: shareFile(file.fd), from, reading: readingOf(query, from) }
    if (form === 'json') return await pool.run('check', { ...task, problems: null }, signal)
    problems = await files.open()
    const check = await pool.run('check', { ...task, problems: shareFile(problems.fd) }, signal)
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

/** Gives all problems as CSV, or as NDJSON with the summary of the check. Closes their file at the end. */
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

/** Gives the problems in a file of one problem a line, in batches. */
async function * problemsIn (file: SpooledFile): AsyncGenerator<UsageProblem[], void, void> {
  let rest = Buffer.alloc(0)
  for await (const piece of file.read()) {
    const bytes = Buffer.concat([rest, piece])
    const end = bytes.lastIndexOf(10) + 1
    rest = Buffer.from(bytes.subarray(end))
    const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
    yield lines.map(line => JSON.parse(line) as UsageProblem)
  }
}
