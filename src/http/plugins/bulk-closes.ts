import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createAccountPaces, type AccountPace } from '../../closing/account-pace.ts'
import { asJson, asNdjson, NDJSON, wantsNdjson } from '../../closing/answer.ts'
import type { CloseOptions } from '../../closing/close-records.ts'
import type { CloseSummary, RecordOutcome } from '../../closing/outcome.ts'
import { CloseProgress } from '../../closing/progress.ts'
import type { Reader } from '../../closing/read-back.ts'
import type { Sender } from '../../closing/send-batch.ts'
import type { ConnectClient } from '../../connect/api.ts'
import { Semaphore } from '../../limits/semaphore.ts'
import { collectEvery } from '../../streaming/garbage.ts'
import { hashed } from '../../streaming/hashed.ts'
import type { BodyLimits } from '../../streaming/request-body.ts'
import { watchReader } from '../../streaming/watch-reader.ts'
import { createSpool, type SpooledFile } from '../../streaming/spool.ts'
import { limitAtOnce } from '../at-once.ts'
import { callerOf } from './auth.ts'
import { writeContext } from '../call-context.ts'
import { clientSignal } from '../client-signal.ts'
import { noteResult } from './idempotency.ts'

declare module 'fastify' {
  interface FastifyInstance { bulkCloses: BulkCloses }
}

export interface BulkCloses {
  limits: BodyLimits
  options: CloseOptions
  /** A place on disk for a list of records; 503 OVERLOADED when there are too many. */
  openPlace: () => Promise<SpooledFile>
  /** Calls of all requests together: they leave room in Connect's pools for everybody else. */
  writes: Semaphore
  reads: Semaphore
  /** Takes how many records have gone to Connect. */
  spent: (records: number) => void
  /** What the requests of an account share. */
  paceOf: (accountId: string) => AccountPace
}

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/** With `end` done before whoever reads the outcomes hears of their end: the next request may come right then. */
async function * ending (outcomes: Outcomes, end: () => Promise<void>): Outcomes {
  try {
    return yield * outcomes
  } finally {
    await end()
  }
}

const MAX_LISTS = 8
const MAX_WRITES = 12
const MAX_READS = 16
/**
 * The calls' sockets and timers, and what hangs on them, outlive V8's young generation: some 15 bytes a record, which
 * it would let grow to 200 MiB.
 */
const COLLECT_EVERY_RECORDS = 200_000

/** A place is not held for a caller that stopped reading, and stopping waits for it least of all. */
const MAX_UNREAD_WHEN_STOPPING_MS = 5000

/** The scope of closing many records: its bodies are read by the operations themselves, as they arrive. */
export const bulkCloses = fp(async (app, settings: { limits: BodyLimits, options: CloseOptions }) => {
  const spool = createSpool(tmpdir(), MAX_LISTS, {
    taken: 'There is no room for another list of records now; try again later.',
    noRoom: 'There is no room on disk for the list of records; try again later.'
  })
  limitAtOnce(app, { total: MAX_LISTS, each: MAX_LISTS / 2, what: 'lists of records' })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', NDJSON], (_request, _payload, done) => { done(null) })
  app.decorate('bulkCloses', {
    ...settings,
    writes: new Semaphore({ slots: MAX_WRITES }),
    reads: new Semaphore({ slots: MAX_READS }),
    spent: collectEvery(COLLECT_EVERY_RECORDS, 'all'),
    paceOf: createAccountPaces(),
    openPlace: spool.open
  })
}, { name: 'bulk-closes' })

/** The media type of a request's body, in lower case and without its parameters. */
export function bodyType (request: FastifyRequest): string {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Connect as the closing of records needs it. What is sent is seen through; only waiting ends with the caller. */
export function closingSteps (
  { writes, reads, spent }: BulkCloses,
  connect: ConnectClient,
  request: FastifyRequest,
  reply: FastifyReply
): Sender & Reader {
  const context = writeContext(request)
  const signal = clientSignal(reply)
  const { usageRecords } = connect
  return {
    bulkClose: async (list, isOpen) =>
      await writes.run(async () => {
        if (!isOpen()) return null
        spent(list.length)
        return await usageRecords.bulkClose(list, context)
      }),
    get: async id => await reads.run(async () => await usageRecords.get(id, context)),
    listFile: async (fileId, offset, limit) =>
      await reads.run(
        async () =>
          await usageRecords.list(
            { filter: { 'usagefile.id': fileId }, sort: ['created_time'], limit, offset },
            context
          )
      ),
    wait: async ms => await sleep(ms, undefined, { signal }).catch(() => {}),
    hasLeft: () => signal.aborted || reply.raw.destroyed,
    isStopping: request.server.isDraining
  }
}

/** How the records of this request are closed. */
function closeOptions ({ options, paceOf }: BulkCloses, request: FastifyRequest): CloseOptions {
  return { ...options, account: paceOf(callerOf(request).account.accountId) }
}

/**
 * Reads the body with `receive`; for a request with an Idempotency-Key it is from then on known which one it is, and it
 * counts as begun. Throws IDEMPOTENCY_MISMATCH, and what `receive` throws.
 */
export async function takeIn<T> (
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

/**
 * Answers with outcomes while they become known; a caller that reads slowly holds back the sending, and one that does
 * not read at all is cut off. The counters and the audit log get what became of every record, also of those whose
 * outcome nobody waited for; `requested` tells how many there are.
 */
export async function sendOutcomes (
  request: FastifyRequest,
  reply: FastifyReply,
  requested: () => number,
  run: (options: CloseOptions) => Outcomes,
  close: () => Promise<void>
): Promise<FastifyReply> {
  const { server } = request
  const { metrics, bulkCloses } = server
  const progress = new CloseProgress()
  const writeAudit = server.auditLater(request, () => ({ requested: requested(), ...progress.now() }))
  const { attempt } = request
  // It ends with the close, and once: an answer that is cut before its first byte is followed by that of the error.
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
  const endOnce = async (): Promise<void> => {
    await (ended ??= end())
  }
  const outcomes = ending(run({ ...closeOptions(bulkCloses, request), progress }), endOnce)
  const isNdjson = wantsNdjson(request.headers.accept)
  const maxUnreadMs = (): number => (server.isDraining() ? MAX_UNREAD_WHEN_STOPPING_MS : 2 * bulkCloses.limits.idleMs)
  const pieces = watchReader(isNdjson ? asNdjson(outcomes) : asJson(outcomes), maxUnreadMs, () => {
    request.log.warn('the caller does not read its outcomes: cut off')
    reply.raw.destroy()
  })
  const stream = Readable.from(pieces, { objectMode: false, highWaterMark: 64 * 1024 })
  stream.once('close', () => {
    // It may take longer than its caller stays: until it is over others with the key are refused.
    void outcomes
      .return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
      .then(endOnce, endOnce)
      .finally(() => {
        writeAudit(stream.readableEnded)
      })
  })
  return await reply
    .type(isNdjson ? NDJSON : 'application/json; charset=utf-8')
    .header('x-accel-buffering', 'no')
    .send(stream)
}
