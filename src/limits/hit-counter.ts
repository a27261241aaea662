export interface Hits {
  /** The sum of the costs of all hits of the key in the current window, this hit included. */
  count: number
  resetMs: number
}

/** A hit of a key without a window begins one of `windowMs`. Each hit adds `cost` (default: 1) to the count. */
export interface HitCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits | Promise<Hits>
}

export interface LocalCounter {
  hit: (key: string, windowMs: number, cost?: number) => Hits
}

/**
 * Makes a counter in this process, for at most `maxKeys` keys of each kind. The kind is the text of the key up to its
 * first colon. Above `maxKeys` the counter forgets that key of the kind whose window began first. Therefore many wrong
 * credentials (`wrong:…`) do not make it forget a caller (`calls:…`).
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
  /** Gets an error of `shared`, or a time-out after `timeoutMs`. Called at most once a minute. */
  warn: (error: unknown) => void
  timeoutMs?: number
  now?: () => number
}

const TIMEOUT_MS = 100
const PAUSE_MS = 5_000
const WARN_MS = 60_000

/**
 * Makes a counter that counts with `shared`. After an error of `shared`, or a wait longer than `timeoutMs`, it counts
 * with `local` for 5 seconds. In that time each instance of the service has a limit of its own.
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
