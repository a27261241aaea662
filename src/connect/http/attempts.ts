import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { requireSuccess } from './responses.ts'
import type { JsonReader } from './responses.ts'
import type { CallContext } from '../api.ts'
import { ConnectError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import { exchange } from './exchange.ts'
import type { Answer } from './exchange.ts'
import type { Gate } from './gate.ts'
import type { Limits } from '../limits.ts'
import { createRetryBudget, isOtherObject, retryPauseMs } from './retry.ts'
import type { Scope } from './deadline.ts'
import { createThrottles } from './throttles.ts'
import type { MeasuredBody } from '../upload-body.ts'

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

export interface Attempts {
  /**
   * Sends once, and tells the observer how it went. The place in the pool is given back when the socket is free or
   * gone, which for a stream is long after the answer is known.
   */
  once (what: Attempt, scope: Scope, ctx: CallContext, attempt?: number): Promise<Answer>
  /**
   * Sends a read and gives what `take` makes of the answer. Sends it again where that may help, the call has time left
   * for it and the client retries left.
   */
  read<T> (what: Attempt, take: (answer: Answer) => T, scope: Scope, ctx: CallContext): Promise<T>
}

const neverStreams = (): boolean => false

/** What the calls of one client share: no read is sent before Connect's time, and few of them twice. */
export function createAttempts (limits: Limits): Attempts {
  const throttles = createThrottles()
  const retries = createRetryBudget()

  const once: Attempts['once'] = async (what, scope, ctx, attempt = 1) => {
    const { target, via, body, streams } = what
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
        dripMs: limits.dripMs,
        onDone: via.gate.leave
      })
      requireSuccess(answer, what)
      observe(answer.status, null)
      return answer
    } catch (error) {
      if (answer?.body instanceof Readable) answer.body.on('error', () => {}).destroy()
      if (error instanceof ConnectError) observe(error.status, error)
      throw error
    }
  }

  const read: Attempts['read'] = async (what, take, scope, ctx) => {
    const isOfConnect = what.isForeign !== true
    retries.called()
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (isOfConnect) throttles.check(ctx.credential, what.target)
        return taken(await once(what, scope, ctx, attempt), take)
      } catch (error) {
        if (isOfConnect) throttles.note(ctx.credential, error)
        const pause = retryPauseMs(error, attempt, limits, Math.random())
        if (pause === null || pause >= scope.remainingMs() || !retries.take()) throw error
        await scope.sleep(pause, what.target)
      }
    }
  }
  return { once, read }
}

function taken<T> (answer: Answer, take: (answer: Answer) => T): T {
  try {
    return take(answer)
  } catch (error) {
    if (isOtherObject(error)) answer.ask.client?.endSocket()
    throw error
  }
}

function withTrace ({ request, isForeign }: Attempt, traceparent: string | null): Dispatcher.DispatchOptions {
  if (traceparent === null || isForeign === true) return request
  return { ...request, headers: [...request.headers, 'traceparent', traceparent] }
}

/** A refusal by Connect is none; other errors and lost answers may follow upon the work. */
function mayHaveActed (status: number | null, failure: ConnectError | null): boolean {
  if (failure === null) return true
  return (
    failure.sent !== 'no' && failure.bodyComplete && !(failure.kind === 'response' && status !== null && status < 500)
  )
}
