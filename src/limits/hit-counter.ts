export interface Hits {
  /** In the current window, this one included. */
  count: number
  /** Until the window ends. */
  resetMs: number
}

/** Counts by key in windows of a fixed length, each of which begins with its first hit. */
export interface HitCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits | Promise<Hits>
}

/** One that has its counts at hand. */
export interface LocalCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits
}

/**
 * Counts in this process, for so many keys at most: past that the one whose window began first is forgotten, which is
 * the one that matters least.
 */
export function createLocalCounter (maxKeys: number, now: () => number = () => performance.now()): LocalCounter {
  const windows = new Map<string, { count: number, endsAt: number }>()
  return {
    hit: (key, windowMs, cost = 1) => {
      const at = now()
      let window = windows.get(key)
      if (window === undefined || window.endsAt <= at) {
        window = { count: 0, endsAt: at + windowMs }
        // Set anew, so that the order of the map is that of the windows' beginnings.
        windows.delete(key)
        windows.set(key, window)
        const [oldest] = windows.keys()
        if (windows.size > maxKeys && oldest !== undefined) windows.delete(oldest)
      }
      window.count += cost
      return { count: window.count, resetMs: Math.ceil(Math.min(window.endsAt - at, windowMs)) }
    }
  }
}

export interface FallbackOptions {
  shared: HitCounter
  local: HitCounter
  /** Told at most once a minute. */
  warn: (error: unknown) => void
  timeoutMs?: number
  now?: () => number
}

/** Together with what the store may take for an idempotency key it stays below half a second. */
const TIMEOUT_MS = 100
const PAUSE_MS = 5_000
const WARN_MS = 60_000

/**
 * Counts in the shared counter, and in the local one while that fails or does not answer: a limit that counts by
 * instance is better than a service that stands still. After a failure the shared one is left alone for 5 s.
 */
export function createFallbackCounter ({
  shared,
  local,
  warn,
  timeoutMs = TIMEOUT_MS,
  now = () => performance.now()
}: FallbackOptions): HitCounter {
  let sharedFrom = -Infinity
  let warnedAt = -Infinity
  return {
    hit: async (key, windowMs, cost) => {
      if (now() < sharedFrom) return await local.hit(key, windowMs, cost)
      try {
        const hits = shared.hit(key, windowMs, cost)
        // A store at hand needs no clock beside it.
        return hits instanceof Promise ? await within(timeoutMs, hits) : hits
      } catch (error) {
        sharedFrom = now() + PAUSE_MS
        if (now() - warnedAt >= WARN_MS) {
          warnedAt = now()
          warn(error)
        }
        return await local.hit(key, windowMs, cost)
      }
    }
  }
}

async function within<T> (timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new Error(`no answer within ${timeoutMs} ms`)) }, timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
