import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { ownIteration } from '../../limits/own-iteration.ts'
import type { Semaphore, Slot } from '../../limits/semaphore.ts'
import type { CallContext } from '../api.ts'
import { ConnectError, ConnectOverloadedError, ConnectResponseError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { MeasuredBody } from '../upload-body.ts'
import type { Deadline } from './deadline.ts'
import { exchange, type ConnectResponse } from './exchange.ts'
import type { JsonReader } from './read-json.ts'
import { requireSuccess } from './responses.ts'
import { RetryBudget, isOtherObject, retryPauseMs } from './retry.ts'
import { Throttles } from './throttles.ts'

export interface Call {
  readonly target: CallTarget
  readonly pool: { readonly semaphore: Semaphore, readonly dispatcher: Dispatcher }
  readonly request: Dispatcher.DispatchOptions & { readonly headers: string[] }
  /** A call to a storage host gets no `traceparent`, and is sent also while Connect throttles the account. */
  readonly isForeign?: true
  /** For an upload only: the body whose `stream` is `request.body`. */
  readonly body?: MeasuredBody
  /** For downloads: whether a response with this status becomes a stream. Other bodies are collected. */
  readonly isStreamed?: (status: number) => boolean
  readonly readJson: JsonReader
  /** Awaited when the call has its slot. If it throws, the call is not sent. */
  readonly beforeSend?: (() => Promise<void>) | undefined
}

/**
 * Sends calls: a write once, a read again after some failures. Holds what all calls of one client share: the throttle
 * of each credential, and the retry budget.
 */
export class CallSender {
  readonly #limits: Limits
  readonly #throttles: Throttles
  readonly #retries = new RetryBudget()

  constructor (limits: Limits) {
    this.#limits = limits
    this.#throttles = new Throttles(limits.maxThrottleSeconds)
  }

  /**
   * Sends a call once. Rejects with a ConnectError, with a TypeError for arguments that undici refuses, or with what
   * `beforeSend` threw. The slot is released when the socket is free or closed: for a stream, often after this call.
   */
  async once (call: Call, deadline: Deadline, ctx: CallContext, attempt = 1): Promise<ConnectResponse> {
    const { target, pool } = call
    const times: Times = { startedAt: performance.now(), traceparent: null }
    let response: ConnectResponse | null = null
    try {
      const slot = await acquireSlot(pool.semaphore, deadline, target)
      await call.beforeSend?.().catch((error: unknown) => {
        slot.release()
        throw error
      })
      times.startedAt = performance.now()
      times.traceparent = ctx.traceparent?.(target.operation, attempt) ?? null
      response = await this.#exchange(call, deadline, slot, times.traceparent)
      requireSuccess(response, call)
      observe(ctx, target, attempt, times, response.status, null)
      return response
    } catch (error) {
      if (response?.body instanceof Readable) response.body.on('error', () => {}).destroy()
      if (error instanceof ConnectError) observe(ctx, target, attempt, times, error.status, error)
      throw error
    }
  }

  /**
   * Sends a write once. While Connect throttles the account, first waits for the end of the pause. Sends nothing and
   * rejects with ConnectResponseError (429) when the pause is longer than `maxRetryAfterSeconds` or the time left, or
   * was extended.
   */
  async write (call: Call, deadline: Deadline, ctx: CallContext, attempt = 1): Promise<ConnectResponse> {
    await this.#waitForThrottle(call, deadline, ctx)
    try {
      return await this.once(call, deadline, ctx, attempt)
    } catch (error) {
      this.#throttles.note(ctx.credential, error, ctx.requestId)
      throw error
    }
  }

  /**
   * Sends a read. After an error for which `retryPauseMs` gives a pause, sends it again if the context, the time left
   * and the retry budget allow that. An attempt to Connect that begins while Connect throttles the account is not sent
   * and fails with 429. Exception: the reads of a request whose own write got a 429.
   */
  async read<T> (
    call: Call, readResponse: (response: ConnectResponse) => T, deadline: Deadline, ctx: CallContext
  ): Promise<T> {
    const isToConnect = call.isForeign !== true
    this.#retries.addCall()
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (isToConnect) this.#throttles.check(ctx.credential, call.target, ctx.requestId)
        const response = await this.once(call, deadline, ctx, attempt)
        if (Buffer.isBuffer(response.body) && response.body.length > LARGE_BYTES) await ownIteration()
        return readOrDestroySocket(response, readResponse)
      } catch (error) {
        if (isToConnect) this.#throttles.note(ctx.credential, error)
        const pause = ctx.mayRetry === false ? null : retryPauseMs(error, attempt, this.#limits, Math.random())
        if (pause === null || pause >= deadline.remainingMs() || !this.#retries.take()) throw error
        await deadline.sleep(pause, call.target)
      }
    }
  }

  async #waitForThrottle ({ target }: Call, deadline: Deadline, { credential }: CallContext): Promise<void> {
    try {
      this.#throttles.check(credential, target)
    } catch (error) {
      const pause = retryPauseMs(error, 1, this.#limits, 0)
      if (pause === null || pause >= deadline.remainingMs()) throw error
      await deadline.sleep(pause, target)
      this.#throttles.check(credential, target)
    }
  }

  async #exchange (
    call: Call, deadline: Deadline, slot: Slot, traceparent: string | null
  ): Promise<ConnectResponse> {
    const { target, body, isStreamed } = call
    return await exchange({
      dispatcher: call.pool.dispatcher,
      target,
      request: withTraceparent(call, traceparent),
      deadline,
      body,
      isStreamed: isStreamed ?? neverStreamed,
      // Of a download, only the bodies of other statuses than 200 are collected: the workbook becomes a stream.
      maxBytes: isStreamed === undefined ? this.#limits.maxJsonBytes : this.#limits.maxErrorBytes,
      rateCheckMs: this.#limits.rateCheckMs,
      onDone: slot.release
    })
  }
}

