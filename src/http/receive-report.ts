import type { FastifyRequest } from 'fastify'
import { PublishUsageReportBody } from '../../schemas/usage-report-input.ts'
import type { RowsQuery } from '../../schemas/rows-input.ts'
import { AppError, invalidField } from '../errors/app-error.ts'
import { repeatedMember } from '../limits/repeated-member.ts'
import type { Reading } from '../tables/convert.ts'
import { shareFile } from '../tables/shared-file.ts'
import { callerOf } from './plugins/auth.ts'
import { readingOf, receiveRows, type SpooledTable } from './receive-table.ts'
import { createCheck } from './validation.ts'

/** The rows are in a temporary file, which the function that called `ReceiveReport` must close. */
export interface ReceivedReport {
  header: PublishUsageReportBody
  rows: SpooledTable
  reading: Reading
  /** For the Idempotency-Key: the header (null if the file of rows has it), the hash of this file, and its form. */
  content: readonly unknown[]
}

const FIELD = 'report'
/** The most characters of the header of a report as JSON. In a form it may also have no more bytes (PARSER_LIMITS). */
const MAX_CHARS = 8_000

export type ReceiveReport = (request: FastifyRequest, signal: AbortSignal) => Promise<ReceivedReport>

export function createReceiveReport (): ReceiveReport {
  const faultOf = createCheck(PublishUsageReportBody, `body.${FIELD}`)
  return async (request, signal) => {
    const { fields, ...rows } = await receiveRows(request, { [FIELD]: MAX_CHARS })
    try {
      const isForm = request.isMultipart()
      const header = readHeader(isForm ? fields.get(FIELD) ?? null : await headerInRows(request, rows, signal))
      const fault = faultOf(header)
      if (fault !== null) throw fault
      const reading = {
        ...readingOf(request.query as RowsQuery, rows.form), ...(!isForm && { otherMember: FIELD })
      }
      const content = [isForm ? header : null, rows.digest, rows.form]
      return { header: header as PublishUsageReportBody, rows, reading, content }
    } catch (error) {
      await rows.file.close()
      throw error
    }
  }
}

/** The text of the member `report`; null without it. A worker thread looks for it, because the body may be large. */
async function headerInRows (
  request: FastifyRequest, { file }: SpooledTable, signal: AbortSignal
): Promise<string | null> {
  const owner = { callerId: callerOf(request).id, signal }
  return await request.server.tables.pool.run('member', { input: shareFile(file.fd), member: FIELD }, owner)
}

function readHeader (text: string | null): unknown {
  const path = `body.${FIELD}`
  if (text === null) throw invalidField(path, 'is required, before the file')
  if (text.length > MAX_CHARS) throw invalidField(path, `must have at most ${MAX_CHARS} characters`)
  let header: unknown
  try {
    // The text may begin with a byte order mark, which editors on Windows write. JSON.parse does not take it.
    header = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new AppError('MALFORMED_BODY', 'The field report is not well-formed JSON.')
  }
  const repeated = repeatedMember(text)
  if (repeated !== null) throw invalidField(`${path}.${repeated}`, 'must be given once')
  return header
}
