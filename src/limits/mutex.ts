/** Lets one at a time hold a key; the others wait, first come, first served. */
export interface Mutex {
  /** Gives what frees the key again; null, with nothing held, when too many wait for it or the wait is too long. */
  enter: (key: string) => Promise<(() => void) | null>
}

export interface MutexLimits {
  /** For one key. */
  maxWaiting: number
  maxWaitMs: number
}

/** A key that nobody holds takes no memory. */
export function createMutex ({ maxWaiting, maxWaitMs }: MutexLimits): Mutex {
  /** The keys that are held, each with those who wait, in the order of their arrival. */
  const held = new Map<string, Set<() => void>>()
  const leaveOf = (key: string, waiting: Set<() => void>) => (): void => {
    // The key passes on directly, so that a newcomer cannot slip in between.
    const [next] = waiting
    if (next === undefined) held.delete(key)
    else next()
  }
  return {
    enter: async (key) => {
      const waiting = held.get(key)
      if (waiting === undefined) {
        const nobody = new Set<() => void>()
        held.set(key, nobody)
        return leaveOf(key, nobody)
      }
      if (waiting.size >= maxWaiting) return null
      return await new Promise((resolve) => {
        const admit = (): void => {
          clearTimeout(timer)
          waiting.delete(admit)
          resolve(leaveOf(key, waiting))
        }
        const timer = setTimeout(() => {
          waiting.delete(admit)
          resolve(null)
        }, maxWaitMs)
        waiting.add(admit)
      })
    }
  }
}
