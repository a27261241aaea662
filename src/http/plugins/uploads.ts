import { tmpdir } from 'node:os'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallContext, UploadBody } from '../../connect/api.ts'
import type { AppError } from '../../errors/app-error.ts'
import { XLSX } from '../../media-types.ts'
import type { UploadOutcome } from '../../observability/metrics.ts'
import type { BodyLimits } from '../../streaming/request-body.ts'
import { createSpool, type Spool } from '../../streaming/spool.ts'
import type { ConnectForm } from '../../uploads/frame.ts'
import { digestOf, prepareUpload, type PreparedUpload } from '../../uploads/pipeline.ts'
import { receiveFile, type ReceivedFile } from '../../uploads/receive.ts'
import { limitAtOnce } from '../at-once.ts'
import { writeContext } from '../call-context.ts'
import { stopping } from './drain.ts'
import { attemptOf, replayKept } from './idempotency.ts'
import { receivedBytes } from '../../observability/request-log.ts'
import { uploadOutcome } from '../upload-outcome.ts'

declare module 'fastify' {
  interface FastifyContextConfig { uploadForm?: UploadForm }
  interface FastifyInstance {
    /**
     * Receives the file of this request and gives it to `send` as the form for Connect. The form is the one in the
     * config of the route. The context for `send` ends when the caller leaves before the commit point. Connect gets the
     * last bytes of the form only when the caller's body has arrived whole and without a fault. Throws AppError, and
     * the errors of `send`.
     */
    forwardUpload: ForwardUpload
  }
}

type ForwardUpload = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  send: (body: UploadBody, context: CallContext, fields: ReadonlyMap<string, string>) => Promise<T>
) => Promise<T>

export interface UploadForm {
  /** Connect's name for the file: `usage_file` or `recon_file`. */
  fieldName: string
  /** Our form fields before the file, each with Connect's name for it and the characters it may have. */
  fields: Readonly<Record<string, { name: string, maxChars: number }>>
}

const MAX_SPOOLED_FILES = 8
/** Eight uploads go to Connect at the same time, and twice as many wait. */
const MAX_UPLOADS = 24
/** The most uploads of one caller: fewer than eight, so that one slow caller never holds all connections. */
const MAX_UPLOADS_EACH = 6
/** Limits of the form parser. No form of this API reaches them. The offset tracker limits the size of the form. */
const PARSER_LIMITS = {
  fieldNameSize: 100,
  fieldSize: 8_000,
  fields: 10,
  files: 1,
  parts: 12,
  headerPairs: 20,
  fileSize: Infinity
}

/** For the routes whose body is a file: a form with one file, or the file as the body. */
export const uploads = fp(async (app, limits: BodyLimits) => {
  const spool = createSpool(tmpdir(), MAX_SPOOLED_FILES, {
    tooMany: 'Too many uploads without a Content-Length are running. Send a Content-Length, or try again later.',
    noRoom: 'There is no room to hold the upload.'
  })
  limitAtOnce(app, { total: MAX_UPLOADS, each: MAX_UPLOADS_EACH, what: 'uploads' })
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: PARSER_LIMITS, throwFileSizeLimit: false })
  app.addContentTypeParser([XLSX, 'application/octet-stream'], (_request, _payload, done) => { done(null) })

  // When the answer to this key is kept, the file is read for its hash alone. Nothing goes to Connect.
  app.addHook('preHandler', async (request, reply) => {
    return await replayKept(request, reply, async () => {
      const file = await receiveFile(request, fieldChars(formOf(request)), limits)
      return contentOf(file, await digestOf(file))
    })
  })

  const forward = createForward(app, limits, spool)
  app.decorate('forwardUpload', async (request, reply, send) => {
    let outcome: UploadOutcome = 'done'
    app.metrics.uploadBegan()
    try {
      return await forward(request, reply, send)
    } catch (error) {
      outcome = uploadOutcome(error, request, reply)
      throw error
    } finally {
      app.metrics.uploadEnded(outcome, receivedBytes(request))
    }
  })
}, { name: 'uploads' })

/** Makes `forwardUpload` without its metrics. */
function createForward (app: FastifyInstance, limits: BodyLimits, spool: Spool): ForwardUpload {
  return async (request, reply, send) => {
    const form = formOf(request)
    const attempt = attemptOf(request)
    const file = await receiveFile(request, fieldChars(form), limits)
    const cancelled = new AbortController()
    let upload: PreparedUpload | null = null
    let isStopped = false
    const stopListening = app.onCancelWaiting(() => {
      if (upload?.commit.isReached === true) return
      isStopped = true
      file.destroy(stoppedBeforeCommit())
      cancelled.abort()
    })
    const onClose = (): void => {
      if (!reply.raw.writableFinished && upload?.commit.isReached !== true) cancelled.abort()
    }
    const identify = (digest: string | null): void => { attempt?.identify(...contentOf(file, digest)) }
    // After an attempt of unknown outcome, the file is compared with the earlier one before anything goes to Connect.
    const isWholeFirst = attempt !== null && attempt.earlier !== null
    try {
      upload = await prepareUpload(file, connectForm(file, form), {
        limits,
        spool,
        isHashed: attempt !== null,
        isWholeFirst,
        beforeLastBytes: async digest => {
          identify(digest)
          await attempt?.beforeSend()
          request.journal.writeBegan()
        }
      })
      if (isWholeFirst) identify(upload.digest())
      reply.raw.once('close', onClose)
      if (reply.raw.destroyed) cancelled.abort()
      return await send(upload, { ...writeContext(request), signal: cancelled.signal }, file.fields)
    } catch (error) {
      // The error of Connect's client says only that the body failed. The commit has the reason.
      throw isStopped ? stoppedBeforeCommit() : upload?.commit.failure ?? error
    } finally {
      stopListening()
      reply.raw.off('close', onClose)
      await upload?.dispose()
    }
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

/** Gives what identifies an upload: its fields and the hash of its file. The kind of body makes no difference. */
function contentOf (file: ReceivedFile, digest: string | null): readonly unknown[] {
  return [Object.fromEntries(file.fields), digest]
}
