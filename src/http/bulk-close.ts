import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { asJson, asNdjson } from '../closing/answer.ts'
import type { CloseOptions } from '../closing/close-items.ts'
import type { CloseSummary, RecordOutcome } from '../closing/outcome.ts'
import { CloseProgress } from '../closing/progress.ts'
import type { Reader } from '../closing/read-back.ts'
import type { Sender } from '../closing/send-batch.ts'
import { NDJSON } from '../media-types.ts'
import { hashed } from '../streaming/hashed.ts'
import { keptAlive } from '../streaming/kept-alive.ts'
import { watchReader } from '../streaming/watch-reader.ts'
import { preferredType } from './accept.ts'
import { bodyType } from './body-type.ts'
import { writeContext } from './call-context.ts'
import { clientSignal } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { attemptOf, noteResult, takeAttempt } from './plugins/idempotency.ts'

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/**
 * While the service stops: after so many milliseconds in which a caller does not read the outcomes of its bulk close,
 * its connection is closed.
 */
const MAX_UNREAD_WHEN_STOPPING_MS = 5000

/**
 * Reads the body of a bulk close with `receive`, and gives the result of `receive`. If the request has an
 * Idempotency-Key, marks the key as `ran` (see KeyedAttempt) after the body is read, and so before the first call to
 * Connect. Throws IDEMPOTENCY_MISMATCH if the key came with another body before, IDEMPOTENCY_IN_FLIGHT if another
 * request has taken the key over, StoreUnavailableError, and the errors of `receive`.
 */
export async function receiveBody<T> (
  request: FastifyRequest,
  body: AsyncGenerator<Buffer, void, void>,
  receive: (body: AsyncGenerator<Buffer, void, void>) => Promise<T>
): Promise<T> {
  const attempt = attemptOf(request)
  if (attempt === null) return await receive(body)
  const { bytes, digest } = hashed(body)
  const received = await receive(bytes)
  attempt.identify(bodyType(request), digest())
  await attempt.beforeSend()
  return received
}

/**
 * Makes the functions by which a bulk close calls Connect. When the caller leaves, pauses between calls end early, but
 * a call that was sent is finished. Right before a call is sent, `bulkClose` asks its argument `isOpen`. When that
 * gives false, it sends nothing and gives null.
 */
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
  /** Gives the number of records to close: all of the request, or those of the file that are known so far. */
  requested: () => number
  /** Closes the records and yields their outcomes. Returns the numbers of all outcomes. */
  run: (options: CloseOptions) => Outcomes
  /** Closes the temporary file with the records. Called one time, when no more records will be closed. */
  close: () => Promise<void>
}

/**
 * Runs a bulk close and sends the outcomes as they become known: all in NDJSON, or in JSON those of records that are
 * not closed. When the caller does not read and the buffers of the answer are full, no further batch goes to Connect.
 * When the caller does not read for too long, the connection is closed. The metrics and the audit line count every
 * outcome, including those that the caller never reads.
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
  const isNdjson = preferredType(request.headers.accept, 'application/json', [NDJSON]) === NDJSON
  const text = keptAlive(isNdjson ? asNdjson(outcomes) : asJson(outcomes))
  const stream = Readable.from(closeWhenUnread(request, reply, text), { objectMode: false, highWaterMark: 64 * 1024 })
  stream.once('close', () => {
    // The caller may leave while batches are still at Connect. Their outcomes must be counted, so `return` waits for
    // these batches here.
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

/**
 * Counts a bulk close as begun, and takes the attempt of its Idempotency-Key from the request. Gives the function to
 * call when the bulk close is over: it updates the metrics, calls `close` and finishes the attempt. A further call of
 * that function only waits for the first one.
 */
function endOnce (
  request: FastifyRequest, reply: FastifyReply, progress: CloseProgress, close: () => Promise<void>
): () => Promise<void> {
  const { metrics } = request.server
  // The attempt is taken from the request, because it must not end with the answer: the answer may be cut off while
  // records are still being closed.
  const attempt = takeAttempt(request)
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

/**
 * Passes on the outcomes of a bulk close, and calls `end` before their reader learns that there are no more. So the
 * bulk close is over when the caller has the whole answer and sends its next request.
 */
async function * endedBefore (outcomes: Outcomes, end: () => Promise<void>): Outcomes {
  try {
    return yield * outcomes
  } finally {
    await end()
  }
}

/**
 * Passes on the pieces of an answer. Closes the connection when the caller does not read them for twice `idleMs`, or
 * for MAX_UNREAD_WHEN_STOPPING_MS while the service stops, because its bulk close keeps a slot from other callers.
 */
function closeWhenUnread (
  { server, log }: FastifyRequest, reply: FastifyReply, pieces: AsyncIterable<string>
): AsyncIterable<string> {
  const { idleMs } = server.bulkCloses.limits
  const maxUnreadMs = (): number => (server.isDraining() ? MAX_UNREAD_WHEN_STOPPING_MS : 2 * idleMs)
  return watchReader(pieces, maxUnreadMs, () => {
    log.warn('the connection was closed: the caller does not read the outcomes')
    reply.raw.destroy()
  })
}
