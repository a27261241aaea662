export interface Hits {
  /** Hits in the current window, this one included. A hit counts as its `cost`. */
  count: number
  /** Milliseconds until the window ends. */
  resetMs: number
}

/**
 * Counts hits by key in windows of `windowMs` milliseconds. A window begins with its first hit. `cost` is 1 by default.
 */
export interface HitCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits | Promise<Hits>
}

/** A counter that answers at once. */
export interface LocalCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits
}

/**
 * Counts in this process, for at most `maxKeys` keys of each kind. The kind is the text of the key before the first
 * colon: wrong credentials from many addresses push out no window of a caller. Above `maxKeys` the counter forgets the
 * key of the kind whose window began first: that window also ends first.
 */
export function createLocalCounter (maxKeys: number, now: () => number = () => performance.now()): LocalCounter {
  const kinds = new Map<string, Map<string, { count: number, endsAt: number }>>()
  return {
    hit: (key, windowMs, cost = 1) => {
      const at = now()
      const kind = key.slice(0, key.indexOf(':') + 1)
      const windows = kinds.get(kind) ?? new Map<string, { count: number, endsAt: number }>()
      kinds.set(kind, windows)
      let window = windows.get(key)
      if (window === undefined || window.endsAt <= at) {
        window = { count: 0, endsAt: at + windowMs }
        // Deleted first, so that the map is ordered by the beginnings of the windows.
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
  /** Called with a failure of `shared`, at most once a minute. */
  warn: (error: unknown) => void
  timeoutMs?: number
  now?: () => number
}

/** Milliseconds. Short, so that this and the store's own time limit stay below half a second together. */
const TIMEOUT_MS = 100
const PAUSE_MS = 5_000
const WARN_MS = 60_000

/**
 * Counts in the shared counter, or in the local one while the shared one fails: a limit for each instance is better
 * than no service. After a failure the shared counter is not used for PAUSE_MS.
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
        // A local store answers at once and needs no timer.
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
