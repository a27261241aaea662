import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { RowsQuery } from '../../schemas/usage-check-input.ts'
import { UsageProblem, type UsageCheck } from '../../schemas/usage-check.ts'
import { CSV, NDJSON } from '../media-types.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import { checkTable, type CheckOptions } from '../tables/check.ts'
import { typeOfColumn } from '../tables/columns.ts'
import { incoming, parseDefaults } from '../tables/incoming.ts'
import { itemsAsCsv } from '../tables/item-columns.ts'
import { readCsv } from '../tables/read-csv.ts'
import { readJson, readNdjson } from '../tables/read-json.ts'
import type { Table } from '../tables/table.ts'
import { chosenForm, varyByAccept } from './accept.ts'
import { bodyType } from './body-type.ts'
import { openBody } from './open-body.ts'
import { invalidField } from './validation.ts'

const PROBLEM: TSchema = UsageProblem

/**
 * Checks the rows in the body of a request. Gives the check as JSON with its first problems, or all problems as CSV or
 * NDJSON. The problems wait in a temporary file until the whole body has been read, because a body that turns out to be
 * no table is answered with a problem. Throws AppError.
 */
export async function sendCheck (
  request: FastifyRequest, reply: FastifyReply, options: Pick<CheckOptions, 'schema' | 'period'>
): Promise<UsageCheck | Readable> {
  const query = request.query as RowsQuery
  varyByAccept(reply)
  const form = chosenForm(query.format, request.headers.accept)
  const table = await openTable(request, query)
  const given = { ...options, hasCells: bodyType(request) === CSV }
  if (form === 'json') return await checkTable(table, given)
  const spool = await request.server.usageChecks.problems.open()
  try {
    const check = await checkTable(table, {
      ...given,
      onProblems: async found => {
        await spool.write(Buffer.from(found.map(problem => `${JSON.stringify(problem)}\n`).join('')))
      }
    })
    const answer = form === 'csv'
      ? itemsAsCsv(problemsIn(spool), PROBLEM, { isEscaped: true, hasBom: false })
      : withSummary(spool, check)
    const stream = Readable.from(answer, { objectMode: false })
    stream.once('close', () => { void spool.close() })
    reply.type(form === 'csv' ? `${CSV}; charset=utf-8` : NDJSON)
    return stream
  } catch (error) {
    await spool.close()
    throw error
  }
}

async function openTable (request: FastifyRequest, query: RowsQuery): Promise<Table> {
  const type = bodyType(request)
  const wrong = type === CSV ? undefined : (['delimiter', 'decimal', 'escape'] as const).find(name => name in query)
  if (wrong !== undefined) throw invalidField(`query.${wrong}`, 'is for a body of CSV only')
  const defaults = query.defaults === undefined ? {} : parseDefaults(query.defaults)
  const body = openBody(request, request.server.usageChecks.limits)
  const table = type === CSV
    ? await readCsv(body, query.delimiter)
    : type === NDJSON ? readNdjson(body, typeOfColumn) : readJson(body, typeOfColumn)
  return incoming(table, {
    defaults, decimal: query.decimal ?? 'point', isEscaped: query.escape === 'true'
  })
}

async function * withSummary (spool: SpooledFile, check: UsageCheck): AsyncGenerator<Buffer, void, void> {
  yield * spool.read()
  const { problems: _, ...summary } = check
  yield Buffer.from(`${JSON.stringify({ summary })}\n`)
}

/** Gives the problems in a file of one problem a line, in batches. */
async function * problemsIn (spool: SpooledFile): AsyncGenerator<UsageProblem[], void, void> {
  let rest = Buffer.alloc(0)
  for await (const piece of spool.read()) {
    const bytes = Buffer.concat([rest, piece])
    const end = bytes.lastIndexOf(10) + 1
    rest = Buffer.from(bytes.subarray(end))
    const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
    yield lines.map(line => JSON.parse(line) as UsageProblem)
  }
}
