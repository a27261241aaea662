import { errorOfConnection, type UsageApiError } from './errors.ts'

const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 8000

export interface RetryOptions {
  retryMs: number
  signal?: AbortSignal | undefined
}

/**
 * Repeats `attempt` for up to `retryMs` while its error has `mayRepeat`. With `retryMs` above 0, `attempt` must be safe
 * to repeat: a read, or a write with its Idempotency-Key.
 */
export async function withRetries<T> (attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const patience = new Patience(options)
  for (;;) {
    try {
      options.signal?.throwIfAborted()
      return await attempt()
    } catch (cause) {
      const error = failureOf(cause, options.signal)
      if (!await patience.pause(error)) throw error
    }
  }
}

/** Ends the repeats when `retryMs` have passed since the beginning or the last call of `renew`. */
export class Patience {
  readonly #options: RetryOptions
  #end: number
  #pauses = 0

  constructor (options: RetryOptions) {
    this.#options = options
    this.#end = Date.now() + options.retryMs
  }

  renew (): void {
    this.#end = Date.now() + this.#options.retryMs
    this.#pauses = 0
  }

  /** Gives true after a pause; false at once for an error without `mayRepeat`, or if the pause would end too late. */
  async pause (error: UsageApiError | null): Promise<boolean> {
    const pauseMs = Math.max(pauseAfter(this.#pauses), error?.retryAfterMs ?? 0)
    if (error?.mayRepeat === false || Date.now() + pauseMs > this.#end) return false
    this.#pauses++
    await sleep(pauseMs, this.#options.signal)
    return true
  }
}

/** Throws the reason of an aborted signal, and the cause of a CallerError. Gives any other error as UsageApiError. */
export function failureOf (cause: unknown, signal?: AbortSignal | undefined, response?: Response): UsageApiError {
  if (signal?.aborted === true) throw signal.reason
  if (cause instanceof CallerError) throw cause.cause
  return errorOfConnection(cause, response)
}

/** Wraps an error that the caller's rows or credential caused. The client throws that error, and does not repeat. */
export class CallerError extends Error {}

/** Gives a pause in ms that doubles from 250 ms to 8 s. A random ±25 % keeps clients from sending at the same time. */
export function pauseAfter (failures: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.75 + Math.random() / 2)
}

/** Waits for `ms` milliseconds. Throws the reason of the signal when it aborts. */
export async function sleep (ms: number, signal?: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
  })
}
