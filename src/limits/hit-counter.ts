export interface Hits {
  /** The sum of the costs of all hits of the key in the current window, with this hit. */
  count: number
  /** Milliseconds until the window ends, from now. */
  resetMs: number
}

/**
 * Counts hits by key in windows of time. A window of a key ends `windowMs` milliseconds after it began; the next hit of
 * the key begins a new window, with the count 0. `hit` adds `cost` (default: 1) to the count, and gives the new count.
 */
export interface HitCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits | Promise<Hits>
}

/** A hit counter whose `hit` gives its result at once, not as a promise. */
export interface LocalCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits
}

/**
 * Makes a counter that counts in this process, for at most `maxKeys` keys of each kind. The kind is the text of the key
 * up to its first colon; keys without a colon are one kind. Keys of one kind remove no key of another kind: a great
 * number of wrong credentials does not make the counter forget a caller. Above `maxKeys` the counter forgets that key
 * of the kind whose window began first. `now` gives the time in milliseconds.
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
        // The key is deleted first, and so moves to the end: the map stays in the order in which the windows began.
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
  /**
   * Is called with an error of `shared`, or with the error for a wait longer than `timeoutMs`; at most once a minute.
   */
  warn: (error: unknown) => void
  timeoutMs?: number
  now?: () => number
}

/**
 * The default of `timeoutMs`: how many milliseconds a hit waits for the shared counter. A request that has waited so
 * long may wait once more, for a command of the Redis store (at most COMMAND_MS). Both waits together are less than
 * half a second.
 */
const TIMEOUT_MS = 100
const PAUSE_MS = 5_000
const WARN_MS = 60_000

/**
 * Makes a counter that counts with `shared`. When `shared` throws or takes longer than `timeoutMs`, the hit is counted
 * with `local`, and so are all hits of the next 5 seconds (PAUSE_MS). Then `shared` is tried again. While `shared`
 * fails, each instance of the service thus has a limit of its own. Throws only what `local` and `warn` throw.
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
        // A counter in this process gives no promise, and needs no time limit.
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
