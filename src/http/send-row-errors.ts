import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { RowError, type RowErrorPage, type RowErrorsQuery } from '../../schemas/row-error.ts'
import type { Download } from '../connect/api.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { CSV, NDJSON, XLSX } from '../media-types.ts'
import { linesOf } from '../streaming/lines.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import { itemsAsCsv } from '../tables/list-columns.ts'
import type { TaskOwner } from '../tables/pool.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { TableForm } from '../tables/table.ts'
import { linkHeader, windowOf } from '../usage/paging.ts'
import { chosenTableForm, FORMS_OF_LIST, refuseParameters, varyByAccept } from './accept.ts'
import { holdSlot } from './at-once.ts'
import { clientSignal } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { receiveWorkbook, unreadableWorkbook } from './receive-workbook.ts'
import { readItems, type ListSource } from './send-list.ts'

const FORMS_OF = { ...FORMS_OF_LIST, code: ['json', 'csv', 'ndjson'] } as const
const SCHEMA: TSchema = RowError

export interface RowErrorSource {
  fileId: string
  /** Null when Connect has checked the rows of the file and has no processed workbook of it. */
  processed: () => Promise<Download | null>
  uploaded: () => Promise<Download>
  invalidRecords: Pick<ListSource<Connect.UsageRecord, { id: string, errors: RowError[] }>, 'read' | 'toItem'>
}

/**
 * Answers with the errors that Connect found in the rows of a usage file: those in the comments of the processed
 * workbook or, if there are none, those of the invalid records. JSON is one page of the errors that the query asks for,
 * CSV and NDJSON are all of them. XLSX is the uploaded workbook with the wrong cells marked.
 */
export async function sendRowErrors (
  request: FastifyRequest, reply: FastifyReply, source: RowErrorSource
): Promise<RowErrorPage | Readable> {
  const query = request.query as RowErrorsQuery
  varyByAccept(reply)
  const form = chosenTableForm(query.format, request.headers.accept)
  refuseParameters(query, form, FORMS_OF)
  holdSlot(request, request.server.workbookReads)
  const files: SpooledFile[] = []
  const close = async (): Promise<void> => {
    for (const file of files.splice(0)) await file.close()
  }
  const open = async (): Promise<SpooledFile> => {
    const file = await request.server.tables.files.open()
    files.push(file)
    return file
  }
  const owner = { callerId: callerOf(request).id, signal: clientSignal(reply) }
  const run = { request, reply, source, open, owner }
  try {
    const answer = await answerOf(run, form)
    if (answer instanceof Readable) answer.once('close', () => { void close() })
    else await close()
    return answer
  } catch (error) {
    await close()
    throw error
  }
}

interface Run {
  request: FastifyRequest
  reply: FastifyReply
  source: RowErrorSource
  /** Opens a temporary file. It is closed when the answer is over. */
  open: () => Promise<SpooledFile>
  owner: TaskOwner
}

async function answerOf (run: Run, form: TableForm): Promise<RowErrorPage | Readable> {
  const { request, reply, source } = run
  const errors = await collect(run)
  const query = request.query as RowErrorsQuery
  const isWanted = ({ code }: RowError): boolean => query.code === undefined || query.code.includes(code ?? '')
  const name = `${source.fileId}-row-errors`
  switch (form) {
    case 'json': {
      const window = windowOf(query)
      const page = await pageOf(errors, window, isWanted)
      const link = linkHeader(request.url, window, page.total, page.items.length)
      if (link !== null) reply.header('link', link)
      return page
    }
    case 'ndjson':
      reply.type(NDJSON)
      return Readable.from(asNdjson(wanted(errors, isWanted)), { objectMode: false })
    case 'csv': {
      reply.type(`${CSV}; charset=utf-8`).header('content-disposition', `attachment; filename="${name}.csv"`)
      const options = { isEscaped: query.escape !== 'false', hasBom: query.bom === 'true' }
      return Readable.from(itemsAsCsv(wanted(errors, isWanted), SCHEMA, options), { objectMode: false })
    }
    case 'xlsx': {
      const workbook = await mark(run, errors)
      reply.type(XLSX).header('content-disposition', `attachment; filename="${name}.xlsx"`)
      return workbook
    }
  }
}

/** Writes the errors to a temporary file: one RowError a line, as JSON. */
async function collect ({ request, source, open, owner }: Run): Promise<SpooledFile> {
  const output = await open()
  const download = await source.processed()
  if (download !== null) {
    const input = await open()
    const advice = 'Download the processed workbook: comments on its cells tell the errors.'
    await receiveWorkbook(download, input, request.server.tables.limits.connectWorkbookBytes, advice)
    const task = { input: shareFile(input.fd), output: shareFile(output.fd) }
    const count = await request.server.tables.pool.run('findRowErrors', task, owner)
      .catch((error: unknown) => { throw unreadableWorkbook(error) })
    if (count > 0) return output
  }
  for await (const records of readItems(source.invalidRecords)) {
    const lines = records.flatMap(({ errors }) => errors.map(error => `${JSON.stringify(error)}\n`))
    if (lines.length > 0) await output.write(Buffer.from(lines.join('')))
  }
  return output
}

async function * wanted (
  file: SpooledFile, isWanted: (error: RowError) => boolean
): AsyncGenerator<RowError[], void, void> {
  for await (const lines of linesOf(file.read())) {
    const errors = lines.map(line => JSON.parse(line) as RowError).filter(isWanted)
    if (errors.length > 0) yield errors
  }
}

async function pageOf (
  file: SpooledFile, window: { limit: number, offset: number }, isWanted: (error: RowError) => boolean
): Promise<RowErrorPage> {
  const items: RowError[] = []
  const counts = new Map<string | null, number>()
  let total = 0
  for await (const errors of wanted(file, () => true)) {
    for (const error of errors) {
      counts.set(error.code, (counts.get(error.code) ?? 0) + 1)
      if (!isWanted(error)) continue
      if (total >= window.offset && items.length < window.limit) items.push(error)
      total += 1
    }
  }
  return { items, total, ...window, byCode: [...counts].map(([code, count]) => ({ code, count })) }
}

async function * asNdjson (batches: AsyncIterable<RowError[]>): AsyncGenerator<string, void, void> {
  let rows = 0
  for await (const errors of batches) {
    rows += errors.length
    yield errors.map(error => `${JSON.stringify(error)}\n`).join('')
  }
  yield `${JSON.stringify({ summary: { rows } })}\n`
}

async function mark ({ request, reply, source, open, owner }: Run, errors: SpooledFile): Promise<Readable> {
  const input = await open()
  const { connectWorkbookBytes: maxBytes } = request.server.tables.limits
  const advice = 'Ask for the errors as JSON, CSV or NDJSON.'
  await receiveWorkbook(await source.uploaded(), input, maxBytes, advice)
  const output = await open()
  const bytes = await request.server.tables.pool.run('markRowErrors', {
    input: shareFile(input.fd),
    errors: shareFile(errors.fd),
    output: shareFile(output.fd),
    maxBytes
  }, owner).catch((error: unknown) => {
    // The uploaded workbook has a text that our writer refuses, such as the escape of a NUL. The request is not wrong.
    if (!(error instanceof AppError) || error.code !== 'VALIDATION_FAILED') throw unreadableWorkbook(error)
    const detail = `The uploaded workbook cannot be marked. ${error.message} ${advice}`
    throw new AppError('UPSTREAM_INVALID', detail, { cause: error })
  })
  reply.header('content-length', String(bytes))
  return Readable.from(output.read(), { objectMode: false })
}
