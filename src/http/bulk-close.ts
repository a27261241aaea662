import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { asJson, asNdjson } from '../closing/answer.ts'
import type { CloseOptions } from '../closing/close-items.ts'
import type { CloseSummary, RecordOutcome } from '../closing/record-outcome.ts'
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

/** While the service stops, the connection of a caller that leaves the outcomes unread for so long is closed. */
const MAX_UNREAD_WHEN_STOPPING_MS = 5000

/**
 * Gives the result of `receive`, which reads the whole body. Then, before the first call to Connect, marks the
 * Idempotency-Key in the store, if there is a key. Throws IDEMPOTENCY_MISMATCH if the key came with another body
 * before.
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
 * Gives the calls to Connect that a bulk close makes. When the caller leaves, a pause between two calls ends early, but
 * a call that was sent is finished.
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
  /** Gives the number of records to close. For a whole file: the number of those that are known so far. */
  requested: () => number
  run: (options: CloseOptions) => Outcomes
  /** Frees what the bulk close holds. `sendOutcomes` calls it once, when no more records will be closed. */
  close: () => Promise<void>
}

/**
 * Sends the outcomes as they become known: all in NDJSON, or in JSON those of records that are not closed. When the
 * caller does not read and the buffers of the answer are full, no further batch goes to Connect. The metrics and the
 * audit line count every outcome, also those that the caller never reads.
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
    // The caller may leave while batches are still at Connect. `return` waits for them, so that their outcomes are
    // counted.
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

/** Gives the function that ends a bulk close. A second call of that function only waits for the first one. */
function endOnce (
  request: FastifyRequest, reply: FastifyReply, progress: CloseProgress, close: () => Promise<void>
): () => Promise<void> {
  const { metrics } = request.server
  // The attempt must not end with the answer, which may be cut off while records are still being closed.
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
 * Gives the outcomes, and then calls `end`. So `end` runs before the answer is complete, and the bulk close is over
 * when the caller sends its next request.
 */
async function * endedBefore (outcomes: Outcomes, end: () => Promise<void>): Outcomes {
  try {
    return yield * outcomes
  } finally {
    await end()
  }
}

/**
 * Gives `pieces`. Closes the connection when the caller does not read the next piece for `2 * idleMs` (5 s while the
 * service stops), because the bulk close of this caller keeps a slot from other callers.
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
