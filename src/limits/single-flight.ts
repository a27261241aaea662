/**
 * Runs a piece of work once for all requests with the same key that come while it runs. A key whose work is over takes
 * no memory.
 */
export interface SingleFlight<Value> {
  /**
   * Waits for the work that runs for the key, and gives its result or throws its error. If no work runs for the key,
   * runs `work`, and gives its result or throws its error.
   */
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/**
 * Makes a SingleFlight. `isPrivate` tells whether an error concerns only the request whose `work` threw it. The
 * requests that waited do not get such an error: one of them runs its own `work`, and the others wait for that.
 */
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
