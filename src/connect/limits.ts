/** Every number of the client in one place. Times are milliseconds, sizes bytes. */

export interface PoolLimits {
  readonly connections: number
  /** Waiting for Connect's headers, one attempt. 0: watched elsewhere. */
  readonly headersMs: number
  /** Silence inside a response body. */
  readonly bodyIdleMs: number
  /** True: a socket serves one call, so that a reset can never be blamed on its reuse. */
  readonly isFresh: boolean
}

export interface Limits {
  readonly connectMs: number
  readonly keepAliveMs: number
  readonly keepAliveMaxMs: number
  readonly queueWaitMs: number
  /** Waiting calls a pool bears, as a multiple of its connections. */
  readonly queueFactor: number
  readonly uploadTotalMs: number
  /** Connect neither reads on nor answers while it is its turn. */
  readonly uploadSilenceMs: number
  readonly downloadTotalMs: number
  /** An answer that merely drips is given up after so much waiting for its body (limits/minimum-rate.ts). */
  readonly rateCheckMs: number
  readonly maxJsonBytes: number
  readonly maxErrorBytes: number
  readonly maxHeaderBytes: number
  readonly maxRetries: number
  readonly retryPauseMinMs: number
  readonly retryPauseMaxMs: number
  readonly maxRetryAfterSeconds: number
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
  // CloudBlue raised its own clients to 300 s for answers to uploads.
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
  jsonRead: Object.freeze({ connections: 32, headersMs: 30_000, bodyIdleMs: 15_000, isFresh: false }),
  jsonWrite: Object.freeze({ connections: 16, headersMs: 60_000, bodyIdleMs: 15_000, isFresh: true }),
  // undici's own headers timer runs from the start of a request and fires on a slow but healthy upload whenever the
  // socket happens to be full at that moment; uploadSilenceMs does its work.
  upload: Object.freeze({ connections: 8, headersMs: 0, bodyIdleMs: 30_000, isFresh: true }),
  download: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false }),
  storage: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false })
})
