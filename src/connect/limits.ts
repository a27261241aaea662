/** All limits of the client. Times are in milliseconds, sizes in bytes. */

export interface PoolLimits {
  readonly connections: number
  /** How long one attempt waits for Connect's headers. 0: for any time. */
  readonly headersMs: number
  /** The longest silence inside a response body. */
  readonly bodyIdleMs: number
  /** True: each call has a socket of its own, so that a reset is never caused by its reuse. */
  readonly isFresh: boolean
}

export interface Limits {
  readonly connectMs: number
  readonly keepAliveMs: number
  readonly keepAliveMaxMs: number
  readonly queueWaitMs: number
  /** Calls that may wait for a slot, as a multiple of the pool's connections. */
  readonly queueFactor: number
  readonly uploadTotalMs: number
  /** How long Connect may neither read on nor answer during an upload. */
  readonly uploadSilenceMs: number
  readonly downloadTotalMs: number
  /** After so much waiting for a response body its data rate is checked (limits/minimum-rate.ts). */
  readonly rateCheckMs: number
  readonly maxJsonBytes: number
  readonly maxErrorBytes: number
  readonly maxHeaderBytes: number
  readonly maxRetries: number
  readonly retryPauseMinMs: number
  readonly retryPauseMaxMs: number
  /** A call waits this long at most for the end of a Retry-After. */
  readonly maxRetryAfterSeconds: number
  /** For how long a 429 with Retry-After holds the calls of its account at most. */
  readonly maxThrottleSeconds: number
  readonly jsonRead: PoolLimits
  readonly jsonWrite: PoolLimits
  readonly upload: PoolLimits
  readonly download: PoolLimits
  readonly storage: PoolLimits
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  connectMs: 5_000,
  keepAliveMs: 4_000,
  keepAliveMaxMs: 15_000,
  queueWaitMs: 2_000,
  queueFactor: 2,
  uploadTotalMs: 900_000,
  // CloudBlue's own clients wait 300 s for answers to uploads.
  uploadSilenceMs: 300_000,
  downloadTotalMs: 1_800_000,
  rateCheckMs: 30_000,
  maxJsonBytes: 16 * 1024 * 1024,
  maxErrorBytes: 64 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxRetries: 2,
  retryPauseMinMs: 100,
  retryPauseMaxMs: 1_000,
  maxRetryAfterSeconds: 2,
  maxThrottleSeconds: 300,
  jsonRead: Object.freeze({ connections: 32, headersMs: 30_000, bodyIdleMs: 15_000, isFresh: false }),
  jsonWrite: Object.freeze({ connections: 16, headersMs: 60_000, bodyIdleMs: 15_000, isFresh: true }),
  // undici's timer for headers starts with the request. It ends a slow but healthy upload when the socket is full at
  // that moment. So it is off, and uploadSilenceMs is used instead.
  upload: Object.freeze({ connections: 8, headersMs: 0, bodyIdleMs: 30_000, isFresh: true }),
  download: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false }),
  storage: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false })
})
