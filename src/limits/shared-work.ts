/** Lets requests for the same thing share one piece of work. A key without work takes no memory. */
export interface SharedWork<Value> {
  /**
   * Gives the result or the error of the work that runs for the key. If none runs, runs `work`, also for all who come
   * meanwhile.
   */
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/** `isPrivate` tells which errors concern only the request that ran the work. The others run it again, together. */
export function createSharedWork<Value> (isPrivate: (error: unknown) => boolean): SharedWork<Value> {
  const running = new Map<string, Promise<Value>>()
  return {
    run: async (key, work) => {
      for (let other = running.get(key); other !== undefined; other = running.get(key)) {
        try {
          return await other
        } catch (error) {
          if (!isPrivate(error)) throw error
        }
      }
      const own = work().finally(() => { running.delete(key) })
      running.set(key, own)
      return await own
    }
  }
}
