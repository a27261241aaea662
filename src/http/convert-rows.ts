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
 * Answers with the rows of a body in the form that the caller wants. The whole result is made before the answer begins.
 * `name` is the name of the file without its extension.
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
