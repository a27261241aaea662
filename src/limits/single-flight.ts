/**
 * Runs a piece of work once for all requests with the same key that come while it runs. A key whose work is over takes
 * no memory.
 */
export interface SingleFlight<Value> {
  /**
   * Waits for the work that runs for the key, and gives its result or throws its error. If no work runs for the key,
   * runs `work`.
   */
  run: (key: string, work: () => Promise<Value>) => Promise<Value>
}

/**
 * Makes a SingleFlight. `isPrivate` tells whether an error concerns only the request whose work threw it. The requests
 * that waited for that work do not get such an error: they run the work of one of them.
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
