import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallContext, UploadBody } from '../../connect/api.ts'
import { ConnectBodyError } from '../../connect/errors.ts'
import { AppError } from '../../errors/app-error.ts'
import type { UploadOutcome } from '../../observability/metrics.ts'
import { StoreUnavailableError } from '../../store/store.ts'
import { hashed } from '../../streaming/hashed.ts'
import { truncated, type IncomingFile, type UploadLimits } from '../../streaming/incoming-file.ts'
import { openMultipartFile, type Part } from '../../uploads/receive-form.ts'
import { prepareUpload, type OutgoingForm, type OutgoingUpload } from '../../uploads/frame.ts'
import { openRawFile } from '../../streaming/request-body.ts'
import { createSpool } from '../../streaming/spool.ts'
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
     * Takes in the file of this request and hands it to `send` as Connect's form. The body it hands over is complete
     * only if the caller's was, with the form's fields beside it; `send`'s context ends when the caller leaves before
     * that. The route's config tells its form.
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
/**
 * As many as Connect is sent at once, and twice as many that wait. A slow caller holds its places: never all of those.
 */
const MAX_UPLOADS = 24
const MAX_UPLOADS_EACH = 6
/** Anything past these is a form that is not ours; its size is bounded apart, on the raw bytes. */
const PARSER_LIMITS = {
  fieldNameSize: 100,
  fieldSize: 8_000,
  fields: 10,
  files: 1,
  parts: 12,
  headerPairs: 20,
  fileSize: Infinity
}

/** The scope of uploads: the only one whose bodies are files, as a form or raw. */
export const uploads = fp(async (app, limits: UploadLimits) => {
  const spool = createSpool(tmpdir(), MAX_SPOOLED_FILES, {
    taken: 'Too many uploads without a Content-Length are running; send one, or try again.',
    noRoom: 'There is no room to hold the upload.'
  })
  limitAtOnce(app, { total: MAX_UPLOADS, each: MAX_UPLOADS_EACH, what: 'uploads' })
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: PARSER_LIMITS, throwFileSizeLimit: false })
  app.addContentTypeParser([XLSX_TYPE, 'application/octet-stream'], (_request, _payload, done) => { done(null) })

  // A file that was answered before is read for its hash alone; Connect hears nothing of it.
  app.addHook('preHandler', async (request, reply) => {
    const { kept } = request
    if (kept === null) return
    const file = await openIncoming(request, formOf(request), limits)
    const { bytes, digest } = hashed(file.read())
    await finished(Readable.from(bytes).resume())
    return await replayFor(request, reply, kept, contentOf(file, digest()))
  })

  const forward: FastifyInstance['forwardUpload'] = async (request, reply, send) => {
    // Whoever left while the file was looked up is not heard leaving again: its body would be waited for in vain.
    if (request.raw.destroyed) throw truncated()
    const form = formOf(request)
    const { attempt } = request
    const file = await openIncoming(request, form, limits)
    const gone = new AbortController()
    let body: OutgoingUpload | null = null
    let isGivenUp = false
    const takeBack = app.atLastCall(() => {
      if (body?.isCommitted === true) return
      isGivenUp = true
      file.destroy(givenUp())
      gone.abort()
    })
    const onClose = (): void => {
      if (!reply.raw.writableFinished && body?.isCommitted !== true) gone.abort()
    }
    try {
      const { bytes, digest } = attempt === null ? { bytes: file.read(), digest: null } : hashed(file.read())
      // After an attempt of unknown outcome the file is compared before anything else, so it is received whole.
      const isWholeFirst = attempt !== null && attempt.earlier !== null
      body = await prepareUpload({ ...file, read: () => bytes }, outgoingForm(file, form), limits, spool, isWholeFirst)
      if (isWholeFirst) attempt.identify(...contentOf(file, digest?.()))
      else attempt?.identifyLater(() => contentOf(file, digest?.()))
      reply.raw.once('close', onClose)
      if (reply.raw.destroyed) gone.abort()
      return await send(body, { ...writeContext(request), signal: gone.signal }, file.fields)
    } catch (error) {
      if (isGivenUp) throw givenUp()
      // What stopped the body says more than that it stopped.
      const cause = error instanceof ConnectBodyError ? error.cause : null
      throw body?.fault ?? (cause instanceof AppError || cause instanceof StoreUnavailableError ? cause : error)
    } finally {
      takeBack()
      reply.raw.off('close', onClose)
      await body?.dispose()
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

function givenUp (): AppError {
  return stopping(
    'This instance is stopping, and the upload did not come in whole before. Connect has none of it; send it again.'
  )
}

function formOf (request: FastifyRequest): UploadForm {
  const form = request.routeOptions.config.uploadForm
  if (form === undefined) throw new Error(`${request.routeOptions.url ?? 'route'} names no form`)
  return form
}

/** What makes two uploads the same: their fields and the file, however they were framed. */
function contentOf (file: IncomingFile, digest: string | undefined): readonly unknown[] {
  return [Object.fromEntries(file.fields), digest]
}

async function openIncoming (request: FastifyRequest, form: UploadForm, limits: UploadLimits): Promise<IncomingFile> {
  const { raw } = request
  const declared = raw.headers['content-length']
  const contentLength = declared === undefined ? null : Number(declared)
  if (!request.isMultipart()) {
    if (raw.headers['content-type'] === undefined) {
      throw new AppError('FILE_MISSING', 'Send the workbook as a form with the field file, or as the body itself.')
    }
    return openRawFile(raw, contentLength, limits)
  }
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(raw.headers['content-type'] ?? '') ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw new AppError('MALFORMED_BODY', 'The Content-Type of the form names no boundary.')
  // At level trace the parser logs its options, and with them every header of the request.
  request.log = request.log.child({}, { serializers: { busboyOptions: () => undefined } })
  const parts = (): AsyncIterator<Part> => request.parts() as AsyncIterator<Part>
  const fieldChars = Object.fromEntries(Object.entries(form.fields).map(([name, { maxChars }]) => [name, maxChars]))
  return await openMultipartFile({ raw, parts, boundary, contentLength }, fieldChars, limits)
}

function outgoingForm (file: IncomingFile, form: UploadForm): OutgoingForm {
  const fields = [...file.fields].map(([name, value]): [string, string] => [form.fields[name]?.name ?? name, value])
  return { fieldName: form.fieldName, fields }
}
