import { errorOfConnection, type UsageApiError } from './errors.ts'

const FIRST_PAUSE_MS = 250
const MAX_PAUSE_MS = 8000

export interface RetryOptions {
  /** For how many milliseconds failed requests are repeated. */
  retryMs: number
  signal?: AbortSignal | undefined
}

/**
 * Does `attempt` until it succeeds, fails for good, or `retryMs` are over. Throws the last `UsageApiError`, the reason
 * of the signal when it aborts, or the error that a CallerError wraps. `attempt` must be safe to repeat: a read, or a
 * write with its Idempotency-Key.
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

/**
 * Decides how often and how long a request is repeated that fails or makes no progress: for `retryMs` from the
 * beginning or the last progress.
 */
export class Patience {
  readonly #options: RetryOptions
  #end: number
  #pauses = 0

  constructor (options: RetryOptions) {
    this.#options = options
    this.#end = Date.now() + options.retryMs
  }

  /** Notes progress: the time for repeats begins anew, with the shortest pause. */
  renew (): void {
    this.#end = Date.now() + this.#options.retryMs
    this.#pauses = 0
  }

  /**
   * Waits before the next request, and gives true. Gives false at once when there should be no next one: the error is
   * final, or the time would be over. `error` is null when the request did not fail, but made no progress. Throws the
   * reason of the signal when it aborts.
   */
  async pause (error: UsageApiError | null): Promise<boolean> {
    const pauseMs = Math.max(pauseAfter(this.#pauses), error?.retryAfterMs ?? 0)
    if (error?.mayRepeat === false || Date.now() + pauseMs > this.#end) return false
    this.#pauses++
    await sleep(pauseMs, this.#options.signal)
    return true
  }
}

/**
 * Gives the `UsageApiError` for what a failed attempt has thrown. When the signal has aborted, it throws the reason of
 * the signal instead; for a CallerError it throws the error that this wraps.
 */
export function failureOf (cause: unknown, signal?: AbortSignal | undefined): UsageApiError {
  if (signal?.aborted === true) throw signal.reason
  if (cause instanceof CallerError) throw cause.cause
  return errorOfConnection(cause)
}

/**
 * Wraps an error of the code that uses the client, for example of its rows or of its function for tokens. The methods
 * of the client throw the wrapped error (`cause`), and do not send the request again.
 */
export class CallerError extends Error {}

/**
 * Gives the pause in ms after a number of failures. It doubles from 250 ms to 8 s; a random part of ±25% keeps clients
 * from sending at the same time.
 */
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
