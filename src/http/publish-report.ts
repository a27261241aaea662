import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UsageReport } from '../../schemas/usage-report.ts'
import { ConnectError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import { withoutSlash } from '../idempotency/fingerprint.ts'
import { ReportClaim } from '../publishing/claim.ts'
import { Publishing, type Job } from '../publishing/publish.ts'
import { writeContext } from './call-context.ts'
import { clientSignal } from './client-signal.ts'
import { stopping } from './plugins/drain.ts'
import { callerOf } from './plugins/auth.ts'
import { attemptOf, replayKept } from './plugins/idempotency.ts'
import { waitSeconds } from './prefer.ts'
import type { ReceivedReport, ReceiveReport } from './receive-report.ts'
import { RowsOfRequest } from './report-rows.ts'
import { toAppError } from './to-app-error.ts'

export interface PublishOptions {
  externalId: string
  isSubmitted: boolean
  hasAssets: boolean
  receiveReport: ReceiveReport
  /** A part of the key of a report in the store: the same external id at another Connect is another report. */
  connectBaseUrl: string
}

/** A request without `Prefer: wait` waits for Connect's work at most until so many seconds after its body has come. */
const DEFAULT_WAIT_S = 20

/**
 * Receives a report, publishes it, and answers: 200, or 202 while Connect is still at work. If the answer to an earlier
 * request with the Idempotency-Key is kept, sends that instead. Once a write of this request is known to be done, an
 * error names the steps that have ended.
 */
export async function publishReport (
  request: FastifyRequest, reply: FastifyReply, options: PublishOptions
): Promise<UsageReport | FastifyReply> {
  const preferred = waitSeconds(request.headers['prefer'])
  const waitMs = 1000 * (preferred ?? DEFAULT_WAIT_S)
  if (preferred !== null) reply.header('preference-applied', `wait=${preferred}`)
  const signal = signalOf(request, reply)
  const received = await options.receiveReport(request, signal)
  try {
    const replayed = await replayKept(request, reply, async () => received.content)
    if (replayed !== undefined) return replayed
    attemptOf(request)?.identify(...received.content)
    const published = await publish(request, received, { ...options, signal, deadline: performance.now() + waitMs })
    return published.state === 'processing'
      ? await reply.code(202).header('retry-after', '2').send(published)
      : published
  } finally {
    await received.rows.file.close()
  }
}

/** Publishes under the claim of the report. Throws REPORT_IN_FLIGHT while another request has this claim. */
async function publish (
  request: FastifyRequest, received: ReceivedReport,
  { externalId, isSubmitted, hasAssets, connectBaseUrl, signal, deadline }: PublishOptions & {
    signal: AbortSignal, deadline: number
  }
): Promise<UsageReport> {
  const { journal, log, server: { connect, store, watching } } = request
  const context = writeContext(request)
  const rows = new RowsOfRequest(request, received, signal)
  const claim = await ReportClaim.take(
    store, JSON.stringify(['usage-report', withoutSlash(connectBaseUrl), context.account.accountId, externalId])
  )
  const report = { externalId, header: received.header, isSubmitted, hasAssets }
  const untilAtRest: Job['untilAtRest'] = async fileId =>
    await watching.untilAtRest('usage-file', fileId, { caller: callerOf(request), deadline, signal })
  const publishing = new Publishing({ connect, context, claim, report, rows, untilAtRest, signal })
  try {
    return await publishing.publish()
  } catch (error) {
    throw withSteps(error instanceof ConnectError && signal.aborted ? signal.reason : error, publishing)
  } finally {
    const steps = Object.fromEntries(publishing.steps.map(({ step, outcome }) => [step, outcome]))
    journal.add({ kind: 'report', fileId: publishing.fileId, steps })
    await claim.release(error => { log.warn({ err: error }, 'the claim of a report was not given back') })
    await rows.close()
  }
}

/**
 * Gives a signal that aborts when the caller leaves, or when a stop of the service reaches its phase "cancel". To be
 * called before the body is received, because a caller may leave while it sends.
 */
function signalOf (request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const stopped = new AbortController()
  const stopListening = request.server.onCancelWaiting(() => {
    stopped.abort(stopping('This instance is stopping before the report was published. Send it again.'))
  })
  reply.raw.once('close', stopListening)
  return AbortSignal.any([clientSignal(reply), stopped.signal])
}

/**
 * Adds the steps that have ended, and the id of the usage file, to an error. The error stays as it is if no write of
 * this request is known to be done, or if the error says that the caller left.
 */
function withSteps (error: unknown, { steps, fileId, hasWritten }: Publishing): unknown {
  if (!hasWritten || error instanceof DOMException) return error
  const { code, message, options } = toAppError(error)
  return new AppError(code, message, {
    ...options, extra: { ...options.extra, steps, ...(fileId !== null && { fileIds: [fileId] }) }, cause: error
  })
}
