import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { requireSuccess } from './answers.ts'
import type { JsonReader } from './answers.ts'
import type { CallContext } from './api.ts'
import { ConnectError } from './errors.ts'
import type { CallTarget } from './errors.ts'
import { exchange } from './exchange.ts'
import type { Answer } from './exchange.ts'
import type { Gate } from './gate.ts'
import type { Limits } from './limits.ts'
import { retryPauseMs } from './retry.ts'
import type { Scope } from './scope.ts'
import type { MeasuredBody } from './upload-body.ts'

export interface Attempt {
  readonly target: CallTarget
  readonly via: { readonly gate: Gate, readonly dispatcher: Dispatcher }
  readonly request: Dispatcher.DispatchOptions & { readonly headers: string[] }
  /** Not Connect's: nothing of our caller's request goes there. */
  readonly isForeign?: true
  /** For uploads: `request.body` is its stream. */
  readonly body?: MeasuredBody
  /** For downloads: the statuses whose body becomes a stream. */
  readonly streams?: (status: number) => boolean
  readonly readJson: JsonReader
  /** Awaited when the call has its place; when it throws, nothing is sent. */
  readonly beforeSend?: (() => Promise<void>) | undefined
}

const neverStreams = (): boolean => false

/**
 * Sends once, and tells the observer how it went. The place in the pool is given back when the socket is free or gone,
 * which for a stream is long after the answer is known.
 */
export async function attemptOnce (
  what: Attempt, scope: Scope, ctx: CallContext, limits: Limits, attempt = 1
): Promise<Answer> {
  const { target, via, body, streams, readJson } = what
  let startedAt = performance.now()
  let traceparent: string | null = null
  const observe = (status: number | null, failure: ConnectError | null): void => ctx.observe?.({
    operation: target.operation,
    attempt,
    status,
    failure: failure?.kind ?? null,
    durationMs: performance.now() - startedAt,
    traceparent,
    isWrite: target.method !== 'GET',
    mayHaveActed: target.method !== 'GET' && mayHaveActed(status, failure)
  })
  let answer: Answer | null = null
  try {
    await via.gate.enter(scope, target)
    await what.beforeSend?.().catch((error: unknown) => {
      via.gate.leave()
      throw error
    })
    startedAt = performance.now()
    traceparent = ctx.traceparent?.(target.operation, attempt) ?? null
    answer = await exchange({
      dispatcher: via.dispatcher,
      target,
      request: withTrace(what, traceparent),
      scope,
      body,
      streams: streams ?? neverStreams,
      maxBytes: streams === undefined ? limits.maxJsonBytes : limits.maxErrorBytes,
      onDone: via.gate.leave
    })
    requireSuccess(answer, target, readJson)
    observe(answer.status, null)
    return answer
  } catch (error) {
    if (answer?.body instanceof Readable) answer.body.on('error', () => {}).destroy()
    if (error instanceof ConnectError) observe(error.status, error)
    throw error
  }
}

function withTrace ({ request, isForeign }: Attempt, traceparent: string | null): Dispatcher.DispatchOptions {
  if (traceparent === null || isForeign === true) return request
  return { ...request, headers: [...request.headers, 'traceparent', traceparent] }
}

/** A refusal is none however it is worded; other errors and lost answers may follow upon the work. */
function mayHaveActed (status: number | null, failure: ConnectError | null): boolean {
  if (failure === null) return true
  return failure.sent !== 'no' && failure.bodyComplete && !(failure.kind === 'response' && status !== null && status < 500)
}

/** Sends a read, and sends it again where that may help and the call has time left for it. */
export async function attemptRead (what: Attempt, scope: Scope, ctx: CallContext, limits: Limits): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(what, scope, ctx, limits, attempt)
    } catch (error) {
      const pause = retryPauseMs(error, attempt, limits, Math.random())
      if (pause === null || pause >= scope.remainingMs()) throw error
      await scope.sleep(pause, what.target)
    }
  }
}
