import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { invalidField } from '../errors/app-error.ts'
import type { RowsQuery } from '../../schemas/rows-input.ts'
import { CSV, NDJSON, ZIP_START } from '../media-types.ts'
import { tooLarge, type BodyLimits } from '../streaming/request-body.ts'
import type { Spool, SpooledFile } from '../streaming/spool.ts'
import type { Reading } from '../tables/convert.ts'
import { parseDefaults } from '../tables/incoming.ts'
import type { TableForm } from '../tables/table.ts'
import { receiveFile, type ReceivedFile } from '../uploads/receive.ts'
import { isZipOrOldOffice } from '../uploads/verify.ts'
import { bodyType } from './body-type.ts'
import { stopping } from './plugins/drain.ts'

/**
 * `workbook`: for workbooks, and for whole multipart forms. `rows`: for CSV, NDJSON and JSON, also in a form.
 * `connectWorkbookBytes`: the most bytes of a workbook that Connect gives.
 */
export interface TableLimits { workbook: BodyLimits, rows: BodyLimits, connectWorkbookBytes: number }

/** The form is `xlsx` also when nothing tells another form. */
export interface IncomingTable { form: TableForm, file: ReceivedFile }

/** `digest` is the SHA-256 of the content in base64url. */
export interface SpooledTable { form: TableForm, file: SpooledFile, bytes: number, digest: string }

/** Excel on Windows registers `application/vnd.ms-excel` for `.csv`, so browsers send this type for CSV. */
const FORMS_BY_TYPE: Readonly<Record<string, TableForm>> = {
  [CSV]: 'csv',
  'application/vnd.ms-excel': 'csv',
  [NDJSON]: 'ndjson',
  'application/json': 'json'
}
const FORMS_BY_ENDING: ReadonlyArray<readonly [RegExp, TableForm]> = [
  [/\.csv$/i, 'csv'], [/\.(ndjson|jsonl)$/i, 'ndjson'], [/\.json$/i, 'json'], [/\.xlsx$/i, 'xlsx']
]
const ONLY_CSV = ['delimiter', 'decimal', 'escape'] as const

/**
 * Finds out the form of a table. If the body is the table, the Content-Type decides. In a multipart form a zip or an
 * old Office file is `xlsx`. For another file the ending of its name decides, then the type of its part. `fieldChars`
 * names the fields that a multipart form may have, each with the length of its longest allowed value in characters.
 */
export async function receiveTable (
  request: FastifyRequest, fieldChars: Readonly<Record<string, number>>, { workbook, rows }: TableLimits
): Promise<IncomingTable> {
  const isForm = request.isMultipart()
  const type = bodyType(request)
  const form = FORMS_BY_TYPE[type] ?? 'xlsx'
  const file = await receiveFile(request, fieldChars, isForm || form === 'xlsx' ? workbook : rows)
  if (!isForm) return { form, file }
  const { start, whole } = await peek(file)
  return { form: isZipOrOldOffice(start) ? 'xlsx' : formByName(file), file: whole }
}

/**
 * Receives a table into a temporary file, which the calling function must close. Throws AppError for a refused body,
 * and OVERLOADED without room on disk.
 */
export async function spoolTable (
  { form, file: received }: IncomingTable, spool: Spool, { workbook, rows }: TableLimits
): Promise<SpooledTable> {
  const limits = form === 'xlsx' ? workbook : rows
  const file = await spool.open()
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of received.read()) {
      size += chunk.length
      if (size > limits.maxBytes) throw tooLarge(limits)
      hash.update(chunk)
      await file.write(chunk)
    }
    return { form, file, bytes: size, digest: hash.digest('base64url') }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Receives the table of a request into a temporary file, which the calling function must close. Throws AppError for a
 * refused body, OVERLOADED without room on disk, and DRAINING when a stop cancels the request.
 */
export async function receiveRows (
  request: FastifyRequest, fieldChars: Readonly<Record<string, number>> = {}
): Promise<SpooledTable & Pick<ReceivedFile, 'fields'>> {
  const { server } = request
  const table = await receiveTable(request, fieldChars, server.tables.limits)
  const stopListening = server.onCancelWaiting(() => {
    table.file.destroy(
      stopping('This instance is stopping and did not receive the whole body. Nothing was done. Send it again.')
    )
  })
  try {
    return { ...await spoolTable(table, server.tables.files, server.tables.limits), fields: table.file.fields }
  } catch (error) {
    table.file.destroy(error as Error)
    throw error
  } finally {
    stopListening()
  }
}

/** Throws VALIDATION_FAILED for a parameter that is not for a table of this form. */
export function readingOf (query: RowsQuery, form: TableForm): Reading {
  const wrong = form === 'csv' ? undefined : ONLY_CSV.find(name => query[name] !== undefined)
  if (wrong !== undefined) throw invalidField(`query.${wrong}`, 'is for CSV only')
  if (form === 'xlsx' && query.defaults !== undefined) throw invalidField('query.defaults', 'is not for a workbook')
  return {
    ...(query.delimiter !== undefined && { delimiter: query.delimiter }),
    ...(query.defaults !== undefined && { defaults: parseDefaults(query.defaults) }),
    decimal: query.decimal ?? 'point',
    isEscaped: query.escape === 'true'
  }
}

function formByName ({ name, type }: ReceivedFile): TableForm {
  return FORMS_BY_ENDING.find(([ending]) => ending.test(name))?.[1] ?? FORMS_BY_TYPE[type] ?? 'xlsx'
}

/** `start` has at least four bytes, or all of a shorter file. `whole` replaces `file` and has all bytes. */
async function peek (file: ReceivedFile): Promise<{ start: Buffer, whole: ReceivedFile }> {
  const bytes = file.read()
  const held: Buffer[] = []
  let size = 0
  while (size < ZIP_START.length) {
    const { done, value } = await bytes.next()
    if (done === true) break
    held.push(value)
    size += value.length
  }
  return {
    start: Buffer.concat(held),
    whole: {
      ...file,
      read: async function * () {
        yield * held.splice(0)
        yield * bytes
      },
      destroy: reason => {
        file.destroy(reason)
        // Ends the reading that began here, for the case that `whole` is not read.
        void bytes.return()
      }
    }
  }
}
