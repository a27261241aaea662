import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ConvertQuery } from '../../schemas/rows-input.ts'
import type { CheckOptions } from '../tables/check.ts'
import { varyByAccept, workbookForm } from './accept.ts'
import { clientSignal } from './client-signal.ts'
import { prepareRows } from './prepare-rows.ts'
import { receiveRows } from './receive-table.ts'
import { TABLE_TYPES, TEXT_MAX_BYTES } from './send-workbook.ts'

/**
 * Answers with the rows in the body of a request in another form: XLSX, unless the caller wants a form of text. The
 * whole result is made before the answer begins. `name` is the name of the file without its extension. Throws
 * ROWS_INVALID with the check for rows with errors. With `?check=report` such rows are written, too, and ROWS_INVALID
 * is thrown only when they have a character that the form does not allow, such as a control character in XLSX. Throws
 * other AppErrors, for example for a body that is no table.
 */
export async function convertRows (
  request: FastifyRequest, reply: FastifyReply, name: string, schema: CheckOptions['schema']
): Promise<Readable> {
  const query = request.query as ConvertQuery
  varyByAccept(reply)
  const to = workbookForm(query.format, request.headers.accept)
  const signal = clientSignal(reply)
  const rows = await receiveRows(request)
  try {
    const maxBytes = to === 'xlsx' ? request.server.tables.limits.workbook.maxBytes : TEXT_MAX_BYTES
    const options = { schema, period: null, writing: { to, maxBytes }, lookUps: null }
    const { file, bytes } = await prepareRows(request, rows, options, signal)
    const stream = Readable.from(file.read(), { objectMode: false })
    stream.once('close', () => { void file.close() })
    reply.headers({
      'content-type': TABLE_TYPES[to],
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${name}.${to}"`
    })
    return stream
  } finally {
    await rows.file.close()
  }
}
