import { tmpdir } from 'node:os'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallContext, UploadBody } from '../../connect/api.ts'
import type { AppError } from '../../errors/app-error.ts'
import type { UploadOutcome } from '../../observability/metrics.ts'
import type { BodyLimits } from '../../streaming/request-body.ts'
import { createSpool } from '../../streaming/spool.ts'
import type { ConnectForm } from '../../uploads/frame.ts'
import { digestOf, prepareUpload, type PreparedUpload } from '../../uploads/pipeline.ts'
import { receiveFile, type ReceivedFile } from '../../uploads/receive.ts'
import { XLSX_TYPE } from '../../uploads/verify.ts'
import { limitAtOnce } from '../at-once.ts'
import { writeContext } from '../call-context.ts'
import { stopping } from './drain.ts'
import { replayFor } from './idempotency.ts'
import { receivedBytes } from '../../observability/request-log.ts'
import { uploadOutcome } from '../upload-outcome.ts'

declare module 'fastify' {
  interface FastifyContextConfig { uploadForm?: UploadForm }
  interface FastifyInstance {
    /**
     * Receives the file of this request and hands it to `send` as the form for Connect, with a context that ends when
     * the caller leaves before the commit point. The form is the one in the config of the route. Connect gets the last
     * bytes of the form only when the body of the caller was whole and sound.
     */
    forwardUpload: <T>(
      request: FastifyRequest,
      reply: FastifyReply,
      send: (body: UploadBody, context: CallContext, fields: ReadonlyMap<string, string>) => Promise<T>
    ) => Promise<T>
  }
}

export interface UploadForm {
  /** Connect's name for the file: `usage_file` or `recon_file`. */
  fieldName: string
  /** Our form fields before the file, each with Connect's name for it and the characters it may have. */
  fields: Readonly<Record<string, { name: string, maxChars: number }>>
}

const MAX_SPOOLED_FILES = 8
/** Eight uploads go to Connect at once, and twice as many wait. */
const MAX_UPLOADS = 24
/** Fewer than go to Connect at once: one slow caller never holds all of them. */
const MAX_UPLOADS_EACH = 6
/** A form with more than this is not a form of ours. The size of the form is bounded by the offset tracker. */
const PARSER_LIMITS = {
  fieldNameSize: 100,
  fieldSize: 8_000,
  fields: 10,
  files: 1,
  parts: 12,
  headerPairs: 20,
  fileSize: Infinity
}

/** The scope of uploads: the only one whose bodies are files, in a form or as the body itself. */
export const uploads = fp(async (app, limits: BodyLimits) => {
  const spool = createSpool(tmpdir(), MAX_SPOOLED_FILES, {
    taken: 'Too many uploads without a Content-Length are running; send one, or try again.',
    noRoom: 'There is no room to hold the upload.'
  })
  limitAtOnce(app, { total: MAX_UPLOADS, each: MAX_UPLOADS_EACH, what: 'uploads' })
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: PARSER_LIMITS, throwFileSizeLimit: false })
  app.addContentTypeParser([XLSX_TYPE, 'application/octet-stream'], (_request, _payload, done) => { done(null) })

  // When the answer to this key is kept, the file is read for its hash alone. Nothing goes to Connect.
  app.addHook('preHandler', async (request, reply) => {
    const { kept } = request
    if (kept === null) return
    const file = await receiveFile(request, fieldChars(formOf(request)), limits)
    return await replayFor(request, reply, kept, contentOf(file, await digestOf(file)))
  })

  const forward: FastifyInstance['forwardUpload'] = async (request, reply, send) => {
    const form = formOf(request)
    const { attempt } = request
    const file = await receiveFile(request, fieldChars(form), limits)
    const cancelled = new AbortController()
    let upload: PreparedUpload | null = null
    let isStopped = false
    const stopListening = app.atLastCall(() => {
      if (upload?.commit.isReached === true) return
      isStopped = true
      file.destroy(stoppedBeforeCommit())
      cancelled.abort()
    })
    const onClose = (): void => {
      if (!reply.raw.writableFinished && upload?.commit.isReached !== true) cancelled.abort()
    }
    const identify = (digest: string | null): void => { attempt?.identify(...contentOf(file, digest)) }
    // After an attempt of unknown outcome the file is compared before anything else.
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
        }
      })
      if (isWholeFirst) identify(upload.digest())
      reply.raw.once('close', onClose)
      if (reply.raw.destroyed) cancelled.abort()
      return await send(upload, { ...writeContext(request), signal: cancelled.signal }, file.fields)
    } catch (error) {
      // The error of Connect's client says only that the body failed; the commit knows why.
      throw isStopped ? stoppedBeforeCommit() : upload?.commit.failure ?? error
    } finally {
      stopListening()
      reply.raw.off('close', onClose)
      await upload?.dispose()
    }
  }
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

function stoppedBeforeCommit (): AppError {
  return stopping(
    'This instance is stopping, and the upload did not come in whole before. Connect has none of it; send it again.'
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

/** What makes two uploads the same: their fields and the bytes of the file, in whatever form they came. */
function contentOf (file: ReceivedFile, digest: string | null): readonly unknown[] {
  return [Object.fromEntries(file.fields), digest]
}
