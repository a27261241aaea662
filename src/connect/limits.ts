export interface PoolLimits {
  readonly connections: number
  /** For the headers of the response to one attempt. 0: no limit. */
  readonly headersMs: number
  /** The longest time in which no byte of a response body arrives. */
  readonly bodyIdleMs: number
  /** True: each attempt opens a socket. False: an idle socket is used again, and Connect may reset it then. */
  readonly isFresh: boolean
}

export interface Limits {
  readonly connectMs: number
  readonly keepAliveMs: number
  readonly keepAliveMaxMs: number
  readonly queueWaitMs: number
  /** The most calls that may wait for a slot of a pool, as a multiple of its `connections`. */
  readonly queueFactor: number
  readonly uploadTotalMs: number
  /** The longest time in an upload in which Connect neither takes more bytes nor answers. */
  readonly uploadSilenceMs: number
  readonly downloadTotalMs: number
  /** The client checks the data rate of a response body each time its waits for bytes add up to this time. */
  readonly rateCheckMs: number
  readonly maxJsonBytes: number
  readonly maxErrorBytes: number
  readonly maxHeaderBytes: number
  readonly maxRetries: number
  readonly retryPauseMinMs: number
  readonly retryPauseMaxMs: number
  /** A call that gets a longer Retry-After fails at once, and is not sent again. */
  readonly maxRetryAfterSeconds: number
  /** The longest time for which one 429 with Retry-After stops the calls of its account. */
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
  // `headersMs` is off, and `uploadSilenceMs` is used instead. undici's timer for `headersMs` starts with the request.
  // When it fires while the socket's buffer is full, it ends an upload that is slow but healthy.
  upload: Object.freeze({ connections: 8, headersMs: 0, bodyIdleMs: 30_000, isFresh: true }),
  download: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false }),
  storage: Object.freeze({ connections: 16, headersMs: 30_000, bodyIdleMs: 30_000, isFresh: false })
})