/** The parse of a larger body may take milliseconds, so it gets an iteration of the event loop of its own. */
const LARGE_BYTES = 64 * 1024

interface Times { startedAt: number, traceparent: string | null }

const neverStreamed = (): boolean => false

async function acquireSlot (semaphore: Semaphore, deadline: Deadline, target: CallTarget): Promise<Slot> {
  if (deadline.hasEnded) throw deadline.error(target)
  const acquired = await semaphore.acquire('', deadline)
  if ('release' in acquired) return acquired
  throw acquired.refused === 'ended' ? deadline.error(target) : new ConnectOverloadedError(target)
}

/** Destroys the socket after an answer about another object: the answers on this socket may be one call late. */
function readOrDestroySocket<T> (response: ConnectResponse, readResponse: (response: ConnectResponse) => T): T {
  try {
    return readResponse(response)
  } catch (error) {
    if (isOtherObject(error)) response.socketRequest.client?.destroySocket()
    throw error
  }
}

function withTraceparent ({ request, isForeign }: Call, traceparent: string | null): Dispatcher.DispatchOptions {
  if (traceparent === null || isForeign === true) return request
  return { ...request, headers: [...request.headers, 'traceparent', traceparent] }
}

function observe (
  ctx: CallContext, target: CallTarget, attempt: number, { startedAt, traceparent }: Times, status: number | null,
  failure: ConnectError | null
): void {
  const isWrite = target.method !== 'GET'
  ctx.observe?.({
    operation: target.operation,
    attempt,
    status,
    failure: failure?.kind ?? null,
    durationMs: performance.now() - startedAt,
    traceparent,
    isWrite,
    mayHaveActed: isWrite && mayHaveActed(failure)
  })
}

function mayHaveActed (failure: ConnectError | null): boolean {
  if (failure === null) return true
  const isRefused = failure instanceof ConnectResponseError && failure.status < 500 && failure.hasEnvelope
  return failure.sent !== 'no' && failure.bodyComplete && !isRefused
}
