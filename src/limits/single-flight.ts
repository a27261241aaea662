/** Runs work once for all requests of a key that come while the work runs. A key without work takes no memory. */
export interface SingleFlight<Value> {
  /**
   * Gives the result or the error of the work that runs for the key. If no work runs, runs `work`; requests that come
   * meanwhile share its result.
   */
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/** `isPrivate` tells which errors are only for the request that ran the work. The others then share a new run. */
export function createSingleFlight<Value> (isPrivate: (error: unknown) => boolean): SingleFlight<Value> {
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
