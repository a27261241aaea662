import { Readable } from 'node:stream'
import { MessageChannel } from 'node:worker_threads'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WorkbookQuery } from '../../schemas/workbook.ts'
import type { Download } from '../connect/api.ts'
import { AppError, invalidField } from '../errors/app-error.ts'
import { CSV, NDJSON, XLSX } from '../media-types.ts'
import { GrowingFile } from '../streaming/growing-file.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import type { Conversion } from '../tables/convert.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { TableForm } from '../tables/table.ts'
import { refuseParameters, varyByAccept, workbookForm } from './accept.ts'
import { holdSlot } from './at-once.ts'
import { clientSignal } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { receiveWorkbook, unreadableWorkbook } from './receive-workbook.ts'

/** The most bytes of a CSV, NDJSON or JSON text that is made from a table: 4 GiB. A longer text is an error. */
export const TEXT_MAX_BYTES = 4 * 1024 ** 3

export const TABLE_TYPES: Readonly<Record<TableForm, string>> = {
  xlsx: XLSX, csv: `${CSV}; charset=utf-8`, ndjson: NDJSON, json: 'application/json; charset=utf-8'
}

const FORMS_OF = { bom: ['csv'], escape: ['csv'], sheet: ['csv', 'ndjson', 'json'] } as const

export interface WorkbookSource {
  /** The name of the file without its extension. */
  name: string
  open: () => Promise<Download>
}

/**
 * Answers with a workbook of Connect in the form that the caller wants. XLSX is passed on as it arrives. For another
 * form the workbook goes into a temporary file, because the directory of a zip is at the end of the zip. Then the rows
 * are sent while they are read. An error after the first bytes closes the connection: the caller sees that the table is
 * not complete.
 */
export async function sendWorkbook (
  request: FastifyRequest, reply: FastifyReply, { name, open }: WorkbookSource
): Promise<Readable> {
  const query = request.query as WorkbookQuery
  varyByAccept(reply)
  const form = workbookForm(query.format, request.headers.accept)
  refuseParameters(query, form, FORMS_OF)
  const stream = form === 'xlsx' ? await passedOn(reply, open) : await converted(request, reply, open, form)
  const disposition = `attachment; filename="${name}.${form}"`
  reply.headers({ 'content-type': TABLE_TYPES[form], 'content-disposition': disposition })
  return stream
}

async function passedOn (reply: FastifyReply, open: WorkbookSource['open']): Promise<Readable> {
  const { stream, contentLength } = await open()
  if (contentLength !== null) reply.header('content-length', String(contentLength))
  return stream
}

async function converted (
  request: FastifyRequest, reply: FastifyReply, open: WorkbookSource['open'], to: TableForm
): Promise<Readable> {
  const { server } = request
  holdSlot(request, server.workbookReads)
  const ended = new AbortController()
  const signal = AbortSignal.any([clientSignal(reply), ended.signal])
  const files: SpooledFile[] = []
  const close = async (): Promise<void> => {
    ended.abort()
    for (const file of files.splice(0)) await file.close()
  }
  try {
    const input = await server.tables.files.open()
    files.push(input)
    await receiveWorkbook(await open(), input, server.tables.limits.connectWorkbookBytes, 'Ask for XLSX.')
    const output = await server.tables.files.open()
    files.push(output)
    const { sheet, bom, escape } = request.query as WorkbookQuery
    const text = convert(request, {
      input: shareFile(input.fd),
      output: shareFile(output.fd),
      from: 'xlsx',
      to,
      maxBytes: TEXT_MAX_BYTES,
      ...(sheet !== undefined && { sheet }),
      isEscaped: escape !== 'false',
      hasBom: bom === 'true'
    }, new GrowingFile(output), signal)
    // The answer begins only when its first bytes are there: an error before that is answered with a problem.
    const first = await text.next()
    const whole = async function * (): AsyncGenerator<Buffer, void, void> {
      if (first.done !== true) yield first.value
      yield * text
    }
    const stream = Readable.from(whole(), { objectMode: false })
    // The files are closed also when the stream is not read, as for HEAD.
    stream.once('close', () => { void close() })
    return stream
  } catch (error) {
    await close()
    throw error
  }
}

function convert (
  request: FastifyRequest, task: Conversion, text: GrowingFile, signal: AbortSignal
): AsyncGenerator<Buffer, void, void> {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (bytes: number) => { text.grewTo(bytes) })
  const owner = { callerId: callerOf(request).id, signal }
  request.server.tables.pool.run('convert', { ...task, progress: port2 }, owner, [port2])
    .then(({ bytes }) => { text.end(bytes) }, (error: unknown) => { text.fail(unreadable(error, task.sheet)) })
    .finally(() => { port1.close() })
  return text.read()
}

function unreadable (error: unknown, sheet: string | undefined): Error {
  return sheet !== undefined && error instanceof AppError && error.code === 'MALFORMED_BODY'
    ? invalidField('query.sheet', `cannot be read: ${error.message}`)
    : unreadableWorkbook(error)
}
