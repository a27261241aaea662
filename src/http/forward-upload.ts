import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RowsQuery } from '../../schemas/rows-input.ts'
import type { AppError } from '../errors/app-error.ts'
import type { Spool, SpooledFile } from '../streaming/spool.ts'
import type { TableForm } from '../tables/table.ts'
import type { ConnectForm } from '../uploads/frame.ts'
import { digestOf, prepareUpload, type PreparedUpload } from '../uploads/pipeline.ts'
import { receivedFrom, type ReceivedFile } from '../uploads/receive.ts'
import { writeContext } from './call-context.ts'
import { stopping } from './plugins/drain.ts'
import { attemptOf } from './plugins/idempotency.ts'
import type { ForwardUpload } from './plugins/uploads.ts'
import { readingOf, receiveTable, spoolTable, type IncomingTable, type SpooledTable } from './receive-table.ts'

export interface UploadForm {
  /** The name that Connect gives to the field of the file: `usage_file` or `recon_file`. */
  fieldName: string
  /**
   * The fields that may come before the file, by our names. `name`: what Connect calls the field. `maxChars`: the
   * length of the longest allowed value, in characters.
   */
  fields: Readonly<Record<string, { name: string, maxChars: number }>>
}

export interface MadeWorkbook { file: SpooledFile, bytes: number }

/** Makes the workbook for Connect from rows. Throws AppError for rows that cannot be sent. `signal` ends the work. */
export type MakeWorkbook = (rows: SpooledTable, signal: AbortSignal) => Promise<MadeWorkbook>

/**
 * Reads the whole body. Gives what identifies the upload, for its Idempotency-Key (see `contentOf`). Throws AppError
 * for a refused body.
 */
export async function contentOfUpload (request: FastifyRequest): Promise<readonly unknown[]> {
  const { form, file } = await receiveTable(request, fieldChars(formOf(request)), request.server.tables.limits)
  return contentOf(file, await digestOf(file), form)
}

export function createForward (app: FastifyInstance, spool: Spool): ForwardUpload {
  return async (request, reply, send, makeWorkbook) => {
    const form = formOf(request)
    const attempt = attemptOf(request)
    const received = await receiveTable(request, fieldChars(form), app.tables.limits)
    const run = new RunningUpload(request, reply, received)
    const isRows = received.form !== 'xlsx' && makeWorkbook !== undefined
    const identify = (digest: string | null): void => {
      attempt?.identify(...contentOf(received.file, digest, isRows ? received.form : 'xlsx'))
    }
    // When an earlier request with this key has an unknown outcome, the whole file is received before anything goes to
    // Connect, because a file that differs from the earlier one is refused.
    const isWholeFirst = !isRows && attempt !== null && attempt.earlier !== null
    try {
      if (!isRows) readingOf(request.query as RowsQuery, 'xlsx')
      const file = isRows ? await run.workbookOfRows(makeWorkbook, identify) : received.file
      run.upload = await prepareUpload(file, connectForm(file, form), {
        limits: app.tables.limits.workbook,
        spool,
        isHashed: !isRows && attempt !== null,
        isWholeFirst,
        beforeLastBytes: async digest => {
          if (!isRows) identify(digest)
          await attempt?.beforeSend()
          request.journal.writeBegan()
        }
      })
      if (isWholeFirst) identify(run.upload.digest())
      return await send(run.upload, { ...writeContext(request), signal: run.signal }, file.fields)
    } catch (error) {
      throw run.reasonOf(error)
    } finally {
      await run.end()
    }
  }
}

/**
 * One upload while its request runs. Aborts `signal` when the caller leaves, or when a stop of the service reaches its
 * phase "cancel", but only before the commit point of the upload. `end` closes the files of the upload.
 */
class RunningUpload {
  upload: PreparedUpload | null = null
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #received: IncomingTable
  readonly #cancelled = new AbortController()
  readonly #stopListening: () => void
  #workbook: SpooledFile | null = null
  #isStopped = false

  constructor (request: FastifyRequest, reply: FastifyReply, received: IncomingTable) {
    this.#request = request
    this.#reply = reply
    this.#received = received
    this.#stopListening = request.server.onCancelWaiting(this.#onStop)
    reply.raw.once('close', this.#onClose)
    if (reply.raw.destroyed) this.#cancelled.abort()
  }

  get signal (): AbortSignal { return this.#cancelled.signal }

  /** Receives the rows, calls `identify` with the SHA-256 of the file that the caller sent, and makes the workbook. */
  async workbookOfRows (makeWorkbook: MakeWorkbook, identify: (digest: string) => void): Promise<ReceivedFile> {
    const { files, limits } = this.#request.server.tables
    const rows = await spoolTable(this.#received, files, limits)
    try {
      identify(rows.digest)
      const { file, bytes } = await makeWorkbook(rows, this.signal)
      this.#workbook = file
      return receivedFrom(file, bytes, this.#received.file.fields)
    } finally {
      await rows.file.close()
    }
  }

  /**
   * Gives the error for the caller: DRAINING if a stop ended the upload, else the error that ended the body for
   * Connect, else `error`. The `error` of a call whose body failed does not tell why the body failed.
   */
  reasonOf (error: unknown): unknown {
    return this.#isStopped ? stoppedBeforeCommit() : this.upload?.commit.failure ?? error
  }

  async end (): Promise<void> {
    this.#stopListening()
    this.#reply.raw.off('close', this.#onClose)
    this.#received.file.destroy(stoppedBeforeCommit())
    await this.upload?.dispose()
    await this.#workbook?.close()
  }

  readonly #onStop = (): void => {
    if (this.upload?.commit.isReached === true) return
    this.#isStopped = true
    this.#received.file.destroy(stoppedBeforeCommit())
    this.#cancelled.abort()
  }

  readonly #onClose = (): void => {
    if (!this.#reply.raw.writableFinished && this.upload?.commit.isReached !== true) this.#cancelled.abort()
  }
}

function stoppedBeforeCommit (): AppError {
  return stopping(
    'This instance is stopping and did not receive the whole upload. Connect did nothing with it. Send it again.'
  )
}

function formOf (request: FastifyRequest): UploadForm {
  const form = request.routeOptions.config.uploadForm
  if (form === undefined) throw new Error(`${request.routeOptions.url ?? 'route'} names no form`)
  return form
}

function fieldChars ({ fields }: UploadForm): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).map(([name, { maxChars }]) => [name, maxChars]))
}

function connectForm (file: ReceivedFile, { fieldName, fields }: UploadForm): ConnectForm {
  return {
    fileField: fieldName,
    fields: [...file.fields].map(([name, value]) => [fields[name]?.name ?? name, value])
  }
}

/**
 * Gives what identifies an upload: the fields, the digest of the file and, for rows, the form. It is the same for a
 * file in a multipart form without other fields and for the file as the body.
 */
function contentOf (file: ReceivedFile, digest: string | null, form: TableForm): readonly unknown[] {
  return [Object.fromEntries(file.fields), digest, ...(form === 'xlsx' ? [] : [form])]
}
