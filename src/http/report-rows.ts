import type { FastifyRequest } from 'fastify'
import type { Download } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import type { CheckedAs, ReceivedRows, ReportRows, SendForm } from '../publishing/report.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { TaskOwner } from '../tables/pool.ts'
import { prepareUpload, type PreparedUpload } from '../uploads/pipeline.ts'
import { receivedFrom } from '../uploads/receive.ts'
import type { MadeWorkbook } from './forward-upload.ts'
import { callerOf } from './plugins/auth.ts'
import { checkAndWrite, rowsInvalid } from './prepare-rows.ts'
import type { ReceivedReport } from './receive-report.ts'
import { receiveWorkbook } from './receive-workbook.ts'

/** The error codes for a workbook that is no table, or that is too large to be read. */
const UNREADABLE = ['MALFORMED_BODY', 'NOT_A_WORKBOOK', 'BODY_TOO_LARGE']

/**
 * Checks the rows of one request, makes a workbook of rows that are none, and uploads the workbook to Connect. `signal`
 * ends all this work, but an upload only before its commit point. `close` closes the workbook that was made.
 */
export class RowsOfRequest implements ReceivedRows {
  readonly #request: FastifyRequest
  readonly #received: ReceivedReport
  readonly #signal: AbortSignal
  #workbook: SpooledFile | null = null

  constructor (request: FastifyRequest, received: ReceivedReport, signal: AbortSignal) {
    this.#request = request
    this.#received = received
    this.#signal = signal
  }

  async check (as: CheckedAs): Promise<ReportRows> {
    const { rows, reading } = this.#received
    const { tables: { files, limits } } = this.#request.server
    const isWorkbook = rows.form === 'xlsx'
    const made = this.#workbook = await files.open()
    const writing = isWorkbook ? null : { to: 'xlsx', maxBytes: limits.workbook.maxBytes } as const
    const { check, digest, bytes } = await checkAndWrite(
      this.#request, { ...rows, reading, isReport: false, output: made }, { ...as, writing, isDigested: true },
      this.#signal
    )
    if (!check.valid || digest === null) throw rowsInvalid(check)
    const workbook = isWorkbook ? rows : { file: made, bytes: bytes ?? 0 }
    return {
      check,
      digest,
      upload: async (beforeLastBytes, send) => await this.#upload(workbook, beforeLastBytes, send)
    }
  }

  async digestOf (download: Download): Promise<string | null> {
    const { server: { tables: { files, limits, pool } } } = this.#request
    const file = await files.open()
    try {
      await receiveWorkbook(download, file, limits.connectWorkbookBytes, 'Its rows cannot be compared.')
      return await pool.run('digest', { input: shareFile(file.fd) }, this.#owner)
    } catch (error) {
      if (error instanceof AppError && UNREADABLE.includes(error.code)) return null
      throw error
    } finally {
      await file.close()
    }
  }

  get #owner (): TaskOwner { return { callerId: callerOf(this.#request).id, signal: this.#signal } }

  async close (): Promise<void> {
    await this.#workbook?.close()
  }

  async #upload<Result> (
    { file, bytes }: MadeWorkbook, beforeLastBytes: () => Promise<void>, send: SendForm<Result>
  ): Promise<Result> {
    const { tables: { limits, files } } = this.#request.server
    const body = await prepareUpload(receivedFrom(file, bytes), { fileField: 'usage_file', fields: [] }, {
      limits: limits.workbook, spool: files, isHashed: false, isWholeFirst: false, beforeLastBytes
    })
    const cancelled = new AbortController()
    const cancel = (): void => { if (!body.commit.isReached) cancelled.abort() }
    this.#signal.addEventListener('abort', cancel)
    try {
      return await send(body, cancelled.signal)
    } catch (error) {
      throw reasonOf(error, body, cancelled.signal.aborted ? this.#signal : null)
    } finally {
      this.#signal.removeEventListener('abort', cancel)
      await body.dispose()
    }
  }
}

/**
 * Gives why an upload failed: the reason of the signal that ended it, else the error of its body, else `error`. The
 * `error` of Connect's client says only that the body failed or that the call was ended, and not why.
 */
function reasonOf (error: unknown, { commit }: PreparedUpload, cancelledBy: AbortSignal | null): unknown {
  return cancelledBy?.reason ?? commit.failure ?? error
}
