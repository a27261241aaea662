import { tmpdir } from 'node:os'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallContext, UploadBody } from '../../connect/api.ts'
import type { UploadOutcome } from '../../observability/metrics.ts'
import { receivedBytes } from '../../observability/request-log.ts'
import { createSpool } from '../../streaming/spool.ts'
import { limitAtOnce } from '../at-once.ts'
import { contentOfUpload, createForward, type MakeWorkbook, type UploadForm } from '../forward-upload.ts'
import { takeFiles } from '../table-bodies.ts'
import { uploadOutcome } from '../upload-outcome.ts'
import { replayKept } from './idempotency.ts'

declare module 'fastify' {
  interface FastifyContextConfig { uploadForm?: UploadForm }
  interface FastifyInstance {
    /**
     * Receives the file of a request, and calls `send` with the form for Connect. Without `makeWorkbook` the operation
     * takes workbooks only. The signal in the context aborts when the caller leaves or the service stops before the
     * commit point. Connect gets the last bytes only when the caller's body has arrived whole and without a fault, and
     * when the Idempotency-Key, if there is one, is marked.
     */
    forwardUpload: ForwardUpload
  }
}

export type ForwardUpload = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  send: (body: UploadBody, context: CallContext, fields: ReadonlyMap<string, string>) => Promise<T>,
  makeWorkbook?: MakeWorkbook
) => Promise<T>

export interface UploadsOptions {
  /** The media types of the bodies that the operations read themselves. */
  types: readonly string[]
}

const MAX_SPOOLED_FILES = 8
/** The most uploads of all callers at once: eight can be sent to Connect at the same time, and 16 can wait for that. */
const MAX_UPLOADS = 24
/** The most uploads of one caller at once: fewer than eight, so that they never take all connections for uploads. */
const MAX_UPLOADS_EACH = 6

/** For routes whose body is a form with one file, or the file itself. Sends a kept answer again. */
export const uploads = fp(async (app, { types }: UploadsOptions) => {
  const spool = createSpool(tmpdir(), MAX_SPOOLED_FILES, {
    tooMany: 'Too many uploads without a Content-Length are running. Send a Content-Length, or try again later.',
    noRoom: 'There is no room to hold the upload.'
  })
  limitAtOnce(app, { total: MAX_UPLOADS, each: MAX_UPLOADS_EACH, what: 'uploads' })
  await takeFiles(app, types)

  // When the answer to the Idempotency-Key is kept, the file is only read for its hash. Nothing goes to Connect.
  app.addHook('preHandler', async (request, reply) => {
    return await replayKept(request, reply, async () => await contentOfUpload(request))
  })

  const forward = createForward(app, spool)
  app.decorate('forwardUpload', async (request, reply, send, makeWorkbook) => {
    let outcome: UploadOutcome = 'done'
    app.metrics.uploadBegan()
    try {
      return await forward(request, reply, send, makeWorkbook)
    } catch (error) {
      outcome = uploadOutcome(error, request, reply)
      throw error
    } finally {
      app.metrics.uploadEnded(outcome, receivedBytes(request))
    }
  })
}, { name: 'uploads' })
