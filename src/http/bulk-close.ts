import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { asJson, asNdjson, NDJSON, wantsNdjson } from '../closing/answer.ts'
import type { CloseOptions } from '../closing/close-items.ts'
import type { CloseSummary, RecordOutcome } from '../closing/outcome.ts'
import { CloseProgress } from '../closing/progress.ts'
import type { Reader } from '../closing/read-back.ts'
import type { Sender } from '../closing/send-batch.ts'
import { hashed } from '../streaming/hashed.ts'
import { watchReader } from '../streaming/watch-reader.ts'
import { writeContext } from './call-context.ts'
import { clientSignal } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { noteResult } from './plugins/idempotency.ts'

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/** How long an outcome may wait for a caller that does not read, in ms, while the service stops. */
const MAX_UNREAD_WHEN_STOPPING_MS = 5000

/** The media type of a request's body, in lower case and without its parameters. */
export function bodyType (request: FastifyRequest): string {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/**
 * Reads the body of a bulk close with `receive` and gives what that gives. A request with an Idempotency-Key counts as
 * begun afterwards. Throws IDEMPOTENCY_MISMATCH if the key came with another body before, and what `receive` throws.
 */
export async function receiveBody<T> (
  request: FastifyRequest,
  body: AsyncGenerator<Buffer, void, void>,
  receive: (body: AsyncGenerator<Buffer, void, void>) => Promise<T>
): Promise<T> {
  const { attempt } = request
  if (attempt === null) return await receive(body)
  const { bytes, digest } = hashed(body)
  const received = await receive(bytes)
  attempt.identify(bodyType(request), digest())
  await attempt.beforeSend()
  return received
}

/** The calls to Connect that a bulk close makes. A caller that leaves ends waits, and no call that was sent. */
export function closeCalls (request: FastifyRequest, reply: FastifyReply): Sender & Reader {
  const { bulkCloses: { writes, reads, noteSent }, connect: { usageRecords } } = request.server
  const context = writeContext(request)
  const signal = clientSignal(reply)
  return {
    bulkClose: async (list, isOpen) =>
      await writes.run(async () => {
        if (!isOpen()) return null
        noteSent(list.length)
        return await usageRecords.bulkClose(list, context)
      }),
    get: async id => await reads.run(async () => await usageRecords.get(id, context)),
    listFile: async (fileId, offset, limit) => {
      const query = { filter: { 'usagefile.id': fileId }, sort: ['created_time' as const], limit, offset }
      return await reads.run(async () => await usageRecords.list(query, context))
    },
    wait: async ms => await sleep(ms, undefined, { signal }).catch(() => {}),
    hasLeft: () => signal.aborted || reply.raw.destroyed,
    isStopping: request.server.isDraining
  }
}

export interface BulkClose {
  /** How many records came in, or were found in the file by now. */
  requested: () => number
  /** Closes the records and yields their outcomes. */
  run: (options: CloseOptions) => Outcomes
  /** Frees the spool; called once, when everything is over. */
  close: () => Promise<void>
}

/**
 * Runs a bulk close and answers with the outcomes as they become known. No further batch is sent while the caller does
 * not read; a caller that does not read for long is cut off. Metrics and audit line count all outcomes, also those that
 * no caller reads any more.
 */
export async function sendOutcomes (
  request: FastifyRequest, reply: FastifyReply, bulkClose: BulkClose
): Promise<FastifyReply> {
  const { auditLater, bulkCloses: { options, throttleOf } } = request.server
  const progress = new CloseProgress()
  const writeAudit = auditLater(request, () => ({ requested: bulkClose.requested(), ...progress.now() }))
  const end = endOnce(request, reply, progress, bulkClose.close)
  const account = throttleOf(callerOf(request).account.accountId)
  const outcomes = endedBefore(bulkClose.run({ ...options, account, progress }), end)
  const isNdjson = wantsNdjson(request.headers.accept)
  const text = isNdjson ? asNdjson(outcomes) : asJson(outcomes)
  const stream = Readable.from(cutOffUnread(request, reply, text), { objectMode: false, highWaterMark: 64 * 1024 })
  stream.once('close', () => {
    // The batches at Connect may take longer than the caller stays.
    void outcomes
      .return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
      .then(end, end)
      .finally(() => { writeAudit(stream.readableEnded) })
  })
  return await reply
    .type(isNdjson ? NDJSON : 'application/json; charset=utf-8')
    .header('x-accel-buffering', 'no')
    .send(stream)
}

/** Counts the bulk close as begun. Gives what ends it: metrics, the spool, and the attempt of an Idempotency-Key. */
function endOnce (
  request: FastifyRequest, reply: FastifyReply, progress: CloseProgress, close: () => Promise<void>
): () => Promise<void> {
  const { attempt, server: { metrics } } = request
  // The attempt ends here and not with the answer, which may be cut off, and followed by that of an error.
  request.attempt = null
  metrics.bulkCloseBegan()
  const end = async (): Promise<void> => {
    const { closed, refused, unknown } = progress.now()
    metrics.bulkCloseEnded({ closed, refused, unknown })
    await close()
    if (attempt !== null) {
      noteResult(request, await attempt.finish({ status: reply.statusCode, code: null, answer: '' }))
    }
  }
  let ended: Promise<void> | undefined
  return async () => { await (ended ??= end()) }
}

/** Calls `end` before the reader gets the end of the outcomes: the caller may send its next request right then. */
async function * endedBefore (outcomes: Outcomes, end: () => Promise<void>): Outcomes {
  try {
    return yield * outcomes
  } finally {
    await end()
  }
}

/** Ends the connection of a caller that does not read, because its list keeps a place that others wait for. */
function cutOffUnread (
  { server, log }: FastifyRequest, reply: FastifyReply, pieces: AsyncIterable<string>
): AsyncIterable<string> {
  const { idleMs } = server.bulkCloses.limits
  const maxUnreadMs = (): number => (server.isDraining() ? MAX_UNREAD_WHEN_STOPPING_MS : 2 * idleMs)
  return watchReader(pieces, maxUnreadMs, () => {
    log.warn('the caller does not read its outcomes: cut off')
    reply.raw.destroy()
  })
}
